// <submit-once data-busy="Sending…"><button type="submit">…</button></submit-once>
// Says at once that the press was heard, and takes no second one until the answer is here.
class SubmitOnce extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.form?.addEventListener('submit', this, { capture: true });
    this.form?.addEventListener('htmx:finally:request', this);
    window.addEventListener('pageshow', this); // back from the page after: the button works again
  }

  disconnectedCallback() {
    this.form?.removeEventListener('submit', this, { capture: true });
    this.form?.removeEventListener('htmx:finally:request', this);
    window.removeEventListener('pageshow', this);
  }

  get button() { return this.querySelector('button'); }

  handleEvent(event) {
    if (event.type !== 'submit') {
      this.free();
    } else if (this.form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else {
      this.form.dataset.busy = 'true';
      // Only the pressed button shows it, and only after the browser has read its name and value.
      if (!event.submitter || event.submitter === this.button) queueMicrotask(() => this.busy());
    }
  }

  busy() {
    this.button.setAttribute('aria-busy', 'true');
    const words = this.button.querySelector('span');
    this.words ??= words?.textContent;
    if (words && this.dataset.busy) words.textContent = this.dataset.busy;
  }

  free() {
    delete this.form?.dataset.busy;
    this.button?.removeAttribute('aria-busy');
    const words = this.button?.querySelector('span');
    if (words?.textContent === this.dataset.busy && this.words) words.textContent = this.words; // unless the answer brought others
    this.words = undefined;
  }
}

customElements.define('submit-once', SubmitOnce);

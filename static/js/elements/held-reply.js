// <held-reply data-writer="5" data-until="1767…" data-one data-many data-over><span data-words></span><span data-deeds>…</span></held-reply>
// Counts down to the instant at which a reply leaves. Only its writer is offered to take it back or to send it now.
const LATE = 4; // seconds after which the page asks whether it was sent

class HeldReply extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 500);
    this.tick();
    this.addEventListener('submit', () => { // undone, it is in the composer for replies: show that
      const mode = document.querySelector('[name="composer-mode"][value="reply"]');
      if (mode) mode.checked = true;
    });
  }

  disconnectedCallback() { clearInterval(this.timer); }

  // Whole seconds to go; negative once it should have left.
  get left() { return Math.ceil((Number(this.dataset.until) - window.helpdesk.now()) / 1000); }

  tick() {
    const { left, dataset } = this;
    const text = left > 1 ? dataset.many.replace('{n}', left) : left === 1 ? dataset.one : dataset.over;
    const words = this.querySelector('[data-words]');
    if (words.textContent !== text) words.textContent = text;
    this.querySelector('[data-deeds]').hidden = left < 1 || dataset.writer !== document.body.dataset.viewer;
    if (left > -LATE || left === this.asked || left % LATE) return;
    this.asked = left;
    document.dispatchEvent(new CustomEvent('live:catch-up'));
  }
}

customElements.define('held-reply', HeldReply);

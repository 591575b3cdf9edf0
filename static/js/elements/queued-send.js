// <queued-send role="status" data-waits data-sends data-edited><span></span> <button type="button" hidden>Cancel</button></queued-send>
// A message to which there was no answer waits in its form and goes again by itself once there is a connection: under the
// same key, so that it is written once (MSG-007), and past the same guards, so that what others wrote meanwhile holds it
// (MSG-006). Whoever changes the words takes it back: they are another message then. A closed page leaves its draft.
const [FIRST, LONGEST, BACK] = [2000, 30000, ['online', 'htmx:ws:after:connection']];

class QueuedSend extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.events = [...['htmx:error', 'htmx:before:request', 'htmx:finally:request', 'input', 'change'].map((name) => [this.form, name]), ...BACK.map((name) => [window, name])];
    this.events.forEach(([target, name]) => target.addEventListener(name, this));
    this.onclick = ({ target }) => { if (target.closest('button')) this.end(); };
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.events.forEach(([target, name]) => target.removeEventListener(name, this));
  }

  get field() { return this.form.querySelector('textarea'); }

  handleEvent(event) {
    const { type, detail } = event;
    if (type.startsWith('htmx') && !BACK.includes(type) && detail.ctx?.sourceElement !== this.form) return;
    if (type === 'input' || type === 'change') this.changed(event);
    else if (type === 'htmx:before:request') this.leaves();
    else if (type === 'htmx:error') this.failed(event);
    else if (type === 'htmx:finally:request') this.answered(detail.ctx.text);
    else this.send();
  }

  leaves() {
    if (!this.waits) return;
    this.field.readOnly = true; // nothing is typed into what leaves by itself
    this.say(this.dataset.sends);
  }

  // No answer, or only its beginning: it may be written, or may not.
  failed(event) {
    if (event.detail.ctx.text !== undefined) return;
    event.stopPropagation(); // what becomes of it is said here, and not that it failed
    [this.waits, this.asked] = [true, this.field.value];
    this.form.dataset.queued = '';
    this.say(this.dataset.waits, true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.min(LONGEST, FIRST * 2 ** (this.failures = (this.failures ?? 0) + 1)));
  }

  answered(text) {
    this.field.readOnly = false;
    if (text === undefined) return;
    if (this.waits) this.end();
    this.asked = undefined;
  }

  send() {
    if (!this.waits || this.form.dataset.busy || !navigator.onLine) return; // "online" will be said
    this.form.requestSubmit();
  }

  changed({ target }) {
    if (this.asked === undefined || this.form.dataset.busy || (target === this.field && this.field.value === this.asked)) return;
    this.asked = undefined;
    this.form.querySelector('kept-draft').number(); // or the server would take the new words for the old ones, sent twice
    if (this.waits) this.end(this.dataset.edited);
  }

  end(words = '') {
    clearTimeout(this.timer);
    [this.waits, this.failures] = [false, 0];
    delete this.form.dataset.queued;
    this.say(words);
  }

  say(words, canCancel = false) {
    [this.firstElementChild.textContent, this.lastElementChild.hidden] = [words, !canCancel];
  }
}

customElements.define('queued-send', QueuedSend);

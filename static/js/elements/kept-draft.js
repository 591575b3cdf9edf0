// <kept-draft data-key="ticket-5-reply"><textarea></textarea><p data-draft-line></p></kept-draft>
// Keeps unsent words on this device, per reader and key; an accepted form clears them and starts afresh.
const PREFIX = 'helpdesk.draft.';
const reader = document.body.dataset.viewer ?? '';

class KeptDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.addEventListener('input', this);
    this.form?.addEventListener('htmx:after:request', this);
    if (!this.form?.elements.submission?.value) this.number();
    this.restore();
  }

  // The key under which the server writes this message once, however often it is sent.
  number() {
    const key = this.form?.elements.submission;
    if (key) key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.form?.removeEventListener('htmx:after:request', this);
  }

  get field() { return this.querySelector('textarea'); }

  get key() { return `${PREFIX}${reader}.${this.dataset.key}`; }

  handleEvent(event) {
    if (event.type === 'input') {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), 300);
    } else if (event.detail.ctx.sourceElement === this.form && event.detail.ctx.response.status < 300) {
      this.accepted();
    }
  }

  restore() {
    const kept = localStorage.getItem(this.key);
    if (kept && this.field && !this.field.value) { // never over what the server or the writer put there
      this.field.value = kept;
      this.say(window.helpdesk.say('draft'));
    }
  }

  keep() {
    try {
      if (this.field.value.trim()) localStorage.setItem(this.key, this.field.value);
      else localStorage.removeItem(this.key);
      this.say(this.field.value.trim() ? window.helpdesk.say('draft') : '');
    } catch { this.say(''); } // storage is full or forbidden: the words stay in the field
  }

  say(text) {
    const line = this.querySelector('[data-draft-line]');
    if (line) line.textContent = text;
  }

  accepted() {
    clearTimeout(this.timer);
    localStorage.removeItem(this.key);
    this.form.reset();
    this.field.value = '';
    this.say('');
    this.number(); // the next message is another message
    this.field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

customElements.define('kept-draft', KeptDraft);

// Signing out on purpose leaves nothing behind for the next person at this machine.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[action="/logout"], [data-forget]')) return;
  Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => localStorage.removeItem(key));
});

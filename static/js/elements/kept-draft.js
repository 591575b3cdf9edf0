// <kept-draft data-key="ticket-5-reply"><textarea></textarea><p data-draft-line></p></kept-draft>
// Keeps unsent words on this device, per reader and key; an accepted form clears them and starts afresh.
const PREFIX = 'helpdesk.draft.';
const reader = document.body.dataset.viewer ?? '';
const read = (kept) => { try { return JSON.parse(kept) ?? {}; } catch { return { text: kept }; } };

class KeptDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    for (const name of ['input', 'change']) this.addEventListener(name, this); // a change: the page may be left now
    for (const name of ['htmx:after:request', 'draft:saved']) this.form?.addEventListener(name, this);
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
    for (const name of ['htmx:after:request', 'draft:saved']) this.form?.removeEventListener(name, this);
  }

  get field() { return this.querySelector('textarea'); }
  get key() { return `${PREFIX}${reader}.${this.dataset.key}`; }
  // Of the draft that the server has; nothing where it keeps none.
  get revision() { return this.form?.elements.revision?.value ?? ''; }

  handleEvent(event) {
    if (['input', 'change'].includes(event.type)) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), event.type === 'input' ? 300 : 0);
    } else if (event.type === 'draft:saved') {
      if (event.detail === this.field.value) { clearTimeout(this.timer); this.keep(true); }
    } else if (event.detail.ctx.sourceElement === this.form && event.detail.ctx.response.status < 300) {
      this.accepted();
    }
  }

  // Only what the server does not have, and never over what the server or the writer put there.
  restore() {
    const { text, saved, revision } = read(localStorage.getItem(this.key));
    const there = this.field.value;
    if (!text || saved || there.includes(text)) return;
    const goesOn = !there || text.startsWith(there) || revision === this.revision;
    this.field.value = goesOn ? text : `${there}\n\n${text}`;
    this.say(window.helpdesk.say('draft'));
  }

  keep(saved = false) {
    const text = this.field.value;
    try {
      if (text.trim()) localStorage.setItem(this.key, JSON.stringify({ text, saved, revision: this.revision }));
      else localStorage.removeItem(this.key);
      if (!this.closest('saved-draft')) this.say(text.trim() ? window.helpdesk.say('draft') : '');
    } catch { this.say(''); } // storage is full or forbidden: the words stay in the field
  }

  say(text) {
    this.querySelector('[data-draft-line]')?.replaceChildren(text);
  }

  accepted() {
    clearTimeout(this.timer);
    localStorage.removeItem(this.key);
    this.field.defaultValue = '';
    this.form.reset();
    delete this.form.elements.then?.dataset.chosen;
    this.say('');
    this.number(); // the next message is another message
    this.form.querySelectorAll('.files-kept').forEach((list) => list.remove());
    this.form.dispatchEvent(new CustomEvent('draft:sent'));
    this.field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

customElements.define('kept-draft', KeptDraft);

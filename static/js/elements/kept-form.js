// <kept-form data-key data-offline data-sent data-kept><form>…</form></kept-form>
// Keeps what a visitor has typed while it cannot be sent: offline, or on a page that is closed too early. Sent: forgotten.
const KEPT = ['subject', 'description', 'order', 'name', 'email', 'phone', 'category'];
const store = () => { try { return window.localStorage; } catch { return undefined; } }; // forbidden in some frames

class KeptForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector('form');
    this.name = `helpdesk.form.${this.dataset.key}`;
    const zone = this.form.elements.from_zone;
    if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
    this.addEventListener('submit', this, { capture: true }); // before the form's own listeners: none may take it as sent
    for (const name of ['input', 'htmx:finally:request']) this.addEventListener(name, this);
    for (const name of ['online', 'offline']) window.addEventListener(name, this);
    const [enter] = this.form.elements; // what Enter presses stands out of sight before the other language's
    if (!this.contains(enter)) enter.onclick = (event) => { event.preventDefault(); this.querySelector('submit-once button').click(); };
    this.restore();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.removeEventListener('submit', this, { capture: true });
    for (const name of ['input', 'htmx:finally:request']) this.removeEventListener(name, this);
    for (const name of ['online', 'offline']) window.removeEventListener(name, this);
    if (document.querySelector('#panel[data-ticket]')) this.forget(); // it was taken
  }

  handleEvent(event) {
    if (event.type === 'submit') this.send(event);
    else if (event.type === 'input') { clearTimeout(this.timer); this.timer = setTimeout(() => this.keep(), 300); }
    else if (event.type === 'offline') this.keep();
    else if (event.type !== 'online') { if (event.detail.ctx.hx?.redirect) this.forget(); } // taken; thanks are said elsewhere
    else if (this.waits) { this.waits = false; this.say(this.dataset.sent); }
  }

  send(event) {
    this.keep();
    if (navigator.onLine) return event.submitter?.name && event.stopImmediatePropagation(); // the other language: a new page
    event.preventDefault();
    event.stopImmediatePropagation();
    this.waits = true;
    this.say(this.dataset.offline);
  }

  get fields() { return KEPT.map((name) => this.form.elements[name]).filter(Boolean); }

  keep() {
    const said = Object.fromEntries(this.fields.filter((field) => field.value && !field.readOnly).map((field) => [field.name || field[0].name, field.value]));
    try {
      if (said.subject || said.description) store()?.setItem(this.name, JSON.stringify(said));
      else store()?.removeItem(this.name);
    } catch { /* full: the words stay in the form */ }
  }

  forget() { clearTimeout(this.timer); store()?.removeItem(this.name); }

  // Into an empty form only; what came back with errors, or from the page around, is newer.
  restore() {
    const { subject, description } = this.form.elements;
    if (subject.value || description.value) return;
    let said = {};
    try { said = JSON.parse(store()?.getItem(this.name) ?? '{}'); } catch { /* not ours */ }
    for (const name of Object.keys(said)) {
      const field = this.form.elements[name];
      if (field && !field.readOnly && !field.value) field.value = said[name];
    }
    if (said.subject || said.description) this.say(this.dataset.kept);
  }

  say(text) {
    this.line ??= Object.assign(document.createElement('p'), { className: 'notice notice-warn' });
    this.line.setAttribute('role', 'status');
    this.line.textContent = text;
    this.form.before(this.line);
  }
}

customElements.define('kept-form', KeptForm);

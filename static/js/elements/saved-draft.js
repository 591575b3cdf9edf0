// <saved-draft data-url data-saving data-unsaved data-refused data-other><kept-draft>…<p data-draft-line></p></kept-draft></saved-draft>
// Keeps unsent words on the server: two seconds after typing, on leaving the form, when the page is hidden and once it is
// connected again. What did not get through goes again in ever longer pauses, always as it stands then.
const [AFTER, LONGEST, BACK] = [2000, 30000, ['online', 'htmx:ws:after:connection']];

class SavedDraft extends HTMLElement {
  saving = 0; failures = 0; // a form that is moved does not forget what is under way
  connectedCallback() {
    this.form = this.closest('form');
    this.known = this.said(this.field.defaultValue); // what the server has
    this.events = [...['input', 'change', 'focusout', 'draft:sent'].map((name) => [this.form, name]), [document, 'visibilitychange'], ...['storage', ...BACK].map((name) => [window, name])];
    this.events.forEach(([target, name]) => target.addEventListener(name, this));
    if (this.dataset.back !== undefined) setTimeout(() => document.dispatchEvent(new CustomEvent('keys:press', { detail: 'reply' }))); // on with the words
    if (this.said() !== this.known) this.soon(); // restored from this device
  }
  disconnectedCallback() {
    clearTimeout(this.timer);
    this.events.forEach(([target, name]) => target.removeEventListener(name, this));
  }
  get field() { return this.querySelector('textarea'); }
  get line() { return this.querySelector('[data-draft-line]'); }  get place() { return `helpdesk.draft.${document.body.dataset.viewer}.${this.form.id}.revision`; }
  // What a save sends, as one text to compare.
  said(body = this.field.value) {
    const [{ kind, then }, files] = [this.form.elements, new FormData(this.form).getAll('uploads')];
    const fields = new URLSearchParams({ kind: kind.value, body: body.trim() ? body : '' });
    if (then && (body.trim() || files.length)) fields.set('then', then.value); // alone it is no draft
    return files.reduce((all, token) => `${all}&uploads=${encodeURIComponent(token)}`, fields.toString());
  }
  handleEvent({ type, key, newValue }) {
    const other = key === this.place && Number(newValue) > Number(this.form.elements.revision.value);
    if (type === 'draft:sent') this.known = this.said();
    else if (type === 'storage' && other) this.say(this.dataset.other);
    else if (['focusout', ...BACK].includes(type) || (type === 'visibilitychange' && document.hidden)) this.save(type === 'visibilitychange');
    else if (type === 'input' || type === 'change') this.soon();
  }
  soon() {
    if (this.said() === this.known) return void (this.failures && this.say('')); // taken back: nothing is unsaved
    this.say(this.dataset.saving);
    this.later();
  }
  later(pause = AFTER) { clearTimeout(this.timer); this.timer = setTimeout(() => this.save(), pause); }

  async save(leaving = false) {
    clearTimeout(this.timer);
    const said = this.said();
    if (said === this.known) return;
    if (this.form.dataset.busy || (this.saving && !leaving)) return void this.later(); // what is being sent needs none; one after another
    this.saving += 1;
    const { submission, revision, csrf_token: token } = this.form.elements;
    const key = submission.value;
    const more = new URLSearchParams({ submission: key, revision: revision.value, csrf_token: token.value });
    try {
      const options = { method: 'POST', body: new URLSearchParams(`${said}&${more}`), headers: { 'HX-Request': 'true' }, keepalive: leaving && said.length < 60000 };
      const answer = await window.helpdesk.send(this.dataset.url, options);
      if (!answer.ok) throw new Error(answer.status);
      if (key === submission.value) this.saved(said, await answer.text());
    } catch ({ message }) {
      if (this.isConnected && key === submission.value && this.said() !== this.known) this.failed(message);
      if (['400', '401'].includes(message)) document.getElementById('signed-out').hidden = false;
    }
    this.saving -= 1;
  }
  saved(said, html) {
    this.line.innerHTML = html;
    this.failures = 0;
    const { revision } = this.line.firstElementChild.dataset;
    if (!revision) return; // sent meanwhile
    this.known = said;
    this.form.elements.revision.value = revision;
    localStorage.setItem(this.place, revision); // other tabs hear of it
    this.form.dispatchEvent(new CustomEvent('draft:saved', { detail: new URLSearchParams(said).get('body') }));
  }
  failed(status) {
    this.say(Number(status) ? this.dataset.refused : this.dataset.unsaved);
    if (!(status < 500)) this.later(Math.min(LONGEST, AFTER * 2 ** ++this.failures)); // no answer is no number
  }
  say(text) { this.line.textContent = text; }
}

customElements.define('saved-draft', SavedDraft);

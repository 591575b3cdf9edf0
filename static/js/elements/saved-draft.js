// <saved-draft data-url data-saving data-unsaved data-refused data-other><kept-draft>…<p data-draft-line></p></kept-draft></saved-draft>
// Keeps unsent words on the server: two seconds after typing, on leaving the form and when the page is hidden.
const AFTER = 2000;

class SavedDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.known = this.said(this.field.defaultValue); // what the server has
    this.events = [...['input', 'change', 'focusout', 'draft:sent'].map((name) => [this.form, name]), [document, 'visibilitychange'], [window, 'storage']];
    this.events.forEach(([target, name]) => target.addEventListener(name, this));
    if (this.dataset.back !== undefined) setTimeout(() => this.field.focus()); // the words of a reply are here again: on with them
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
    else if (type === 'focusout' || (type === 'visibilitychange' && document.hidden)) this.save(type !== 'focusout');
    else if (type === 'input' || type === 'change') this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    if (this.said() === this.known) return;
    this.say(this.dataset.saving);
    this.timer = setTimeout(() => this.save(), AFTER);
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    const said = this.said();
    if (said === this.known || this.form.dataset.busy) return; // what is being sent needs no draft
    this.again = Boolean(this.saving && !leaving);
    if (this.again) return;
    this.saving = true;
    const { submission, revision, csrf_token: token } = this.form.elements;
    const key = submission.value;
    const more = new URLSearchParams({ submission: key, revision: revision.value, csrf_token: token.value });
    try {
      const options = { method: 'POST', body: new URLSearchParams(`${said}&${more}`), headers: { 'HX-Request': 'true' }, keepalive: leaving && said.length < 60000 };
      const answer = await window.helpdesk.send(this.dataset.url, options);
      if (!answer.ok) throw new Error(answer.status);
      if (key === submission.value) this.saved(said, await answer.text());
    } catch ({ message }) {
      if (key === submission.value) this.say(Number(message) ? this.dataset.refused : this.dataset.unsaved);
      if (['400', '401'].includes(message)) document.getElementById('signed-out').hidden = false;
    }
    this.saving = false;
    if (this.again) this.soon();
  }

  saved(said, html) {
    this.line.innerHTML = html;
    const { revision } = this.line.firstElementChild.dataset;
    if (!revision) return; // sent meanwhile
    this.known = said;
    this.form.elements.revision.value = revision;
    localStorage.setItem(this.place, revision); // other tabs hear of it
    this.form.dispatchEvent(new CustomEvent('draft:saved', { detail: new URLSearchParams(said).get('body') }));
  }

  say(text) { this.line.textContent = text; }
}

customElements.define('saved-draft', SavedDraft);

// <save-bar hidden data-ask="Leave …?" data-unsaved><button data-do="save">…<button data-do="discard">…</save-bar>
// Shows while the editor of a settings page holds what is not saved; leaving then asks once.
// `data-unsaved`: the page is the answer to a form that was sent and not saved.
class SaveBar extends HTMLElement {
  connectedCallback() {
    const forms = [...document.querySelectorAll('.settings form[method=post]')].filter((form) => this.button(form));
    const posted = forms.find((form) => form.action === location.href.split('#')[0]);
    this.forms = forms;
    this.form = this.hasAttribute('data-unsaved') ? posted ?? forms[0] : undefined;
    for (const name of ['input', 'change', 'submit', 'reset']) document.addEventListener(name, this);
    document.addEventListener('click', this, { capture: true });
    for (const name of ['beforeunload', 'pageshow']) window.addEventListener(name, this);
    this.show();
  }

  disconnectedCallback() {
    for (const name of ['input', 'change', 'submit', 'reset']) document.removeEventListener(name, this);
    document.removeEventListener('click', this, { capture: true });
    for (const name of ['beforeunload', 'pageshow']) window.removeEventListener(name, this);
  }

  button(form) { return form.querySelector('.button-primary[type=submit]'); }

  changed(form) {
    return [...form.elements].some((field) => {
      if (!field.name || field.type === 'hidden' || field.closest('[data-unkept]')) return false;
      if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
      if (field.type === 'file') return field.files.length > 0;
      if (field.options) return [...field.options].some((one) => one.selected !== one.defaultSelected) && !this.untouched(field);
      return 'defaultValue' in field && field.value !== field.defaultValue;
    });
  }

  // A list without a choice of its own shows its first line: nobody chose that.
  untouched(field) { return ![...field.options].some((one) => one.defaultSelected) && field.selectedIndex === 0; }

  show() {
    const dirty = this.forms.find((form) => this.changed(form)) ?? (this.hasAttribute('data-unsaved') ? this.form : undefined);
    this.form = dirty ?? this.form;
    this.dirty = Boolean(dirty);
    this.hidden = !this.dirty;
  }

  handleEvent(event) {
    if (event.type === 'submit') this.leaving = event.target === this.form && !event.submitter?.formTarget;
    else if (event.type === 'beforeunload') { if (this.dirty && !this.leaving) event.preventDefault(); }
    else if (event.type === 'click') this.press(event);
    else { if (event.type === 'pageshow') this.leaving = false; setTimeout(() => this.show()); }
  }

  press(event) {
    const deed = event.target.closest?.('save-bar [data-do]')?.dataset.do;
    if (deed === 'save') this.form.requestSubmit(this.button(this.form));
    else if (deed === 'discard') this.discard();
    else if (this.dirty && this.leaves(event)) {
      if (confirm(this.dataset.ask)) this.leaving = true; // asked once: the browser does not ask again
      else { event.preventDefault(); event.stopPropagation(); }
    }
  }

  leaves(event) {
    const link = event.target.closest?.('a[href]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button || link.target || link.matches('[data-deed~=help]')) return false;
    return link.href.split('#')[0] !== location.href.split('#')[0] || !link.hash;
  }

  discard() {
    this.leaving = true;
    if (this.hasAttribute('data-unsaved')) location.assign(location.pathname);
    else { this.form.reset(); this.leaving = false; }
  }
}

customElements.define('save-bar', SaveBar);

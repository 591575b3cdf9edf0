// <canned-picker data-field="id of the textarea" data-matches="/tickets/ACME-1/canned/matches">: an editable combobox.
// "/" at the start of a line or Ctrl+. opens it; what is chosen goes in at the caret and can be undone.
class CannedPicker extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.dataset.field);
    [this.popup, this.find, this.list] = ['.canned-popup', 'input', '[role=listbox]'].map((part) => this.querySelector(part));
    this.field?.addEventListener('keydown', this);
    for (const type of ['keydown', 'input', 'click', 'mousedown', 'focusout']) this.addEventListener(type, this);
  }

  handleEvent(event) {
    if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
    const { type, target, relatedTarget } = event;
    if (target === this.field) this.typed(event);
    else if (type === 'keydown') this.pressed(event);
    else if (type === 'input') { event.stopPropagation(); this.ask(); } // what is looked for is no draft
    else if (type !== 'focusout') this.pointed(event, target.closest('[role=option]'));
    else if (relatedTarget && !this.contains(relatedTarget)) this.show(false);
  }

  typed(event) {
    const slash = event.key === '/' && !event.ctrlKey && !event.metaKey && /(^|\n)$/.test(this.field.value.slice(0, this.field.selectionStart));
    if (slash || (event.key === '.' && event.ctrlKey)) this.open(slash ? '/' : '', event);
  }

  pressed(event) {
    const [{ options, at }, moves] = [this, { ArrowDown: this.at + 1, ArrowUp: Math.max(this.at, 0) - 1 }];
    if (event.target !== this.find || !(event.key in moves || ['Enter', 'Escape'].includes(event.key))) return;
    for (const end of ['preventDefault', 'stopPropagation']) event[end](); // they mean nothing else meanwhile
    if (event.key in moves) this.mark((moves[event.key] + options.length) % options.length);
    else if (event.key === 'Enter') this.choose(options[at]);
    else this.insert(this.find.value ? '' : this.opener); // "/" was meant as it is
  }

  pointed(event, option) {
    if (option && event.type === 'mousedown') event.preventDefault(); // the focus stays where it is
    else if (option) this.choose(option);
    else if (event.type === 'click' && event.target.closest('[data-open]') && !event.ctrlKey && !event.metaKey) this.open('', event);
  }

  get options() { return [...this.list.querySelectorAll('[role=option]')]; }
  show(open) { this.find.setAttribute('aria-expanded', String(!(this.popup.hidden = !open))); }

  open(opener, event) {
    event.preventDefault();
    Object.assign(this, { opener }).show(true);
    Object.assign(this.find, { value: '' }).focus();
    this.ask();
  }

  async ask() {
    const wanted = this.find.value;
    const text = await window.helpdesk.ask(`${this.dataset.matches}?q=${encodeURIComponent(wanted)}`);
    if (typeof text !== 'string' || wanted !== this.find.value) return; // a later letter was quicker
    this.list.innerHTML = text;
    this.mark(this.options.length ? 0 : -1);
  }

  mark(at) {
    this.options.forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    this.find.setAttribute('aria-activedescendant', this.options[this.at = at]?.id ?? '');
    this.options[at]?.scrollIntoView({ block: 'nearest' });
  }

  choose(option) {
    const headers = { 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content, 'HX-Request': 'true' };
    if (option) fetch(option.dataset.uses, { method: 'POST', headers }).catch(() => null); // only counts
    this.insert(option?.dataset.text);
  }

  insert(text) {
    this.show(false);
    this.field.focus();
    if (!text || document.execCommand('insertText', false, text)) return; // the way that the browser can undo
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, 'end');
    this.field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

customElements.define('canned-picker', CannedPicker);

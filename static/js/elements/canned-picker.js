// <canned-picker data-field="id of the textarea" data-matches="/tickets/ACME-1/canned/matches">: an editable combobox.
// "/" at the start of a line or Ctrl+. opens it; what is chosen goes in at the caret and can be undone.
class CannedPicker extends HTMLElement {
  connectedCallback() {
    this.field = document.getElementById(this.dataset.field);
    [this.popup, this.find, this.list] = ['.canned-popup', 'input', '[role=listbox]'].map((part) => this.querySelector(part));
    this.field?.addEventListener('keydown', this);
    for (const type of ['keydown', 'input', 'click', 'mousedown', 'focusout']) this.addEventListener(type, this);
  }

  disconnectedCallback() { this.field?.removeEventListener('keydown', this); }

  handleEvent(event) {
    if (event.isComposing || event.keyCode === 229) return; // the keys belong to the input method
    if (event.target === this.field) this.typed(event);
    else if (event.type === 'keydown') this.pressed(event);
    else if (event.type === 'input') { event.stopPropagation(); this.ask(); } // what is looked for is no draft
    else if (event.type === 'focusout') { if (event.relatedTarget && !this.contains(event.relatedTarget)) this.close('', false); }
    else this.pointed(event, event.target.closest('[role=option]'));
  }

  typed(event) {
    const slash = event.key === '/' && !event.ctrlKey && !event.altKey && !event.metaKey
      && /(^|\n)$/.test(this.field.value.slice(0, this.field.selectionStart));
    if (!slash && !(event.key === '.' && event.ctrlKey)) return;
    event.preventDefault();
    this.open(slash ? '/' : '');
  }

  pressed(event) {
    const { options, at } = this;
    const moves = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1 };
    if (event.target !== this.find || !(event.key in moves || ['Enter', 'Escape'].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation(); // they mean nothing else meanwhile
    if (event.key in moves) this.mark((moves[event.key] + options.length) % options.length);
    else if (event.key === 'Enter') this.choose(options[at]);
    else this.close(this.find.value ? '' : this.opener); // "/" was meant as it is
  }

  pointed(event, option) {
    if (option && event.type === 'mousedown') event.preventDefault(); // the focus stays where it is
    else if (option) this.choose(option);
    else if (event.type === 'click' && event.target.closest('[data-open]') && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.open('');
    }
  }

  get options() { return [...this.list.querySelectorAll('[role=option]')]; }

  open(opener) {
    Object.assign(this, { opener });
    this.find.value = '';
    this.popup.hidden = false;
    this.find.setAttribute('aria-expanded', 'true');
    this.find.focus();
    this.ask();
  }

  async ask() {
    const wanted = this.find.value;
    const answer = await fetch(`${this.dataset.matches}?q=${encodeURIComponent(wanted)}`, { headers: { 'HX-Request': 'true' } }).catch(() => null);
    if (!answer?.ok || wanted !== this.find.value) return; // a later letter was quicker
    this.list.innerHTML = await answer.text();
    this.mark(this.options.length ? 0 : -1);
  }

  mark(at) {
    this.at = at;
    this.options.forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    this.find.setAttribute('aria-activedescendant', this.options[at]?.id ?? '');
    this.options[at]?.scrollIntoView({ block: 'nearest' });
  }

  choose(option) {
    if (!option) return;
    const headers = { 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content, 'HX-Request': 'true' };
    fetch(option.dataset.uses, { method: 'POST', headers }).catch(() => null); // only counts
    this.close(option.dataset.text);
  }

  close(text = '', back = true) {
    this.popup.hidden = true;
    this.find.setAttribute('aria-expanded', 'false');
    if (back) this.field.focus();
    if (!text || document.execCommand('insertText', false, text)) return; // the way that the browser can undo
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, 'end');
    this.field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

customElements.define('canned-picker', CannedPicker);

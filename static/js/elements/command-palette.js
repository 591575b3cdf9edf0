// <dialog><command-palette data-url="/palette"><input role="combobox">…<ul role="listbox"></ul></command-palette></dialog>
// Whatever has data-deed="palette" opens it. The server finds; a command leads somewhere, or presses what a key would press.
const PAUSE = 120; // between letters
const pressable = (which) => [...document.querySelectorAll(`[data-deed~="${which}"]`)].some((each) => !each.disabled && !each.hidden);

class CommandPalette extends HTMLElement {
  connectedCallback() {
    this.dialog = this.closest('dialog');
    [this.find, this.list] = [this.querySelector('input'), this.querySelector('[role=listbox]')];
    for (const type of ['keydown', 'input', 'compositionend', 'click', 'mousedown']) this.addEventListener(type, this);
    document.addEventListener('click', ({ target }) => { if (target.closest('[data-deed~="palette"]')) this.toggle(); });
  }

  toggle() {
    if (this.dialog.open) { this.dialog.close(); return; }
    Object.assign(this, { eager: false }).list.replaceChildren();
    this.dialog.showModal();
    Object.assign(this.find, { value: '' }).focus();
    this.ask();
  }

  handleEvent(event) {
    if (event.isComposing || event.keyCode === 229) return; // the keys belong to an input method
    const option = event.target.closest('[role=option]');
    if (event.type === 'keydown') this.pressed(event);
    else if (event.type === 'input' || event.type === 'compositionend') this.soon();
    else if (event.type === 'mousedown' && option) event.preventDefault(); // the focus stays in the field
    else if (event.type === 'click' && option) this.choose(option, event);
    else if (event.type === 'click' && event.target.closest('[data-close]')) this.dialog.close();
  }

  pressed(event) {
    const last = this.options.length - 1;
    const moves = { ArrowDown: this.at >= last ? 0 : this.at + 1, ArrowUp: this.at <= 0 ? last : this.at - 1, PageDown: last, PageUp: 0 };
    if (event.target !== this.find || !(event.key in moves || event.key === 'Enter')) return;
    event.preventDefault();
    if (event.key in moves) this.mark(moves[event.key]);
    else if (this.options[this.at]) this.choose(this.options[this.at], event);
    else this.eager = true; // the answer is on its way
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
    this.at = undefined; // what is marked answers the letters before
  }

  get all() { return [...this.list.querySelectorAll('[role=option]')]; }
  get options() { return this.at === undefined ? [] : this.all; }
  async ask() {
    const wanted = this.find.value;
    const query = new URLSearchParams({ q: wanted, ticket: document.querySelector('.ticket-header')?.dataset.ticket ?? '' });
    const text = await window.helpdesk.ask(`${this.dataset.url}?${query}`);
    if (typeof text !== 'string' || wanted !== this.find.value) return; // a later letter was quicker
    this.list.innerHTML = text;
    this.all.forEach((option) => { if (option.dataset.press && !pressable(option.dataset.press)) option.remove(); });
    this.list.querySelectorAll('.palette-group').forEach((group) => { if (!group.querySelector('[role=option]')) group.remove(); });
    if (!wanted) window.helpdesk.recent.show(this.list, this.dataset.recent);
    this.mark(0);
    if (this.eager && this.options[0]) this.choose(this.options[0], {});
  }

  mark(at) {
    this.all.forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    this.find.setAttribute('aria-activedescendant', this.all[this.at = at]?.id ?? '');
    this.all[at]?.scrollIntoView({ block: 'nearest' });
  }

  choose(option, { ctrlKey, metaKey }) {
    const { address, press } = option.dataset;
    this.eager = false;
    window.helpdesk.recent.note(option);
    this.dialog.close(); // the focus is back where it was
    if (press) document.dispatchEvent(new CustomEvent('keys:press', { detail: press }));
    else if (ctrlKey || metaKey) window.open(address, '_blank', 'noopener');
    else location.assign(address);
  }
}

customElements.define('command-palette', CommandPalette);

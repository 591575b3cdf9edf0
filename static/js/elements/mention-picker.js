// <mention-picker data-field="id of the textarea" data-matches="/tickets/ACME-1/mentions" data-one data-many><ul role="listbox" hidden></ul></mention-picker>
// "@" and letters in the field open the list of colleagues; it stays in the field, which says what is marked (APG, listbox
// popup). The keys belong to an input method while it composes.
const AT = /(?:^|[^\p{L}\p{N}.@])@([\p{L}\p{M}\p{N}'. -]{0,40})$/u;
const [PAUSE, MOVES, AWAY] = [100, { ArrowDown: 1, ArrowUp: -1 }, ['ArrowLeft', 'ArrowRight', 'Home', 'End']];

class MentionPicker extends HTMLElement {
  connectedCallback() {
    [this.field, this.list, this.taken] = [document.getElementById(this.dataset.field), this.querySelector('[role=listbox]'), '@'];
    if (!this.field) return;
    this.field.setAttribute('aria-autocomplete', 'list');
    this.field.setAttribute('aria-controls', this.list.id);
    for (const type of ['input', 'keydown', 'compositionend', 'blur', 'click']) this.field.addEventListener(type, this, { capture: type === 'keydown' });
    for (const type of ['mousedown', 'click']) this.list.addEventListener(type, this);
  }

  handleEvent(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const option = event.target.closest?.('[role=option]');
    if (event.type === 'keydown') this.pressed(event);
    else if (event.type === 'mousedown') event.preventDefault(); // the focus stays in the field
    else if (event.type === 'blur') this.close();
    else if (option) this.choose(option);
    else this.soon();
  }

  get typed() { return this.field.value.slice(0, this.field.selectionStart).match(AT)?.[1]; }
  get options() { return [...this.list.children]; }
  close() { this.timer = clearTimeout(this.timer); this.show([]); }

  soon() {
    clearTimeout(this.timer);
    if (this.typed?.startsWith(this.taken) ?? true) this.show([]);
    else this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const [wanted, { timer }] = [this.typed, this];
    const text = wanted !== undefined && await window.helpdesk.ask(`${this.dataset.matches}?q=${encodeURIComponent(wanted)}`);
    if (typeof text !== 'string' || wanted !== this.typed || timer !== this.timer) return; // a later letter was quicker, or Escape
    this.list.innerHTML = text;
    this.show(this.options);
  }

  show(options) {
    const opens = this.list.hidden && options.length > 0;
    this.list.hidden = !options.length;
    this.mark(options.length ? 0 : -1);
    if (opens) document.getElementById('status').textContent = options.length === 1 ? this.dataset.one : this.dataset.many.replace('{n}', options.length);
  }

  mark(at) {
    this.at = at;
    this.options.forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    if (at < 0) this.field.removeAttribute('aria-activedescendant');
    else this.field.setAttribute('aria-activedescendant', this.options[at].id);
    this.options[at]?.scrollIntoView({ block: 'nearest' });
  }

  pressed(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const { length } = this.options;
    if (event.key in MOVES) this.mark((this.at + MOVES[event.key] + length) % length);
    else if (event.key === 'Enter' || event.key === 'Tab') this.choose(this.options[this.at]);
    else if (event.key === 'Escape') this.close();
    else return void (AWAY.includes(event.key) && this.close()); // the caret leaves what was typed
    event.preventDefault();
    event.stopPropagation(); // they mean nothing else meanwhile
  }

  choose(option) {
    const from = this.field.selectionStart - this.typed.length;
    this.field.setSelectionRange(from, this.field.selectionStart);
    this.taken = `${option.dataset.call} `; // which asks for nobody any more
    if (!document.execCommand('insertText', false, this.taken)) this.field.setRangeText(this.taken, from, this.field.selectionEnd, 'end'); // can be undone
    this.close();
  }
}

customElements.define('mention-picker', MentionPicker);

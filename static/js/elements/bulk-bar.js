// <bulk-bar data-one="…" data-many="{n} …"><form id="bulk">… <strong data-count></strong> <button data-clear></button></form></bulk-bar>
// The boxes of the rows ([data-pick]) belong to its form. What is chosen stays so while rows change; what left the list is not.
const HEARD = ['change', 'click', 'bulk:range', 'htmx:after:swap', 'htmx:after:request'];
const { boxes, mark, steadily } = window.helpdesk.picks;

class BulkBar extends HTMLElement {
  connectedCallback() {
    [this.form, this.chosen] = [this.querySelector('form'), new Set(boxes().filter((box) => box.checked).map((box) => box.value))];
    this.label = this.getAttribute('aria-label');
    HEARD.forEach((type) => document.addEventListener(type, this));
    this.show();
  }

  disconnectedCallback() { HEARD.forEach((type) => document.removeEventListener(type, this)); }

  handleEvent(event) {
    const { type, target } = event;
    if (type === 'change' && target.matches('[data-pick], [data-pick-all], [data-all]')) this.changed(target);
    else if (type === 'bulk:range') this.range(target);
    else if (type === 'click') this.clicked(event);
    else if (type === 'htmx:after:swap') this.again();
    else if (type === 'htmx:after:request' && event.detail.ctx.sourceElement === this.form) this.done(event.detail.ctx);
  }

  changed(box) {
    if (box.matches('[data-pick]')) this.pick(box);
    else if (box.matches('[data-all]')) this.show();
    else this.pickAll(box.checked);
  }

  clicked(event) {
    const box = event.target.closest('.pick')?.querySelector('[data-pick]');
    if (event.target.closest('[data-clear]')) this.pickAll(false, true);
    else if (box && event.shiftKey && event.target === box) this.range(box, box.checked);
  }

  pick(box) {
    this.chosen[box.checked ? 'add' : 'delete'](box.value);
    this.last = box.value;
    this.show();
  }

  range(box, checked = true) {
    const all = boxes();
    const [from, to] = [all.findIndex((each) => each.value === this.last), all.indexOf(box)].sort((a, b) => a - b);
    all.slice(Math.max(from, 0), to + 1).forEach((each) => { each.checked = checked; this.pick(each); });
  }

  pickAll(checked, isClear = false) {
    boxes().forEach((box) => { box.checked = checked; this.pick(box); });
    const first = document.querySelector('.queue-link');
    if (isClear) (first ?? document.querySelector('h1')).focus();
  }

  again() { // rows were replaced: the boxes are the server's
    boxes().forEach((box) => { box.checked = this.chosen.has(box.value); });
    this.chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
    this.show();
  }

  show() {
    const [count, all] = [this.chosen.size, this.querySelector('[data-all]')];
    if (all && !count) all.checked = false;
    steadily(() => { this.hidden = !count; });
    const words = count === 1 ? this.dataset.one : this.dataset.many.replace('{n}', count);
    this.querySelector('[data-count]').textContent = all?.checked ? '' : words;
    this.setAttribute('aria-label', count && !all?.checked ? words : this.label);
    mark();
  }

  done({ response }) {
    if (response?.status >= 300) return;
    this.querySelectorAll('.bulk-menu[open]').forEach((menu) => { menu.open = false; });
    this.form.reset();
    this.pickAll(false, true);
    document.dispatchEvent(new CustomEvent('queue:changed'));
  }
}

customElements.define('bulk-bar', BulkBar);

// <rule-order><ol><li data-place="1"><span draggable="true">…</span> … <form action="…/position">…</form></li></ol></rule-order>
// Dragging a rule to another place, as an extra to its buttons: it sends the same form with the number of the place.
class RuleOrder extends HTMLElement {
  connectedCallback() {
    for (const kind of ['dragstart', 'dragover', 'drop', 'dragend']) this.addEventListener(kind, this);
  }

  handleEvent(event) {
    this[event.type](event);
  }

  row(event) { return event.target.closest?.('[data-place]'); }

  dragstart(event) {
    this.carried = this.row(event);
    if (!this.carried) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', this.carried.dataset.place);
    event.dataTransfer.setDragImage(this.carried, 0, 0);
    this.carried.classList.add('is-carried');
  }

  dragover(event) {
    const over = this.row(event);
    if (!this.carried || !over) return;
    event.preventDefault();
    this.unmark();
    if (over !== this.carried) over.classList.add(this.isBefore(event, over) ? 'is-before' : 'is-behind');
  }

  isBefore(event, over) {
    const box = over.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2;
  }

  drop(event) {
    const over = this.row(event);
    if (!this.carried || !over) return;
    event.preventDefault();
    const from = Number(this.carried.dataset.place);
    const gap = Number(over.dataset.place) + (this.isBefore(event, over) ? 0 : 1); // the place in front of which it goes
    const to = gap > from ? gap - 1 : gap;
    const form = this.carried.querySelector('form[action$="/position"]');
    if (to === from) return;
    form.elements.place.value = to;
    form.submit();
  }

  dragend() {
    this.unmark();
    this.carried?.classList.remove('is-carried');
    this.carried = null;
  }

  unmark() {
    for (const row of this.querySelectorAll('.is-before, .is-behind')) row.classList.remove('is-before', 'is-behind');
  }
}

customElements.define('rule-order', RuleOrder);

// <draft-rest data-text="…"><template><li>…</li></template></draft-rest> in the answer to a save
// What another tab kept of this draft comes below the words here, where nobody writes; then all of it is this tab's.
class DraftRest extends HTMLElement {
  connectedCallback() {
    const form = this.closest('form');
    const field = form.elements.body;
    const end = field.value.length;
    if (this.dataset.text) field.setRangeText(`${end ? '\n\n' : ''}${this.dataset.text}`, end, end, 'preserve');
    form.querySelector('.files-chosen')?.append(this.querySelector('template').content);
    this.remove();
    queueMicrotask(() => field.dispatchEvent(new Event('input', { bubbles: true }))); // once the save is through
  }
}

customElements.define('draft-rest', DraftRest);

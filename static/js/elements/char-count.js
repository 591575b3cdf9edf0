// <char-count data-most="20000" data-one data-many="{n} characters left"><textarea></textarea></char-count>
// Says how much room is left, in the last fifth only; nothing is cut off, the server says what is too long.
class CharCount extends HTMLElement {
  connectedCallback() {
    this.most = Number(this.dataset.most);
    this.line = Object.assign(document.createElement('p'), { className: 'field-hint char-count' });
    this.line.setAttribute('aria-live', 'polite');
    this.append(this.line);
    this.addEventListener('input', this);
    this.handleEvent();
  }

  disconnectedCallback() {
    this.removeEventListener('input', this);
    this.line.remove();
  }

  handleEvent() {
    if (!this.line.isConnected) this.append(this.line); // a form that came back with errors was put in place without it
    const left = this.most - this.querySelector('textarea').value.length;
    const words = left === 1 ? this.dataset.one : this.dataset.many.replace('{n}', left.toLocaleString(document.documentElement.lang));
    const shown = left > this.most / 5 ? '' : words;
    if (this.line.textContent !== shown) this.line.textContent = shown;
    this.line.classList.toggle('is-over', left < 0);
  }
}

customElements.define('char-count', CharCount);

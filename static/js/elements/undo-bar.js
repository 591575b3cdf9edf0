// <undo-bar role="status">… <form><button>Undo</button></form></undo-bar>
// The way back from something just done: ten seconds, not counted while somebody points at it or is in it. Ctrl+Z takes it.
const STAYS = 10000;

class UndoBar extends HTMLElement {
  connectedCallback() {
    document.addEventListener('keydown', this);
    for (const type of ['mouseenter', 'focusin', 'mouseleave', 'focusout', 'htmx:after:request']) this.addEventListener(type, this);
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    document.removeEventListener('keydown', this);
  }

  wait() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.remove(), STAYS);
  }

  handleEvent(event) {
    if (event.type === 'keydown') this.pressed(event);
    else if (event.type === 'htmx:after:request') this.remove();
    else if (event.type === 'mouseenter' || event.type === 'focusin') clearTimeout(this.timer);
    else this.wait();
  }

  pressed(event) {
    const isWriting = event.target.matches?.('input, textarea, select, [contenteditable]');
    if (event.isComposing || isWriting || event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    event.preventDefault();
    this.querySelector('form').requestSubmit();
  }
}

customElements.define('undo-bar', UndoBar);

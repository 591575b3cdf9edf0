// <nav-strip><ul><li><a aria-current="page">…</ul></nav-strip>: a line to swipe through begins at where the reader is.
class NavStrip extends HTMLElement {
  connectedCallback() {
    const here = this.querySelector('[aria-current]');
    if (here) this.scrollLeft = here.offsetLeft - this.offsetLeft - (this.clientWidth - here.offsetWidth) / 2;
  }
}

customElements.define('nav-strip', NavStrip);

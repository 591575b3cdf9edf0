// <print-page></print-page> on a page that was asked for to be printed: the browser's dialog, once everything is here.
class PrintPage extends HTMLElement {
  connectedCallback() {
    if (document.readyState === 'complete') this.print();
    else window.addEventListener('load', () => this.print(), { once: true });
  }

  print() { setTimeout(() => window.print(), 300); }
}

customElements.define('print-page', PrintPage);

// <unread-bell data-url="/notifications/bell"><a id="bell" data-count="3" data-about="ACME-1 ACME-7">…</a></unread-bell>
// How much this reader has not read. A ring says only that it changed: the page asks, with its own rights, what there is.
const TOGETHER = 300; // rings of one burst become one request

class UnreadBell extends HTMLElement {
  connectedCallback() {
    for (const name of ['live:ring', 'live:catch-up']) document.addEventListener(name, this);
  }

  disconnectedCallback() {
    for (const name of ['live:ring', 'live:catch-up']) document.removeEventListener(name, this);
    clearTimeout(this.timer);
  }

  handleEvent({ type, detail }) {
    if (type === 'live:ring' && detail.ring !== 'user') return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), TOGETHER * (0.5 + Math.random()));
  }

  async refresh() {
    await window.htmx.ajax('GET', this.dataset.url, { source: this, target: this, swap: 'innerMorph' });
    document.dispatchEvent(new CustomEvent('bell:changed'));
  }
}

customElements.define('unread-bell', UnreadBell);

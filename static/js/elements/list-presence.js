// <list-presence data-url="/queue/presence" hidden></list-presence>
// Asks now and then whether those who were at the tickets of the list are there still: only who comes and goes is pushed.
const EVERY = 25000;
const OTHERS = `.presence-row .presence-person:not([data-user="${document.body.dataset.viewer}"])`;

class ListPresence extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => { if (document.querySelector(OTHERS)) this.ask(); }, EVERY);
    ['visibilitychange', 'live:catch-up'].forEach((name) => document.addEventListener(name, this));
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    ['visibilitychange', 'live:catch-up'].forEach((name) => document.removeEventListener(name, this));
  }

  handleEvent() { this.ask(); }

  async ask() {
    const ids = [...document.querySelectorAll('tr[data-ticket]')].map((row) => row.id.replace(/\D/g, ''));
    if (document.hidden || !ids.length) return;
    const answer = await fetch(`${this.dataset.url}?tickets=${ids.join(',')}`, { headers: { 'HX-Request': 'true' } }).catch(() => undefined);
    if (answer?.ok && !answer.redirected) window.htmx.swap({ sourceElement: this, target: this, swap: 'none', text: await answer.text() });
  }
}

customElements.define('list-presence', ListPresence);

// <list-presence data-url="/queue/presence" hidden></list-presence>
// Asks now and then whether those who were at the tickets of the list are there still: only who comes and goes is pushed.
// Of a ticket that was deleted while this page heard nothing there is no answer: the list hears of that from here.
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
    const rows = [...document.querySelectorAll('tr[data-ticket]')].map(({ id, dataset: { ticket } }) => ({ id: id.replace(/\D/g, ''), ticket }));
    if (document.hidden || !rows.length) return;
    const answer = await fetch(`${this.dataset.url}?tickets=${rows.map(({ id }) => id).join(',')}`, { headers: { 'HX-Request': 'true' } }).catch(() => undefined);
    if (!answer?.ok || answer.redirected) return;
    const text = await answer.text();
    window.htmx.swap({ sourceElement: this, target: this, swap: 'none', text });
    const gone = rows.filter(({ id }) => !text.includes(`"#ticket-${id}-presence-row"`));
    gone.forEach(({ ticket }) => document.dispatchEvent(new CustomEvent('live:ring', { detail: { ring: 'queue', ticket, gone: true } })));
  }
}

customElements.define('list-presence', ListPresence);

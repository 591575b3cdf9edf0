// <list-presence data-url="/queue/presence" hidden></list-presence>
// Asks now and then who is at the tickets of the list: who comes is pushed, who stays or was lost is not.
const EVERY = 25000;

class ListPresence extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.ask(), EVERY);
    document.addEventListener('visibilitychange', this);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this);
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

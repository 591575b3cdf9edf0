// <live-panels data-url="/tickets/ACME-1/panels" data-rings="ticket customer" hidden></live-panels>
// What beside a ticket is this reader's own, or hangs on other tickets, nobody pushes: it is asked for when something rang.
const [SOON, APART, MOST] = [300, 2000, 60000]; // a machine that slept while it asked was not answered slowly
const SIGNS = ['live:ring', 'live:catch-up', 'visibilitychange'];

class LivePanels extends HTMLElement {
  connectedCallback() {
    this.restUntil = 0;
    SIGNS.forEach((name) => document.addEventListener(name, this));
  }

  disconnectedCallback() {
    SIGNS.forEach((name) => document.removeEventListener(name, this));
    clearTimeout(this.timer);
  }

  handleEvent({ type, detail }) {
    if (type === 'live:ring' && !this.dataset.rings.split(' ').includes(detail.ring)) return;
    if (type !== 'visibilitychange') this.owed = true;
    if (this.owed && !document.hidden) this.timer ??= setTimeout(() => this.ask(), Math.max(SOON * (0.5 + Math.random()), this.restUntil - Date.now()));
  }

  async ask() {
    const began = Date.now();
    this.owed = false; // what rings from here on is asked for again
    const text = await window.helpdesk.ask(this.dataset.url);
    this.restUntil = Date.now() + Math.min(MOST, Math.max(APART, 20 * (Date.now() - began)));
    this.timer = undefined;
    if (text) window.htmx.swap({ sourceElement: this, target: this, swap: 'none', text });
    else this.owed = true; // with the next sign
    if (text && this.owed) this.handleEvent({});
  }
}

customElements.define('live-panels', LivePanels);

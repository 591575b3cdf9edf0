// <bell-reader data-number="ACME-1" hidden></bell-reader>
// Whoever looks at a ticket for a moment has read what his bell says about it.
const MOMENT = 1500;

class BellReader extends HTMLElement {
  connectedCallback() {
    document.addEventListener('bell:changed', this);
    document.addEventListener('visibilitychange', this);
  }

  disconnectedCallback() {
    document.removeEventListener('bell:changed', this);
    document.removeEventListener('visibilitychange', this);
    clearTimeout(this.timer);
  }

  get isDue() {
    return !document.hidden && document.getElementById('bell').dataset.about.split(' ').includes(this.dataset.number);
  }

  handleEvent() {
    clearTimeout(this.timer);
    if (this.isDue) this.timer = setTimeout(() => this.tell(), MOMENT);
  }

  tell() {
    if (!this.isDue) return;
    const body = new URLSearchParams({ csrf_token: document.querySelector('meta[name="csrf-token"]').content });
    fetch(`/notifications/${this.dataset.number}/reading`, { method: 'POST', body, headers: { 'HX-Request': 'true' }, keepalive: true })
      .catch(() => { /* no connection: told when it is back */ });
  }
}

customElements.define('bell-reader', BellReader);

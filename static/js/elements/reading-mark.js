// <reading-mark data-url="/tickets/ACME-1/reading" data-read="57" hidden></reading-mark>
// Tells the server how far this reader has read: what was in sight of an open, visible page for a moment.
const MOMENT = 1500;

class ReadingMark extends HTMLElement {
  connectedCallback() {
    this.read = Number(this.dataset.read);
    this.observer = new MutationObserver(() => this.look());
    this.observer.observe(document.getElementById('thread'), { childList: true });
    document.addEventListener('visibilitychange', this);
    this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.observer.disconnect();
    document.removeEventListener('visibilitychange', this);
  }

  handleEvent() { this.look(); }

  look() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.tell(), MOMENT);
  }

  async tell() {
    const newest = Math.max(0, ...[...document.querySelectorAll('#thread [data-message]')].map((row) => Number(row.dataset.message)));
    if (document.hidden || newest <= this.read) return;
    const body = new URLSearchParams({ message: newest, csrf_token: document.querySelector('meta[name="csrf-token"]').content });
    try {
      const answer = await fetch(this.dataset.url, { method: 'POST', body, keepalive: true });
      if (answer.ok) this.read = newest;
    } catch { /* no connection: told the next time something comes */ }
  }
}

customElements.define('reading-mark', ReadingMark);

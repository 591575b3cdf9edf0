// <bulk-progress data-url="/bulk/5" data-run="bulkrun-5-state"><div id="bulkrun-5-state">…</div></bulk-progress>
// How far a bulk change is comes over the socket; where none comes, the page asks. What is finished and seen is said so.
const EVERY = 5000;

class BulkProgress extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.ask(), EVERY);
    document.addEventListener('htmx:after:swap', this);
    this.handleEvent();
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener('htmx:after:swap', this);
  }

  get isDone() { return !this.querySelector('progress'); }

  handleEvent() {
    if (!this.isDone) { this.ran = true; return; }
    clearInterval(this.timer);
    if (this.ran) { location.reload(); return; } // with the reasons of what was skipped
    if (this.dataset.unseen === undefined || this.told) return;
    this.told = true;
    const headers = { 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content, 'HX-Request': 'true' };
    fetch(`${this.dataset.url}/reading`, { method: 'POST', headers }).catch(() => null);
  }

  async ask() {
    if (document.hidden || this.isDone) return;
    await window.htmx.ajax('GET', `${this.dataset.url}/state`, { source: this, target: `#${this.dataset.run}`, swap: 'outerMorph' });
  }
}

customElements.define('bulk-progress', BulkProgress);

// <queue-link><a href="/queue">…</a></queue-link>
// Back to the list that this tab came from, with its filters.
const KEY = 'helpdesk.queue';
const WHEN = ['pointerdown', 'focusin', 'click'];

class QueueLink extends HTMLElement {
  connectedCallback() {
    document.addEventListener('htmx:after:swap', this); // a morph puts the server's address back
    WHEN.forEach((name) => this.addEventListener(name, this, true)); // before the browser reads it
    this.handleEvent();
  }

  disconnectedCallback() { document.removeEventListener('htmx:after:swap', this); }

  handleEvent() {
    const from = sessionStorage.getItem(KEY);
    if (from?.startsWith('/queue')) this.querySelector('a').href = from;
  }
}

// A list that comes back out of the browser's memory runs no script anew, and is the one that was looked at last.
if (document.querySelector('live-queue')) addEventListener('pageshow', () => sessionStorage.setItem(KEY, location.pathname + location.search));
customElements.define('queue-link', QueueLink);

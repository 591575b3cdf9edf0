// <queue-link><a href="/queue">…</a></queue-link>
// Back to the list that this tab came from, with its filters.
const KEY = 'helpdesk.queue';

class QueueLink extends HTMLElement {
  connectedCallback() {
    const from = sessionStorage.getItem(KEY);
    if (from?.startsWith('/queue')) this.querySelector('a').href = from;
  }
}

if (document.querySelector('live-queue')) sessionStorage.setItem(KEY, location.pathname + location.search);
customElements.define('queue-link', QueueLink);

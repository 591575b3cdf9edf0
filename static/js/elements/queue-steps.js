// <queue-steps data-text="{n} of {count}"><a data-deed="previous" hidden>…<span hidden></span><a data-deed="next" hidden>…</queue-steps>
// To the neighbours of a ticket in the list that this tab came from, as that list stood when it was left.
const KEY = 'helpdesk.rows';

const rows = () => [...document.querySelectorAll('.queue-row .queue-link')].map((link) => link.getAttribute('href'));
if (document.querySelector('live-queue')) window.addEventListener('pagehide', () => sessionStorage.setItem(KEY, JSON.stringify(rows())));

class QueueSteps extends HTMLElement {
  connectedCallback() {
    document.addEventListener('htmx:after:swap', this); // a morph puts the server's words back
    this.handleEvent();
  }

  disconnectedCallback() { document.removeEventListener('htmx:after:swap', this); }

  handleEvent() {
    const list = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    const at = list.indexOf(location.pathname);
    if (at < 0) return;
    const [previous, place, next] = this.children;
    this.lead(previous, list[at - 1]);
    this.lead(next, list[at + 1]);
    place.textContent = this.dataset.text.replace('{n}', at + 1).replace('{count}', list.length);
    place.hidden = false;
  }

  lead(link, to) {
    link.hidden = !to;
    if (to) link.href = to;
  }
}

customElements.define('queue-steps', QueueSteps);

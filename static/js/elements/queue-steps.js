// <queue-steps data-text="{n} of {count}" data-page="{n} of {count} on this page"><a data-deed="previous" hidden>…<span hidden></span><a data-deed="next" hidden>…</queue-steps>
// To the neighbours of a ticket in the list that this tab came from, as that list stood when it was left. Its place there is
// what the list itself had counted; beyond that, the place on the page.
const KEY = 'helpdesk.list';

function list() {
  const { first, all } = document.getElementById('queue-rows').dataset;
  return { first, all, rows: [...document.querySelectorAll('.queue-row .queue-link')].map((link) => link.getAttribute('href')) };
}

if (document.querySelector('live-queue')) window.addEventListener('pagehide', () => sessionStorage.setItem(KEY, JSON.stringify(list())));

class QueueSteps extends HTMLElement {
  connectedCallback() {
    document.addEventListener('htmx:after:swap', this); // a morph puts the server's words back
    this.handleEvent();
  }

  disconnectedCallback() { document.removeEventListener('htmx:after:swap', this); }

  handleEvent() {
    const { first, all, rows } = JSON.parse(sessionStorage.getItem(KEY) ?? '{"rows": []}');
    const at = rows.indexOf(location.pathname);
    if (at < 0) return;
    const [previous, place, next] = this.children;
    this.lead(previous, rows[at - 1]);
    this.lead(next, rows[at + 1]);
    const n = new Intl.NumberFormat(window.helpdesk.language).format(Number(first || 1) + at);
    place.textContent = (first ? this.dataset.text : this.dataset.page).replace('{n}', n).replace('{count}', first ? all : rows.length);
    place.hidden = false;
  }

  lead(link, to) {
    link.hidden = !to;
    if (to) link.href = to;
  }
}

customElements.define('queue-steps', QueueSteps);

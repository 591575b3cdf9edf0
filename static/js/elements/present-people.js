// <present-people id="ticket-5-presence-line"><span class="presence-person" data-user data-name data-until data-writes data-state>…
// Others who are at a ticket. What the server said of them ends by itself: a browser that was killed says no good-bye.
const MOST = 3;
const AGAIN = 60000; // that somebody writes is said once a minute
const lists = new Set();
const saidAt = new Map();
const { viewer } = document.body.dataset;

class PresentPeople extends HTMLElement {
  connectedCallback() { lists.add(this); this.write(); }

  disconnectedCallback() { lists.delete(this); }

  write() {
    const now = window.helpdesk.now();
    const people = [...this.querySelectorAll('.presence-person')];
    const others = people.filter(({ dataset }) => dataset.user !== viewer && Number(dataset.until) > now);
    people.forEach((person) => { person.hidden = !others.slice(0, MOST).includes(person); });
    others.filter(({ dataset }) => dataset.state === 'writing' && Number(dataset.writes) <= now).forEach((person) => { person.dataset.state = 'viewing'; });
    const more = this.querySelector('.presence-more');
    more.hidden = others.length <= MOST;
    more.textContent = `+${Math.max(0, others.length - MOST)}`;
    if (this.matches('.presence-line')) this.tell(others.filter(({ dataset }) => dataset.state === 'writing'));
  }

  // Who writes is told where I write, too, and said aloud as he begins.
  tell(writers) {
    const words = writers.map((person) => person.querySelector('.presence-writing').textContent.trim());
    for (const line of document.querySelectorAll('[data-writers]')) {
      const text = line.closest('form').elements.body.value.trim() ? words.join(' · ') : '';
      if (line.textContent !== text) line.textContent = text;
    }
    writers.forEach(({ dataset: { user } }, i) => {
      const last = saidAt.get(user) ?? -AGAIN;
      if (performance.now() - last < AGAIN) return;
      saidAt.set(user, performance.now());
      document.getElementById('status').textContent = words[i];
    });
  }
}

customElements.define('present-people', PresentPeople);
const writeAll = () => lists.forEach((list) => list.write());
setInterval(writeAll, 1000);
document.addEventListener('htmx:after:swap', writeAll); // a morph puts the server's words back

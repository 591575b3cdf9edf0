// <snooze-times><input name="zone" type="hidden">…<input type="radio" name="until" value="tomorrow"> <span data-when="tomorrow">…</snooze-times>
// Says which days are meant, where the reader is, and tells the server where that is. A time of one's own is chosen by typing it.
const { language, zone } = window.helpdesk;
const [MINUTE, HOUR] = [60000, 3600000];
const place = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
const [digits, month] = language === 'vi' ? ['2-digit', '2-digit'] : ['numeric', 'short'];
const days = new Intl.DateTimeFormat(language, { timeZone: place, weekday: 'long', day: digits, month, year: 'numeric' });

// In the order of all dates of the page (local-time.js), with the weekday before it; not in that of the language's home.
function day(at) {
  const p = Object.fromEntries(days.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${p.weekday}, ${[p.day, p.month, p.year].join(language === 'vi' ? '/' : ' ')}`;
}

const weekday = (at) => new Date(`${new Intl.DateTimeFormat('en-CA', { timeZone: place }).format(at)}T12:00Z`).getUTCDay();

class SnoozeTimes extends HTMLElement {
  connectedCallback() {
    this.addEventListener('input', this);
    for (const name of ['htmx:after:swap', 'helpdesk:clock']) document.addEventListener(name, this);
    this.write();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    for (const name of ['htmx:after:swap', 'helpdesk:clock']) document.removeEventListener(name, this);
  }

  handleEvent({ type, target }) {
    if (type !== 'input') this.write();
    else if (target.name === 'at') this.querySelector('[value=at]').checked = true;
  }

  write() {
    const now = window.helpdesk.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), MINUTE - (now % MINUTE)); // the page may be open for days
    const ahead = { tomorrow: 1, monday: (8 - weekday(now)) % 7 || 7, week: 7 };
    this.querySelector('[name=zone]').value = place;
    for (const [name, count] of Object.entries(ahead)) this.querySelector(`[data-when=${name}]`).textContent = day(now + count * 24 * HOUR);
    this.querySelector('[data-when=hours]').textContent = new Intl.DateTimeFormat(language, { timeZone: place, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now + 3 * HOUR);
  }
}

customElements.define('snooze-times', SnoozeTimes);

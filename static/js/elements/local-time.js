// <local-time data-form="full|exact|short|promise|clock|zoned"><time datetime="…Z">…</time></local-time>
// Writes the instant in the reader's zone: "16:07 05/11/2026" in Vietnamese, "5 Nov 2026, 16:07" in English.
const { language, zone, say } = window.helpdesk;
const written = new Set();

const parts = (at, options) => Object.fromEntries(new Intl.DateTimeFormat(language, { hourCycle: 'h23', timeZone: zone, ...options })
  .formatToParts(at).map(({ type, value }) => [type, value]));

function full(at, seconds = {}) {
  const digits = language === 'vi' ? '2-digit' : 'numeric';
  const month = language === 'vi' ? '2-digit' : 'short';
  const p = parts(at, { year: 'numeric', month, day: digits, hour: '2-digit', minute: '2-digit', ...seconds });
  const time = [p.hour, p.minute, p.second].filter(Boolean).join(':');
  return language === 'vi' ? `${time} ${p.day}/${p.month}/${p.year}` : `${p.day} ${p.month} ${p.year}, ${time}`;
}

function promise(at) {
  const { weekday } = parts(at, { weekday: 'long' });
  return language === 'vi' ? `${full(at).replace(' ', ` ${weekday}, `)}` : `${weekday}, ${full(at)}`;
}

function short(at) {
  const seconds = (window.helpdesk.now() - at) / 1000;
  if (seconds < 60 && seconds > -60) return say('justNow');
  if (seconds < 0 || seconds >= 86400) return full(at);
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  return seconds < 3600 ? words.format(-Math.floor(seconds / 60), 'minute') : words.format(-Math.floor(seconds / 3600), 'hour');
}

// Of today the time alone.
function clock(at) {
  const p = parts(at, { hour: '2-digit', minute: '2-digit' });
  return window.helpdesk.now() - at < 43200000 ? `${p.hour}:${p.minute}` : full(at);
}

const exact = (at) => full(at, { second: '2-digit' });
const zoneName = (at) => parts(at, { timeZoneName: 'longGeneric' }).timeZoneName;
const zoned = (at) => `${full(at)} (${zoneName(at)})`;
const forms = { full: (at) => full(at), exact, promise, short, clock, zoned };

class LocalTime extends HTMLElement {
  connectedCallback() { written.add(this); this.write(); }

  disconnectedCallback() { written.delete(this); }

  write(form = this.dataset.form || 'full') {
    const time = this.querySelector('time');
    const at = new Date(time?.dateTime ?? NaN);
    if (Number.isNaN(at.getTime())) return;
    const text = forms[form](at);
    if (time.textContent !== text) time.textContent = text;
    time.title = zoned(at);
  }
}

customElements.define('local-time', LocalTime);
const writeAll = () => written.forEach((element) => element.write());
window.addEventListener('beforeprint', () => written.forEach((element) => element.write(element.dataset.form === 'short' ? 'full' : undefined))); // paper does not age
window.addEventListener('afterprint', writeAll);
setInterval(writeAll, 30000);
document.addEventListener('visibilitychange', writeAll);
document.addEventListener('htmx:after:swap', writeAll); // a morph puts the server's words back

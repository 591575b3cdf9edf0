// The server's clock as this page knows it. From what the server said it is counted on with a clock that nobody can set:
// the device's own may be an hour off, or be set while the page is open; deadlines may not.
const RETRY = 5000;
const said = Number(document.querySelector('meta[name="server-now"]')?.content);
const steady = () => performance.now();
const arrived = performance.getEntriesByType('navigation')[0]?.responseStart ?? steady();
// The server's time less the steady one. What was said was true a moment before it arrived: this is never too high.
let offset = said ? said - arrived : Date.now() - steady();
let gap = Date.now() - steady(); // moves when the device's clock is set, and when the machine has slept
let [doubtful, asked] = [false, -RETRY];

function move(to) {
  const far = Math.abs(to - offset) > 200;
  offset = to;
  if (far) document.dispatchEvent(new CustomEvent('helpdesk:clock'));
}

// A word of the server's that has come at last: now is later. Much too early, it waited somewhere, or we are ahead.
function hear(serverNow) {
  if (!serverNow) return;
  const least = serverNow - steady();
  if (least > offset) move(least);
  else if (offset - least > 1000) doubtful = true;
}

// The only request, and only in doubt: the answer was written between its sending and its coming.
async function ask() {
  const sent = asked = steady();
  try {
    const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(RETRY) });
    const now = Number(answer.headers.get('X-Server-Now'));
    if (!now) return;
    move(Math.min(Math.max(offset, now - steady()), now - sent));
    doubtful = false;
  } catch { /* no connection: in a moment again */ }
}

setInterval(() => {
  const before = gap;
  gap = Date.now() - steady();
  doubtful ||= Math.abs(gap - before) > 500;
  if (doubtful && steady() - asked >= RETRY) ask();
}, 1000);
window.addEventListener('pageshow', ({ persisted }) => { doubtful ||= persisted; });
document.addEventListener('htmx:after:request', ({ detail }) => hear(Number(detail.ctx?.response?.headers?.get('X-Server-Now'))));

const page = {
  now: () => steady() + offset,
  hear,
  language: document.documentElement.lang || 'en',
  zone: document.querySelector('meta[name="time-zone"]')?.content || undefined,
  // A sentence of the page with its {t} or {n} put in; scripts have no words of their own.
  say: (name, values = {}) => Object.entries(values).reduce(
    (text, [key, value]) => text.replace(`{${key}}`, value), document.getElementById('texts')?.dataset[name] ?? ''),
  unit: (count, unit) => new Intl.NumberFormat(page.language, { style: 'unit', unit, unitDisplay: 'narrow' }).format(count),
};

try { new Intl.DateTimeFormat(page.language, { timeZone: page.zone }); } catch { page.zone = undefined; }
window.helpdesk = page;

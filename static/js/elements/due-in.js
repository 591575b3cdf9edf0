// <due-in data-told><time class="sla" data-state data-due data-warn data-critical>…<span class="sla-text"></span></time>…</due-in>
// Counts down to the due instant, then up. Wall-clock time, rounded down, one timer for the whole page, no requests.
const { say, unit } = window.helpdesk;
const badges = new Set();
const told = new Map(); // badge that is told aloud → its tone when it was last looked at
const TONES = ['calm', 'warn', 'hot', 'bad'];
const [SECOND, MINUTE] = [1000, 60000];
const HOT = 15 * MINUTE;
let timer;

function duration(milliseconds) {
  const minutes = Math.floor(milliseconds / MINUTE);
  if (minutes < 1) return say('minute');
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const two = days ? [[days, 'day'], [hours, 'hour']] : [[hours, 'hour'], [rest, 'minute']];
  return two.filter(([count]) => count).map(([count, name]) => unit(count, name)).join(' ');
}

class DueIn extends HTMLElement {
  connectedCallback() { badges.add(this); this.write(window.helpdesk.now()); swapped.observe(this, { subtree: true, childList: true, attributeFilter: ['data-due', 'data-met', 'data-state', 'data-tone'] }); schedule(); }

  disconnectedCallback() { badges.delete(this); }

  // Says what is true at an instant; answers after how many milliseconds something else is.
  write(now) {
    const time = this.querySelector('time.sla');
    const { due, met, state } = time?.dataset ?? {};
    if (!due || met || !['running', 'missed'].includes(state)) return MINUTE;
    const left = Number(due) - now;
    const [warn, critical] = [time.dataset.warn, time.dataset.critical].map((at) => (at ? Number(at) - now : Infinity));
    const tone = left <= 0 ? 'bad' : left <= HOT || critical <= 0 ? 'hot' : warn <= 0 ? 'warn' : 'calm';
    const text = left > 0 ? say('left', { t: duration(left) }) : say('overdue', { t: duration(-left) });
    const words = time.querySelector('.sla-text');
    if (words && words.textContent !== text) words.textContent = text;
    words?.removeAttribute('data-now'); // what the server knew is over
    if (time.dataset.tone !== tone) time.dataset.tone = tone;
    if (this.dataset.told !== undefined) this.tell(`${time.dataset.kind} ${due}`, tone, `${time.querySelector('.sla-kind').textContent}: ${text}`);
    const minute = left > 0 ? (left % MINUTE) + 1 : MINUTE - (-left % MINUTE);
    return Math.min(Math.abs(left) < 2 * MINUTE ? SECOND : MINUTE, ...[minute, left, left - HOT, warn, critical].filter((wait) => wait > 0));
  }

  // Once, when it begins to be urgent and when it is too late; not what was so when the page was opened.
  tell(badge, tone, text) {
    const before = told.get(badge) ?? tone;
    told.set(badge, tone);
    const grew = TONES.indexOf(tone) > TONES.indexOf(before);
    if (grew && (before === 'calm' || tone === 'bad')) document.getElementById('status').textContent = text;
  }
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(tick, 0);
}

function tick() {
  const now = window.helpdesk.now();
  const wait = Math.min(MINUTE, ...[...badges].map((badge) => badge.write(now)));
  clearTimeout(timer);
  timer = setTimeout(tick, Math.ceil(wait));
}

// A morph puts the server's words back; nobody is to see them.
const swapped = new MutationObserver(tick);

// Escape puts the tips away until the pointer or the focus goes elsewhere.
const hush = (on) => badges.forEach((badge) => badge.classList.toggle('is-hushed', on));
document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') hush(true); });
document.addEventListener('focusin', () => hush(false));
document.addEventListener('mouseout', ({ target }) => { if (target.closest?.('.is-hushed')) hush(false); });

customElements.define('due-in', DueIn);
for (const name of ['visibilitychange', 'helpdesk:clock']) document.addEventListener(name, schedule);

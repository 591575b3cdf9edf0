// <due-in><time class="sla" data-state data-due data-warn>…<span class="sla-text"></span></time></due-in>
// Counts down to the due instant, then up. Wall-clock time, rounded down, one timer for the whole page, no requests.
const { language, say, unit } = window.helpdesk;
const badges = new Set();
const MINUTE = 60000;
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
  connectedCallback() { badges.add(this); schedule(); }

  disconnectedCallback() { badges.delete(this); }

  // Milliseconds left; undefined where nothing runs.
  get left() {
    const time = this.firstElementChild;
    return time?.dataset.due && !time.dataset.met && ['running', 'missed'].includes(time.dataset.state) ? Number(time.dataset.due) - window.helpdesk.now() : undefined;
  }

  write() {
    const time = this.firstElementChild;
    const { left } = this;
    if (!time) return;
    const due = Number(time.dataset.due);
    if (due) time.title = `${time.querySelector('.sla-kind')?.textContent.trim()} · ${this.when(due)}`;
    if (left === undefined) return;
    const text = left > 0 ? say('left', { t: duration(left) }) : say('overdue', { t: duration(-left) });
    const warned = time.dataset.warn && window.helpdesk.now() >= Number(time.dataset.warn);
    const tone = left <= 0 ? 'bad' : left <= HOT ? 'hot' : warned ? 'warn' : 'calm';
    const words = time.querySelector('.sla-text');
    if (words && words.textContent !== text) words.textContent = text;
    if (time.dataset.tone !== tone) time.dataset.tone = tone;
  }

  when(due) {
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23', timeZone: window.helpdesk.zone }).format(due);
  }
}

// The next look is at the next full minute of the badge that comes to one first; each second near a due instant.
function schedule() {
  clearTimeout(timer);
  timer = setTimeout(tick, 0);
}

function tick() {
  let wait = MINUTE;
  for (const badge of badges) {
    badge.write();
    const { left } = badge;
    if (left === undefined) continue;
    const toMinute = left > 0 ? left % MINUTE : MINUTE - (-left % MINUTE);
    wait = Math.min(wait, Math.abs(left) < 2 * MINUTE ? 1000 : toMinute + 20);
  }
  clearTimeout(timer);
  timer = setTimeout(tick, wait);
}

customElements.define('due-in', DueIn);
document.addEventListener('visibilitychange', schedule);
document.addEventListener('htmx:after:swap', schedule);

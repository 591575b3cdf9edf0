// The keyboard. Which keys there are, where they count and what they do stands in the table of the help (made from
// desk/shortcut.py) and nowhere else. Single keys may be switched off; what Ctrl or Cmd holds down is no single key.
const PLACES = { everywhere: 'body', queue: 'live-queue', ticket: '.ticket', composer: '.composer' };
const WRITING = 'input:not([type="checkbox"], [type="button"], [type="submit"], [type="reset"]), textarea, select, '
  + '[contenteditable]:not([contenteditable="false"]), dialog, [role="menu"], [role="listbox"], [popover]';
const FIELDS = 'textarea, select, input:not([type="hidden"], [type="submit"])';
const ROW = '.queue-row';
const PATIENCE = 1500; // for the second key of two
const LAST = 'helpdesk.row';
const mac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
const help = document.getElementById('keys');
const table = [...help?.querySelectorAll('[data-keys]') ?? []].flatMap(({ dataset, lastElementChild: label }) => JSON.parse(dataset.keys)
  .map((keys) => ({ keys, place: dataset.place, kind: dataset.kind, which: dataset.which, label: label.textContent })));
const shown = (keys) => keys.replace('Mod+', mac ? '⌘' : 'Ctrl+').replace('Escape', 'Esc');
const say = (text) => { document.getElementById('status').textContent = text; };
let begun = '';
let timer;

function wait(keys) {
  clearTimeout(timer);
  begun = keys;
  if (keys) timer = setTimeout(wait, PATIENCE, '');
}

// "r", "Shift+x", "Mod+Enter"; undefined for what is none of ours. AltGr makes signs on many keyboards.
function spoken({ key, ctrlKey, metaKey, altKey, shiftKey, getModifierState }, event) {
  const sign = getModifierState.call(event, 'AltGraph');
  if (altKey && !sign) return undefined;
  const held = (ctrlKey || metaKey) && !sign;
  const name = key.length === 1 ? key.toLowerCase() : key;
  const shift = shiftKey && (held || key.length > 1 || name !== key.toUpperCase());
  return `${held ? 'Mod+' : ''}${shift ? 'Shift+' : ''}${name}`;
}

// Where the keys are pressed says which of two is meant: in a composer, on a ticket, in the queue, anywhere.
const here = ({ place }, target) => (place === 'composer' ? target.closest?.(PLACES.composer) : document.querySelector(PLACES[place]));
const found = (keys, target) => table.findLast((one) => one.keys === keys && here(one, target));

// Where somebody was before, the caret is where he put it; else it is behind what stands there already.
const entered = new WeakSet();
function enter(field) {
  if (field?.matches('textarea') && !entered.has(field)) field.setSelectionRange(field.textLength, field.textLength);
  field?.focus();
}

function press(which) {
  const all = [...document.querySelectorAll(`[data-deed~="${which}"]`)];
  const target = all.find((each) => each.checkVisibility()) ?? all[0];
  if (!target || target.disabled || target.hidden) return false;
  if (!target.checkVisibility() && target.closest('.ticket-aside, .ticket-talk')) {
    document.querySelector(`[data-tab="${target.closest('.ticket-aside') ? 'details' : 'conversation'}"]`)?.click();
  }
  if (target.matches('details')) {
    target.open = true;
    (target.querySelector(':checked:not(option)') ?? target.querySelector(FIELDS) ?? target.firstElementChild).focus();
  } else if (target.matches(FIELDS) && target.type !== 'radio') target.focus();
  else target.click();
  if (target.dataset.leads) enter(document.getElementById(target.dataset.leads));
  return true;
}

const row = () => document.activeElement.closest(ROW);
const link = (of) => of?.querySelector('a[href]');

function step(by, event) {
  if (event.key.startsWith('Arrow') && !row()) return false; // the page scrolls
  const rows = [...document.querySelectorAll(ROW)];
  const at = rows.indexOf(row());
  const last = document.getElementById(sessionStorage.getItem(LAST) ?? '');
  link(at < 0 ? last ?? rows[0] : rows[at + by])?.focus();
  return rows.length > 0;
}

// Where rows are selected, a key is meant for all of them: it opens the menu of the bar.
function inBulk(which) {
  const bar = document.querySelector('bulk-bar:not([hidden])');
  const menu = bar?.querySelector(`[data-bulk="${which}"]`);
  if (!menu) return false;
  if (!menu.matches('details')) { menu.click(); return true; }
  menu.open = true;
  (menu.querySelector(':checked:not(option)') ?? menu.querySelector(FIELDS)).focus();
  return true;
}

const SENT = { take: ['assignment', { agent: 'me' }], follow: ['following', { follow: '1' }] };

function send(which, label) {
  const source = link(row());
  if (!source) return false;
  const [address, values] = SENT[which];
  const { ticket } = row().dataset;
  window.htmx.ajax('POST', `/tickets/${ticket}/${address}`, { source, target: source, swap: 'none', values }).then(() => say(`${ticket}: ${label}`));
  return true;
}

// The open form of a composer: the reply or the note.
const writing = (event) => event.target.closest('[data-composer]')
  ?? [...event.target.closest('.composer').querySelectorAll('[data-composer]')].find((form) => form.checkVisibility());

const OWN = {
  down: (event) => step(1, event),
  up: (event) => step(-1, event),
  open(event) {
    if (event.key === 'Enter') return false; // the link does it
    link(row())?.click();
    return Boolean(row());
  },
  pick() {
    row()?.querySelector('[data-pick]')?.click();
    return Boolean(row());
  },
  range() {
    row()?.querySelector('[data-pick]')?.dispatchEvent(new CustomEvent('bulk:range', { bubbles: true }));
    return Boolean(row());
  },
  leave({ target }) {
    if (!target.matches(WRITING) || target.closest('dialog')) return false;
    target.blur();
    return true;
  },
  send(event) {
    const form = writing(event);
    form?.requestSubmit(form.querySelector('.composer-send [type=submit]'));
    return Boolean(form);
  },
  choose(event) {
    const then = writing(event)?.elements.then;
    then?.focus();
    return Boolean(then);
  },
  turn: () => press(document.querySelector('[name=composer-mode]:checked')?.value === 'reply' ? 'note' : 'reply'),
};

const KINDS = {
  go: ({ which }) => { location.assign(which); return true; },
  press: ({ which }) => press(which),
  row({ which }) {
    if (inBulk(which)) return true;
    const to = link(row());
    if (to) location.assign(`${to.href}#do-${which}`);
    return Boolean(to);
  },
  send: ({ which, label }) => inBulk(which) || send(which, label),
  do: ({ which }, event) => OWN[which](event),
  at: () => false,
};

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return void wait(''); // the keys belong to an input method
  if (event.defaultPrevented || ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(event.key)) return;
  const keys = spoken(event, event);
  const one = keys && (found(begun && !keys.startsWith('Mod') ? `${begun} ${keys}` : keys, event.target));
  const single = !keys?.startsWith('Mod+');
  const in_field = event.target.closest?.(WRITING) || document.querySelector('dialog[open]');
  if (single && (document.body.dataset.keys === 'off' || (in_field && one?.which !== 'leave'))) return void wait('');
  if (event.repeat && !['up', 'down'].includes(one?.which)) return;
  wait(!begun && single && table.some((each) => each.keys.startsWith(`${keys} `)) ? keys : '');
  if (one && KINDS[one.kind](one, event)) event.preventDefault();
}

// What a key presses says so: by its tooltip, and to screen readers. After a swap again: the server knows no switch.
function hint() {
  const on = document.body.dataset.keys !== 'off';
  for (const { keys, place, kind, which } of table) {
    if (kind !== 'press' || !(on || keys.startsWith('Mod+')) || !document.querySelector(PLACES[place])) continue;
    for (const each of document.querySelectorAll(`[data-deed~="${which}"]`)) {
      const target = each.matches('details') ? each.firstElementChild : each.type === 'radio' ? each.parentElement : each;
      if (!keys.includes(' ')) each.setAttribute('aria-keyshortcuts', keys.replace('Mod+', mac ? 'Meta+' : 'Control+').toUpperCase());
      const words = target.title || target.labels?.[0]?.textContent || target.textContent;
      if (!target.title.endsWith(`(${shown(keys)})`)) target.title = `${words.trim()} (${shown(keys)})`;
    }
  }
}

document.addEventListener('keydown', pressed);
document.addEventListener('focusin', ({ target }) => entered.add(target));
document.addEventListener('keys:press', ({ detail }) => press(detail)); // the palette does what a key does
document.addEventListener('htmx:after:swap', hint);
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-deed~="help"]');
  if (!help || !opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!help.open) help.showModal();
});
if (mac) document.querySelectorAll('kbd').forEach((cap) => { cap.textContent = cap.textContent.replace('Ctrl', '⌘'); });
hint();

// A row's key has led here: do it once everything is there.
const [, asked] = location.hash.match(/^#do-([a-z]+)$/) ?? [];
if (asked) {
  history.replaceState(history.state, '', location.pathname + location.search);
  window.addEventListener('load', () => press(asked), { once: true });
}

// Back in the queue, the first step leads to the row of the ticket that one was at.
const at = document.querySelector('.ticket-header')?.id;
if (at) sessionStorage.setItem(LAST, at.replace('-header', '-row'));

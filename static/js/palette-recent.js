// What was chosen in the palette lately, kept on this device and for this reader. It stands first where nothing is typed.
const KEY = `helpdesk.recent.${document.body.dataset.viewer ?? ''}`;
const [KEPT, SHOWN] = [12, 5];

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; }
}

const same = (one, other) => one.address === other.address && one.press === other.press;

function note(option) {
  const { address, press } = option.dataset;
  const [label, hint] = ['.palette-label', '.palette-hint'].map((part) => option.querySelector(part)?.textContent);
  const rest = read().filter((each) => !same(each, { address, press }));
  try { localStorage.setItem(KEY, JSON.stringify([{ address, press, label, hint }, ...rest].slice(0, KEPT))); } catch { /* full, or forbidden */ }
}

// Of the commands those that are offered still; a ticket is no command, and is written down as it was called.
function show(list, heading) {
  const [offered, group] = [[...list.querySelectorAll('[role=option]')], list.firstElementChild?.cloneNode(true)];
  const items = read().map((kept) => {
    const like = offered.find((each) => same(each.dataset, kept));
    if (!like && !/^\/tickets\/[A-Z]/.test(kept.address ?? '')) return null;
    const option = (like ?? offered.find((each) => each.dataset.address))?.cloneNode(true);
    if (!option || like) return option;
    option.dataset.address = kept.address;
    option.querySelector('.palette-label').textContent = kept.label;
    option.querySelectorAll('kbd, .palette-hint').forEach((part) => part.remove());
    return option;
  }).filter(Boolean).slice(0, SHOWN);
  if (!items.length || !group) return;
  group.setAttribute('aria-labelledby', 'command-recent');
  Object.assign(group.querySelector('.palette-heading'), { id: 'command-recent', textContent: heading });
  items.forEach((option, n) => { option.id = `command-recent-${n}`; });
  group.querySelector('ul').replaceChildren(...items);
  list.prepend(group);
}

window.helpdesk.recent = { note, show };

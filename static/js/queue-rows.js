// What a live queue does with its rows.
const rowsOf = (list) => [...list.querySelectorAll('tr[data-ticket]')];

// Of the rows that changed places the fewest, and first those that something happened to: the others only made room.
function moved(kept, place, weight) {
  const [best, from] = [kept.map(weight), kept.map(() => -1)];
  kept.forEach((number, i) => {
    for (let j = 0; j < i; j += 1) {
      if (place.get(kept[j]) > place.get(number) || best[j] + weight(number) <= best[i]) continue;
      [best[i], from[i]] = [best[j] + weight(number), j];
    }
  });
  const still = new Set();
  for (let i = best.indexOf(Math.max(...best)); i >= 0; i = from[i]) still.add(kept[i]);
  return kept.filter((number) => !still.has(number));
}

// How a list as it is shown differs from the one that the server has: what moves in it, leaves it, and how many updates
// that is. `rung` holds the tickets that something happened to; undefined: it may have been any of them.
function difference(list, other, rung) {
  const [shown, fresh] = [list, other].map((one) => rowsOf(one).map((row) => row.dataset.ticket));
  const [before, after, place] = [new Set(shown), new Set(fresh), new Map(fresh.map((number, i) => [number, i]))];
  const isRung = (number) => !rung || rung.has(number);
  const kept = shown.filter((number) => after.has(number));
  const [enters, leaves] = [fresh.filter((number) => !before.has(number)), shown.filter((number) => !after.has(number))];
  const [moves, gaps] = [moved(kept, place, (number) => (isRung(number) ? 1 : 1000)), list.querySelectorAll('.queue-gap').length];
  const told = rung ? [...enters, ...leaves].filter(isRung).length + gaps : Math.max(enters.length, leaves.length + gaps);
  const differs = enters.length + leaves.length + moves.length + gaps > 0;
  return { moves, leaves, count: differs ? Math.max(1, told + moves.length) : 0 };
}

// What only this reader knows of a row.
const own = (row) => row.querySelector('.queue-own')?.innerHTML;

// How many there are above the list and below it, as the views beside it say it; where none is left, nothing is said.
function totals(list, other) {
  const parts = ['#queue-total', '#queue-shown'].map((id) => [id, list.querySelector(id)]).filter(([, old]) => old);
  return parts.map(([id, old]) => `<hx-partial hx-target="${id}" hx-swap="outerMorph">${(other.querySelector(id) ?? old.cloneNode(false)).outerHTML}</hx-partial>`);
}

// Every row that stays is as fresh as the server's, and the counts are: as parts of a page, to be put in their places.
function inPlace(list, other) {
  const stale = rowsOf(other).filter((row) => {
    const old = list.querySelector(`[id="${row.id}"]`);
    return old && (old.dataset.version !== row.dataset.version || own(old) !== own(row));
  });
  const rows = stale.map((row) => `<hx-partial hx-target="#${row.id}" hx-swap="outerMorph">${row.outerHTML}</hx-partial>`);
  return [...rows, ...totals(list, other), ...[...other.querySelectorAll('hx-partial')].map((part) => part.outerHTML)].join('');
}

// Who was at a row goes on there; where it went, at the next one, the one before, or the heading of the list.
function keepFocus(list) {
  const at = document.activeElement;
  if (!list.contains(at)) return () => {};
  const [rows, here] = [rowsOf(list).map((row) => row.id), rowsOf(list).findIndex((row) => row.contains(at))];
  const next = here < 0 ? rows : [...rows.slice(here), ...rows.slice(0, here).reverse()];
  return () => {
    if (at.isConnected && at.checkVisibility() && document.activeElement === at) return;
    const place = document.getElementById(at.id || '-');
    const row = next.map((id) => document.getElementById(id)).find(Boolean);
    (place?.checkVisibility() ? place : row?.querySelector('.queue-link') ?? document.querySelector('h1')).focus({ preventScroll: true });
  };
}

// Rows that are about to go elsewhere say so, and those that are new or other than a moment ago light up once.
function mark(list, { moves, leaves }, known) {
  const seen = new Map();
  for (const row of rowsOf(list)) {
    const { ticket, version } = row.dataset;
    const held = (moves.includes(ticket) && 'moves') || (leaves.includes(ticket) && 'leaves');
    if (held) row.dataset.held = held;
    else delete row.dataset.held;
    seen.set(ticket, version);
    if (!known || known.get(ticket) === version) continue;
    row.classList.remove('is-fresh');
    requestAnimationFrame(() => row.classList.add('is-fresh'));
  }
  return seen;
}

// A deleted ticket is gone from every list at once (TKT-012), and no row moves under the hand (ux 4.1): where somebody is
// busy an empty row as high as its own keeps the others where they are, until the list may be shown anew.
function drop(list, number, isTouched) {
  const row = rowsOf(list).find((each) => each.dataset.ticket === number);
  if (!row) return;
  const [back, box] = [keepFocus(list), row.querySelector('[data-pick]:checked')];
  const gap = Object.assign(row.cloneNode(false), { className: 'queue-gap' });
  gap.replaceChildren(Object.assign(document.createElement('td'), { colSpan: row.cells.length, textContent: list.dataset.gone }));
  ['id', ...Object.keys(row.dataset).map((name) => `data-${name}`)].forEach((name) => gap.removeAttribute(name));
  gap.style.blockSize = `${row.getBoundingClientRect().height}px`;
  if (box) box.checked = false;
  box?.dispatchEvent(new Event('change', { bubbles: true })); // it is not chosen any more
  if (isTouched) row.replaceWith(gap);
  else row.remove();
  back();
}

window.helpdesk.queueRows = { difference, drop, inPlace, keepFocus, mark };

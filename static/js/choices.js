// A list that is saved when a choice is made: with the mouse at once. Keys only walk through it; Enter or leaving the
// field saves what they came to, Escape takes it back. Browsers say "change" at every step, so that steps are kept here.
const LIST = 'form[hx-trigger*="change"] select';
const before = new WeakMap(); // what a list said before the keys moved it, where they did
let said = ''; // what it says as a key goes down
let walking = false;

function save(list) {
  before.delete(list);
  list.dispatchEvent(new Event('change', { bubbles: true }));
}

function pressed(event) {
  const list = event.target;
  if (!list.matches?.(LIST)) return;
  const moved = before.has(list);
  if (moved && ['Enter', 'Escape'].includes(event.key)) {
    event.preventDefault();
    if (event.key === 'Enter') return void save(list);
    list.value = before.get(list);
    before.delete(list);
    return;
  }
  said = list.value;
  walking = true; // a closed list moves before this task is over; an open one keeps its keys to itself
  setTimeout(() => { walking = false; });
}

document.addEventListener('keydown', pressed, { capture: true });
document.addEventListener('keypress', pressed, { capture: true }); // typed letters move it here

document.addEventListener('change', (event) => {
  const list = event.target;
  if (!list.matches?.(LIST) || !event.isTrusted) return;
  if (!walking) return void before.delete(list);
  event.stopPropagation();
  if (!before.has(list)) before.set(list, said);
  if (list.value === before.get(list)) before.delete(list);
}, { capture: true });

// Another window in front is no leaving: the field has the focus still.
document.addEventListener('focusout', ({ target: list }) => {
  if (before.has(list) && list.isConnected && document.activeElement !== list) save(list);
});

// The one in the header says again what holds when nobody took a choice, for whatever reason. What the server says of it
// meanwhile takes its place, chosen or not, and the focus.
const switched = ({ target }) => (target?.id ? `#${target.id}` : target) === '#availability';
const untaken = ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.matches?.('.availability') && !(ctx.response?.status < 300)) ctx.sourceElement.reset();
};
let held = false;
document.addEventListener('htmx:error', untaken);
document.addEventListener('htmx:finally:request', untaken);
document.addEventListener('htmx:before:swap', ({ detail: { tasks } }) => {
  const list = document.getElementById('availability');
  if (!list || !tasks.some(switched)) return;
  held = document.activeElement === list;
  before.delete(list);
  list.form.reset();
  list.blur();
}, { capture: true }); // before swaps.js looks whether somebody is busy there
document.addEventListener('htmx:after:swap', () => {
  if (held) document.getElementById('availability')?.focus();
  held = false;
});

// A menu that is a fold (<details class="bulk-menu">): Enter in a field of it presses its own button and not the first of
// the form, Escape closes it, and so does a click elsewhere.
const OPEN = '.bulk-menu[open]';

document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.(OPEN);
  if (!menu || event.isComposing || event.keyCode === 229) return;
  const isField = event.target.matches('input:not([type="radio"], [type="checkbox"])');
  if (event.key === 'Enter' && isField) menu.querySelector('[type="submit"]').click();
  else if (event.key === 'Escape') { menu.open = false; menu.firstElementChild.focus(); } else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

document.addEventListener('click', ({ target }) => {
  document.querySelectorAll(OPEN).forEach((menu) => { if (!menu.contains(target)) menu.open = false; });
});

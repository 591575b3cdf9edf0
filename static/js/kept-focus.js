// A panel that replaced itself, and with it the button that was pressed, keeps the focus: at what can be pressed there now.
const panels = new WeakMap(); // request → the panel that it came from

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  const panel = ctx.sourceElement?.matches?.('form') && ctx.sourceElement.closest('section[id], details[id]')?.id;
  if (panel) panels.set(ctx, panel);
});

document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  if (document.activeElement !== document.body) return;
  const panel = document.getElementById(panels.get(ctx) ?? '');
  [...panel?.querySelectorAll('button, summary') ?? []].find((each) => each.checkVisibility())?.focus({ preventScroll: true });
});

// A choice that replaced itself keeps the focus: at the field that has come in its place.
document.addEventListener('htmx:finally:request', ({ detail: { ctx: { sourceElement: form } } }) => {
  if (!form?.matches?.('.property') || document.activeElement !== document.body) return;
  document.getElementById(form.id)?.querySelector('[data-focus], select, input:not([type="hidden"])')?.focus();
});

// Who was at a message, or at a button in it, goes on at the one that has come in its place; where it went, at the composer.
// What takes the place may come in several swaps, one within another: where he was is known from when he came there.
let reading;
let button;
document.addEventListener('focusin', ({ target }) => {
  reading = target.closest('[data-message]')?.id;
  button = target.closest('form')?.getAttribute('action');
});
document.addEventListener('pointerdown', () => { reading = undefined; }, { capture: true }); // he leaves it himself
document.addEventListener('htmx:after:swap', () => {
  if (!reading || document.activeElement !== document.body) return;
  const message = document.getElementById(reading);
  const same = button && message?.querySelector(`form[action="${CSS.escape(button)}"] button`);
  (same?.checkVisibility() ? same : message?.checkVisibility() ? message : document.querySelector('.composer-reply textarea'))?.focus({ preventScroll: true });
});

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

// Rules for every swap: words being written are never replaced, pushed forms carry this page's own token,
// and a page that left something out asks for it later.
const FIELDS = 'input:not([type="hidden"], [type="submit"], [data-pick], [data-pick-all]), textarea, select'; // what is chosen comes back
let owed = false;

const isDirty = (field) => (field.matches('.property select') ? false : field.matches('[data-chosen]') ? true : field.matches('select')
  ? [...field.options].some((option) => option.defaultSelected && !option.selected) : field.type === 'radio' || field.type === 'checkbox'
  ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);

// Somebody writes, chooses, attaches, or has to choose between two values in there.
const isBusy = (target) => target.contains(document.activeElement) && document.activeElement.matches(FIELDS)
  || [...target.querySelectorAll(FIELDS), ...(target.matches(FIELDS) ? [target] : [])].some(isDirty)
  || Boolean(target.querySelector('dialog[open], :popover-open, [data-conflict], .files-chosen > li'));

document.addEventListener('htmx:before:swap', ({ detail: { ctx, tasks } }) => {
  for (const task of tasks) {
    const target = typeof task.target === 'string' ? document.querySelector(task.target) : task.target;
    if (isRefusal(ctx) || isNobody(ctx)) task.target = null;
    const mine = ctx.sourceElement?.closest?.('form') && target?.contains(ctx.sourceElement);
    if (!target || task.type === 'main' || mine || !isBusy(target)) continue;
    task.target = null;
    owed = true;
  }
});

document.addEventListener('focusout', () => setTimeout(() => {
  if (owed && !document.activeElement.matches(FIELDS)) document.dispatchEvent(new CustomEvent('live:catch-up'));
}, 200));

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  const { body } = ctx.request;
  const token = document.querySelector('meta[name="csrf-token"]')?.content; // of now: `session` may have changed it
  if (token && body?.has?.('csrf_token')) body.set('csrf_token', token);
});

// What is open stays open: the server does not know which folds this reader has opened.
window.htmx.registerExtension('kept-folds', {
  htmx_before_morph_attr: (element, { attrName, newValue }) => !(attrName === 'open' && newValue === null && element.matches('details')),
});

// What was wrong with the message before says nothing about the next one.
function forgetComplaints(form) {
  form.querySelectorAll('.composer-newer, .field-error').forEach((complaint) => complaint.remove());
  form.querySelectorAll('[aria-invalid]').forEach((field) => { field.removeAttribute('aria-invalid'); field.removeAttribute('aria-describedby'); });
}

// A form that was renewed while its deed was on the way is answered in its successor; htmx would drop what was said.
const present = (one) => (one?.isConnected ? one : document.getElementById(one?.id) ?? one);

// A form in a fold has done its work: it closes, empty. A refused choice falls back to what is true.
document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
  const form = ctx.sourceElement = present(ctx.sourceElement);
  ctx.target = present(ctx.target);
  if (!form?.matches?.('form')) return;
  const [fold, accepted] = [form.closest('details'), ctx.response.status < 300];
  if (accepted && fold) fold.open = false;
  if (accepted && form.dataset.composer !== undefined) forgetComplaints(form);
  if ((accepted && fold) || (!accepted && form.matches('.property'))) form.reset();
  if (accepted && owed) setTimeout(() => document.dispatchEvent(new CustomEvent('live:catch-up'))); // nothing is being written now
});

// Refused because something newer exists: show it. The page itself is refused, or a part that only asks has lost the
// session: the banner says so, and what was said of somebody's own deed stays.
const isRefusal = (ctx) => ctx.sourceElement?.id === 'live' && [401, 403, 404, 410].includes(ctx.response?.status);
const isNobody = (ctx) => ctx.response?.status === 401 && ctx.request.method === 'GET';
document.addEventListener('htmx:response:error', ({ detail: { ctx } }) => {
  if (ctx.response.status === 409) document.dispatchEvent(new CustomEvent('live:catch-up'));
  if (isRefusal(ctx) || isNobody(ctx)) document.dispatchEvent(new CustomEvent('live:refused'));
});

document.addEventListener('live:catch-up', () => { owed = false; });

// Signing out on purpose leaves no draft behind for the next person at this machine.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[action="/logout"], [data-forget]')) return;
  Object.keys(localStorage).filter((key) => /^helpdesk\.(draft|recent)\./.test(key)).forEach((key) => localStorage.removeItem(key));
});

// The form's side of the embedding: tells the page around how high it is, when it failed and when it was sent.
// The address of that page comes with ours; a message goes to this origin alone, so no other page can listen, and
// is taken from this origin alone.
const asked = new URLSearchParams(location.search).get('host') || document.referrer;
let origin;
try { origin = new URL(location.ancestorOrigins?.[0] ?? asked).origin; } catch { origin = undefined; }
const frame = document.getElementById('content');

function tell(type, more = {}) {
  if (origin && parent !== window) parent.postMessage({ source: 'helpdesk', type, ...more }, origin);
}

const measure = () => tell('height', { height: document.body.getBoundingClientRect().height }); // notices included

function show() {
  const heading = frame.querySelector('[data-focus]');
  if (heading) heading.focus({ preventScroll: true });
  const ticket = frame.querySelector('[data-ticket]')?.dataset.ticket;
  if (ticket) tell('submitted', { ticket });
  if (heading || ticket) tell('scroll');
}

document.body.classList.toggle('is-inside', parent !== window);
new ResizeObserver(measure).observe(document.body);
tell('loaded');
if (parent !== window) show();

document.addEventListener('htmx:after:swap', show);
document.addEventListener('keydown', ({ key, isComposing, keyCode }) => { // an input method's own Escape closes nothing
  if (key === 'Escape' && !isComposing && keyCode !== 229) tell('close'); // of the dialog around
});
addEventListener('message', ({ source, origin: sender, data }) => {
  if (source !== parent || sender !== origin || data?.source !== 'helpdesk' || data.type !== 'shown') return;
  measure();
  frame.querySelector('h1')?.scrollIntoView({ block: 'nearest' });
});

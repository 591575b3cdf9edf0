// A page that may not hear any more what it shows does not show it any more: it makes way for what a fresh request
// shows, or says that the session has ended. Which of the two only that request can tell; nobody answers: asked again.
const AGAIN_AFTER = 5000;
const GONE = [403, 404, 410];
const sleep = (time) => new Promise((done) => { setTimeout(done, time); });
const sent = new Set(); // forms that wait for their answer: who deletes a ticket is led elsewhere by it
let refused = false;
let led = false;

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => { if (ctx.sourceElement?.matches?.('form')) sent.add(ctx); });
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  sent.delete(ctx);
  led ||= Boolean(ctx.hx?.redirect);
});

// What was written is kept on this device, and shown again by the page that comes. An empty page forgets nothing of another.
function leave() {
  document.querySelectorAll('kept-draft').forEach((draft) => { if (draft.field.value.trim()) draft.keep(); });
  location.replace(location.pathname + location.search);
}

async function makeWay() {
  for (;;) {
    const answer = await fetch(location.href).catch(() => undefined);
    while (sent.size) await sleep(50);
    if (led) return;
    const signedOut = document.getElementById('signed-out'); // customers have no session
    if (signedOut && answer?.redirected && new URL(answer.url).pathname === '/login') { signedOut.hidden = false; return; }
    const old = performance.now() > AGAIN_AFTER; // a page that may show something goes on with that; not over and over
    if (GONE.includes(answer?.status) || (answer?.ok && old)) { leave(); return; }
    await sleep(AGAIN_AFTER);
  }
}

document.addEventListener('live:refused', () => {
  if (refused) return;
  refused = document.getElementById('live').ended = true;
  makeWay();
});

document.addEventListener('live:renewed', () => { refused = false; }); // signed in again, without a reload

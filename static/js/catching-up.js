// What a page has missed it asks for, and nothing older takes the place of something newer: frames wait for an answer that
// is on its way, one that comes behind a newer one is asked for instead, and an answer gives way to what was done meanwhile.
const COVERED = /^(?:ticket|request)\./; // topics of which an answer says everything
const AGAIN_AFTER = 5000;
let asking; // until its answer is shown
let again = false; // asked once more meanwhile: what is on its way may be older than that
let overtaken = false; // something was done meanwhile, and its answer is shown
let heard = false; // an answer has come
let newest = 0; // the number of the event whose frame was shown last
const sent = new Map(); // forms that wait for their answer → what was newest then

const page = () => document.getElementById('live');
const catchUp = () => document.dispatchEvent(new CustomEvent('live:catch-up'));
const isAnswer = ({ sourceElement, response }) => sourceElement?.id === 'live' && response; // frames come from there, too

async function ask(live) {
  const url = new URL(live.dataset.changes, location.href);
  url.searchParams.set('since', live.dataset.sequence);
  [again, overtaken, heard] = [false, false, false];
  await window.htmx.ajax('GET', url.pathname + url.search, { source: live, target: live, swap: 'none' }).catch(() => {});
  const reached = Number(document.getElementById('live-sequence')?.dataset.sequence);
  if (reached) live.dataset.sequence = Math.max(reached, Number(live.dataset.sequence));
  asking = undefined;
  if (again) catchUp();
  else if (!heard && !live.lostAt && !live.ended) setTimeout(catchUp, AGAIN_AFTER * (1 + Math.random())); // a lost one asks anyway
}

document.addEventListener('live:catch-up', () => {
  again = Boolean(asking);
  if (page()?.dataset.changes) asking ??= ask(page());
});

function isOld(sequence) {
  if (sequence <= Number(page().dataset.sequence)) return true; // an answer had it, or the page itself
  if (sequence < newest) catchUp();
  else newest = sequence;
  return sequence < newest;
}

document.addEventListener('htmx:ws:before:message:incoming', ({ detail }) => {
  const { topic, sequence, content } = JSON.parse(detail.message.data);
  if (!content || !sequence || !COVERED.test(topic)) return;
  detail.waitUntil(Promise.resolve(asking).then(() => { detail.cancelled = isOld(sequence); }));
});

document.addEventListener('htmx:before:swap', ({ detail: { ctx, tasks } }) => {
  if (!isAnswer(ctx) || !overtaken) return;
  tasks.forEach((task) => { task.target = null; });
  again = true;
});

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => { if (ctx.sourceElement?.matches?.('form')) sent.set(ctx, newest); });

// What answers a form may have been written before what came by the socket meanwhile.
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  heard ||= isAnswer(ctx) && ctx.response.status < 300;
  if (!sent.has(ctx)) return;
  overtaken = true;
  if (sent.get(ctx) < newest) catchUp();
  sent.delete(ctx);
});

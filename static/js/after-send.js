// A reply is sent: on to the next ticket of the list that this tab came from, or back to that list, as its writer likes.
const { afterSend } = document.body.dataset;
const QUIET = 400; // the message is seen to be there

function leave() {
  const back = document.querySelector('[data-deed~="back"]');
  const next = document.querySelector('[data-deed~="next"][href]:not([hidden])');
  const to = (afterSend === 'next' && next) || back;
  if (to) location.assign(to.href);
}

if (afterSend !== 'stay') {
  document.addEventListener('htmx:after:request', ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    if (!form?.matches?.('.composer-reply') || form.dataset.queued !== undefined) return; // what went by itself leads nobody away
    if (ctx.response?.status < 300) setTimeout(leave, QUIET);
  });
}

// What went wrong is said no longer than it is so: until the same deed is done, and if there was no answer, until somebody
// answers again.
const place = document.getElementById('notices');
let told; // the notice that is there, the deed that it is about, and whether nobody answered that

function done() {
  told?.notice.remove();
  told = undefined;
}

// What notices.js has just shown, or what the answer has brought.
document.addEventListener('htmx:finally:request', ({ detail: { ctx: { sourceElement, request, response } } }) => {
  const [notice, isDone] = [place.querySelector('.notice-bad, .notice-warn'), response?.status < 300];
  if (window.helpdesk.asksItself(sourceElement)) return;
  if (isDone && told?.deed === request.action) done();
  else if (!isDone && notice && notice !== told?.notice) told = { notice, deed: request.action, isUnanswered: !response };
});
for (const name of ['online', 'htmx:ws:after:connection']) window.addEventListener(name, () => { if (told?.isUnanswered) done(); });

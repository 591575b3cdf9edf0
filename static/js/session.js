// A page outlives its session: whoever signs in again in another tab goes on here, with the words he wrote. A deed that
// was refused for its token asks for the one of the present session, which only the page's own user gets, and goes again.
const { viewer } = document.body.dataset;
const mark = document.querySelector('meta[name="csrf-token"]');
const banner = document.getElementById('signed-out');
let stale = false;
banner.querySelector('[data-renew]').href = location.href; // back to this page

function take(token) {
  stale = false;
  mark.content = token;
  document.body.setAttribute('hx-headers:inherited', JSON.stringify({ 'X-CSRFToken': token }));
  document.querySelectorAll('input[name="csrf_token"]').forEach((field) => { field.value = token; });
  if (banner.hidden) return;
  banner.hidden = true;
  const live = document.getElementById('live');
  if (!live?.ended) return;
  live.ended = false;
  document.dispatchEvent(new CustomEvent('live:renewed'));
  live.reconnect();
}

// The answer with the new token as its text; another user's, or nobody's, is not ok.
async function renew() {
  const answer = await fetch(`/me/token?user=${viewer}`, { headers: { 'HX-Request': 'true' } }).catch(() => Response.error());
  if (answer.ok) take(await answer.clone().text());
  return answer;
}

window.helpdesk.renew = renew;
// What a part of the page asks for by itself: the text, if there is one. Nobody is let in any more: the page finds out why.
window.helpdesk.ask = async (url) => {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' } }).catch(() => undefined);
  if (answer?.status === 401) document.dispatchEvent(new CustomEvent('live:refused'));
  return answer?.ok && !answer.redirected ? answer.text() : undefined;
};
window.helpdesk.send = async (url, options) => {
  const answer = await fetch(url, options);
  if (options.method === 'GET' || ![400, 401].includes(answer.status)) return answer;
  stale = true;
  const fresh = await renew();
  if (fresh.status === 409) return fresh; // somebody else is signed in: it says who
  if (!fresh.ok) return answer;
  if (options.body?.has?.('csrf_token')) options.body.set('csrf_token', mark.content);
  if (options.headers['X-CSRFToken']) options.headers['X-CSRFToken'] = mark.content;
  return fetch(url, options);
};

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => { ctx.fetch ??= window.helpdesk.send; });
// Back from another tab, or another window: he may have signed in there.
const look = () => { if (!document.hidden && (stale || !banner.hidden)) renew(); };
document.addEventListener('visibilitychange', look);
window.addEventListener('focus', look);

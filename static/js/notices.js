// Notices come from the server as fragments; only "no answer at all" is said from here, in the page's own words.
const place = document.getElementById('notices');

function show(text) {
  const notice = Object.assign(document.createElement('div'), { className: 'notice notice-bad' });
  const words = Object.assign(document.createElement('p'), { className: 'notice-body', textContent: text });
  notice.append(words);
  place.replaceChildren(notice);
  close(notice);
}

function close(notice) {
  if (notice.querySelector('[data-dismiss]')) return;
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'link-button', textContent: window.helpdesk.say('close') });
  button.dataset.dismiss = '';
  notice.append(button);
}

place?.addEventListener('click', (event) => {
  if (event.target.closest('[data-dismiss]')) event.target.closest('.notice').remove();
});

// An error stays until it is read; what went well says so and leaves.
new MutationObserver(() => place.querySelectorAll('.notice').forEach(close)).observe(place, { childList: true });

document.addEventListener('htmx:error', ({ detail }) => {
  if (!detail.ctx || detail.ctx.response || detail.ctx.sourceElement?.id === 'live') return;
  show(window.helpdesk.say(navigator.onLine ? 'failed' : 'unsent'));
});

// The next attempt starts without yesterday's complaint; a form that came back with errors is shown from its summary.
document.addEventListener('htmx:before:request', ({ detail }) => {
  if (detail.ctx.sourceElement?.matches('form')) place?.replaceChildren();
});
document.addEventListener('htmx:after:swap', ({ detail }) => {
  if ([409, 422].includes(detail.ctx.response?.status)) detail.ctx.sourceElement.querySelector('[data-focus]')?.focus();
});
document.querySelector('[data-focus]')?.focus();

// What others do is said aloud at most once in ten seconds: the last of it. Who listens must get a word in himself.
const APART = 10000;
const [news, status] = ['news', 'status'].map((id) => document.getElementById(id));
let [saidAt, speech] = [-APART, undefined];

function say() {
  [speech, saidAt] = [undefined, performance.now()];
  status.textContent = news.textContent.trim();
}

new MutationObserver(() => { speech ??= setTimeout(say, Math.max(0, saidAt + APART - performance.now())); }).observe(news, { childList: true });

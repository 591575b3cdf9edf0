// A browser that says that its network went leaves its socket open at times: it is tried at once, and the banner knows.
window.addEventListener('offline', () => document.getElementById('live')?.reconnect?.());

// What the page asks by itself fails without a word, as nobody has sent anything: the banner says what there is to say.
const ITSELF = '#live, unread-bell, bulk-progress, told-list';
window.helpdesk.asksItself = (element) => Boolean(element?.matches?.(ITSELF));
document.addEventListener('htmx:error', (event) => {
  if (window.helpdesk.asksItself(event.detail.ctx?.sourceElement)) event.stopPropagation();
}, { capture: true });

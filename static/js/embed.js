// The merchant's side of the contact form. Two ways to place it:
//   <div data-helpdesk-form="KEY"></div> with <script async src="https://…/embed.js"></script> once, or
//   <script async src="https://…/embed.js" data-helpdesk-form="KEY"></script> where the form is to stand.
// data-mode="button" makes a launcher that opens it in a dialog. data-lang, -category, -order, -name, -email, -token
// fill it in; data-title and data-label name frame and launcher. Tells the page: helpdesk:loaded, :submitted, :closed.
(() => {
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const WORDS = {
    en: { title: 'Contact form', label: 'Help', close: 'Close' },
    vi: { title: 'Biểu mẫu liên hệ', label: 'Hỗ trợ', close: 'Đóng' },
  };
  const STYLE = `
    :host { all: initial; display: block; font: 600 16px/1.5 system-ui, sans-serif; color-scheme: light dark; }
    iframe { display: block; inline-size: 100%; border: 0; block-size: 32rem; background: transparent; color-scheme: normal; }
    button { font: inherit; cursor: pointer; border: 0; border-radius: 999px; padding: 10px 20px; background: #2c52cc; color: #fff; }
    button:focus-visible { outline: 2px solid #2c52cc; outline-offset: 2px; }
    .launch { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; box-shadow: 0 6px 24px #0b122040; }
    dialog { border: 0; padding: 0; border-radius: 12px; inline-size: min(34rem, calc(100vw - 24px)); max-block-size: calc(100dvh - 24px); overflow: auto; background: Canvas; box-shadow: 0 12px 48px #0b122059; }
    dialog::backdrop { background: #0b122080; }
    .close { position: sticky; inset-block-start: 8px; float: inline-end; margin: 8px; padding: 4px 12px; background: ButtonFace; color: ButtonText; font-size: 14px; z-index: 1; }
  `;
  const frames = new Map(); // window of a frame → what belongs to it

  const language = (place) => {
    const asked = place.dataset.lang || document.documentElement.lang || navigator.language;
    return asked.toLowerCase().startsWith('vi') ? 'vi' : 'en';
  };

  function address(place) {
    const url = new URL(`/embed/${encodeURIComponent(place.dataset.helpdeskForm)}`, base);
    url.searchParams.set('lang', language(place));
    for (const name of ['category', 'order', 'name', 'email', 'token']) {
      if (place.dataset[name]) url.searchParams.set(name, place.dataset[name]);
    }
    url.searchParams.set('host', location.origin + location.pathname); // no query: it may hold secrets
    return url.href;
  }

  function frame(place) {
    const iframe = document.createElement('iframe');
    iframe.title = place.dataset.title || WORDS[language(place)].title;
    iframe.loading = place.dataset.mode === 'button' ? 'eager' : 'lazy';
    iframe.referrerPolicy = 'strict-origin-when-cross-origin';
    iframe.src = address(place);
    return iframe;
  }

  function tell(place, name, detail = {}) {
    place.dispatchEvent(new CustomEvent(`helpdesk:${name}`, { detail, bubbles: true, composed: true }));
  }

  function launcher(place, root, iframe) {
    const words = WORDS[language(place)];
    const open = Object.assign(document.createElement('button'), { type: 'button', className: 'launch', textContent: place.dataset.label || words.label });
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'close', textContent: words.close });
    const dialog = document.createElement('dialog');
    dialog.setAttribute('aria-label', iframe.title);
    dialog.append(close);
    open.addEventListener('click', () => {
      if (!iframe.isConnected) { dialog.append(iframe); know(place, iframe); }
      dialog.showModal();
    });
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { open.focus(); tell(place, 'closed'); });
    root.append(open, dialog);
  }

  function know(place, iframe) {
    frames.set(iframe.contentWindow, { place, iframe });
  }

  function build(place) {
    if (place.dataset.helpdeskBuilt) return;
    place.dataset.helpdeskBuilt = 'true';
    let host = place;
    if (place.matches('script')) { host = document.createElement('div'); place.after(host); }
    const root = host.attachShadow({ mode: 'open' }); // the page's own styles end here
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const iframe = frame(place);
    if (place.dataset.mode === 'button') { launcher(place, root, iframe); return; }
    root.append(iframe);
    know(place, iframe);
  }

  addEventListener('message', (event) => {
    const known = event.origin === base && frames.get(event.source);
    if (!known || event.data?.source !== 'helpdesk') return;
    const { iframe, place } = known;
    const { type, height, ticket } = event.data;
    if (type === 'height' && height > 0 && height < 20000) iframe.style.blockSize = `${Math.ceil(height)}px`;
    else if (type === 'scroll') iframe.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    else if (type === 'loaded' || type === 'submitted') tell(place, type, { ticket });
  });

  const start = () => document.querySelectorAll('[data-helpdesk-form]').forEach(build);
  if (script.dataset.helpdeskForm) build(script);
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();

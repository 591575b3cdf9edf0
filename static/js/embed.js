// The merchant's side of the contact form. Two ways to place it:
//   <div data-helpdesk-form="KEY"></div> with <script async src="https://…/embed.js"></script> once, or
//   <script async src="https://…/embed.js" data-helpdesk-form="KEY"></script> where the form is to stand.
// What is in the <div> is seen until the form is there: an empty <canvas width="0" height="1050"> keeps its room free.
// data-mode="button" makes a launcher that opens it in a dialog. data-lang, -theme and -colour say how it looks;
// data-name, -email, -phone, -subject, -order, -category, -token fill it in, and data-readonly names what stays so;
// data-title and data-label name frame and launcher. Tells the page: helpdesk:loaded, :submitted, :closed.
(() => {
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const WORDS = {
    en: { title: 'Contact form', label: 'Help', close: 'Close' },
    vi: { title: 'Biểu mẫu liên hệ', label: 'Hỗ trợ', close: 'Đóng' },
  };
  // What must hold on any page is important: a page's own `* { all: unset }` counts for more than `:host` otherwise.
  const STYLE = `
    :host { all: initial !important; display: block !important; font: 600 16px/1.5 system-ui, sans-serif !important; color-scheme: light dark !important; }
    iframe { display: block; inline-size: 100%; border: 0; block-size: 512px; background: transparent; color-scheme: normal; }
    button { font: inherit; cursor: pointer; border: 0; border-radius: 999px; padding: 10px 20px; background: #2c52cc; color: #fff; }
    button:focus-visible { outline: 3px solid #2c52cc; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
    .launch { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; border: 1px solid #fff; box-shadow: 0 6px 24px #0b122040; }
    dialog { border: 0; padding: 0; border-radius: 12px; inline-size: min(544px, calc(100vw - 24px)); max-block-size: calc(100dvh - 24px); overflow: auto; background: Canvas; box-shadow: 0 12px 48px #0b122059; }
    dialog::backdrop { background: #0b122080; }
    .close { position: sticky; inset-block-start: 8px; float: inline-end; margin: 8px; padding: 4px 12px; background: ButtonFace; color: ButtonText; font-size: 14px; z-index: 1; }
  `;
  const FILLED = ['category', 'order', 'name', 'email', 'phone', 'subject', 'token', 'readonly'];
  const frames = new Map(); // window of a frame → what belongs to it

  // What the element says, then its page, then the browser: the first that we speak. None: the store's, which we do not know.
  const spoken = (...said) => said.map((code) => code?.slice(0, 2).toLowerCase()).find((code) => code in WORDS);
  const wished = (place) => spoken(place.dataset.lang, document.documentElement.lang);
  const words = (place) => WORDS[wished(place) ?? spoken(...navigator.languages) ?? 'en'];

  // White letters must be readable on it (4.5 to 1); the form's own page asks the same again.
  function colour(place) {
    const wanted = place.dataset.colour ?? '';
    if (!/^#[0-9a-f]{6}$/i.test(wanted)) return undefined;
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? wanted : undefined;
  }

  function address(place) {
    const url = new URL(`/embed/${encodeURIComponent(place.dataset.helpdeskForm)}`, base);
    const said = { lang: wished(place), theme: place.dataset.theme, colour: colour(place) };
    for (const name of FILLED) said[name] = place.dataset[name];
    said.host = location.origin + location.pathname; // no query: it may hold secrets
    for (const [name, text] of Object.entries(said)) if (text) url.searchParams.set(name, text);
    return url.href;
  }

  function frame(place) {
    const iframe = document.createElement('iframe');
    iframe.title = place.dataset.title || words(place).title;
    iframe.loading = place.dataset.mode === 'button' ? 'eager' : 'lazy';
    iframe.referrerPolicy = 'strict-origin-when-cross-origin';
    iframe.src = address(place);
    return iframe;
  }

  function tell(place, name, detail = {}) {
    place.dispatchEvent(new CustomEvent(`helpdesk:${name}`, { detail, bubbles: true, composed: true }));
  }

  function launcher(place, root, iframe) {
    const open = Object.assign(document.createElement('button'), { type: 'button', className: 'launch', textContent: place.dataset.label || words(place).label });
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'close', textContent: words(place).close });
    const dialog = document.createElement('dialog');
    if (colour(place)) open.style.background = colour(place);
    dialog.setAttribute('aria-label', iframe.title);
    dialog.append(close);
    open.addEventListener('click', () => {
      const isNew = !iframe.isConnected;
      if (isNew) { dialog.append(iframe); know(place, iframe, dialog); }
      dialog.showModal();
      if (!isNew) iframe.contentWindow.postMessage({ source: 'helpdesk', type: 'shown' }, base);
    });
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => { open.focus(); tell(place, 'closed'); });
    root.append(open, dialog);
  }

  function know(place, iframe, dialog) {
    frames.set(iframe.contentWindow, { place, iframe, dialog });
  }

  function build(place) {
    if (place.dataset.helpdeskBuilt) return;
    place.dataset.helpdeskBuilt = 'true';
    let host = place;
    if (place.matches('script')) { host = document.createElement('div'); place.after(host); }
    const room = host.offsetHeight;
    const root = host.attachShadow({ mode: 'open' }); // the page's own styles end here
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const iframe = frame(place);
    if (place.dataset.mode === 'button') { launcher(place, root, iframe); return; }
    // As high as the room that the page keeps, or as most forms are, so that what comes after it need not move; the
    // form says how high it is.
    iframe.style.blockSize = room > 500 ? `${room}px` : host.offsetWidth < 480 ? '1180px' : '1000px';
    root.append(iframe);
    know(place, iframe);
  }

  addEventListener('message', (event) => {
    const known = event.origin === base && frames.get(event.source);
    if (!known || event.data?.source !== 'helpdesk') return;
    const { iframe, place, dialog } = known;
    const { type, height, ticket } = event.data;
    const named = typeof ticket === 'string' && /^[\w-]{1,40}$/.test(ticket) ? { ticket } : {};
    if (type === 'height' && height > 0 && height < 20000) iframe.style.blockSize = `${Math.ceil(height)}px`;
    else if (type === 'scroll') iframe.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    else if (type === 'close') dialog?.close();
    else if (type === 'loaded' || type === 'submitted') tell(place, type, named);
  });

  const start = () => document.querySelectorAll('[data-helpdesk-form]').forEach(build);
  if (script.dataset.helpdeskForm) build(script);
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', start);
  else start();
})();

// The server's clock as this page knows it: from the page at first, then from each heartbeat of the socket.
// The device's own clock may be an hour off; deadlines may not.
const said = Number(document.querySelector('meta[name="server-now"]')?.content);
// The page was written a moment before it was read; what the browser measured of its way is added.
const waited = performance.now() - (performance.getEntriesByType('navigation')[0]?.responseStart ?? 0);
let offset = said ? said + Math.max(0, waited) - Date.now() : 0;

const page = {
  now: () => Date.now() + offset,
  hear: (serverNow) => { offset = serverNow - Date.now(); },
  language: document.documentElement.lang || 'en',
  zone: document.querySelector('meta[name="time-zone"]')?.content || undefined,
  // A sentence of the page with its {t} or {n} put in; scripts have no words of their own.
  say: (name, values = {}) => Object.entries(values).reduce(
    (text, [key, value]) => text.replace(`{${key}}`, value), document.getElementById('texts')?.dataset[name] ?? ''),
  unit: (count, unit) => new Intl.NumberFormat(page.language, { style: 'unit', unit, unitDisplay: 'narrow' }).format(count),
};

try { new Intl.DateTimeFormat(page.language, { timeZone: page.zone }); } catch { page.zone = undefined; }
window.helpdesk = page;

// <bell-voice hidden></bell-voice> beside <unread-bell> with its <span data-news="57" data-number="ACME-1" data-words="…" data-shown data-heard>
// What is new is said by the browser itself, and heard, for whoever has asked for it and looks elsewhere: once for all tabs.
const KEY = 'helpdesk.told'; // { newest: the last that any tab has told or shown, at: { ticket: when } }
const [PATIENCE, AGAIN_AFTER] = [700, 60000]; // a tab that is in sight goes first

class BellVoice extends HTMLElement {
  connectedCallback() {
    document.addEventListener('bell:changed', this);
    document.addEventListener('visibilitychange', this);
  }

  disconnectedCallback() {
    document.removeEventListener('bell:changed', this);
    document.removeEventListener('visibilitychange', this);
    clearTimeout(this.timer);
  }

  get newest() { return Number(document.getElementById('bell').dataset.newest); }

  get told() {
    try { return JSON.parse(localStorage.getItem(KEY)) ?? undefined; } catch { return undefined; }
  }

  keep(told) {
    try { localStorage.setItem(KEY, JSON.stringify(told)); } catch { /* no room, or not allowed: it may be told twice */ }
  }

  handleEvent() {
    clearTimeout(this.timer);
    const { told } = this;
    if (!document.hidden || !told) this.keep({ at: {}, ...told, newest: Math.max(this.newest, told?.newest ?? 0) });
    else if (this.newest > told.newest) this.timer = setTimeout(() => this.tell(), PATIENCE * (1 + Math.random()));
  }

  tell() {
    const told = this.told ?? { newest: 0, at: {} };
    const fresh = [...document.querySelectorAll('unread-bell [data-news]')].filter(({ dataset }) =>
      Number(dataset.news) > told.newest && Date.now() - (told.at[dataset.number] ?? 0) > AGAIN_AFTER);
    if (!document.hidden || !fresh.length) return;
    const recent = Object.entries(told.at).filter(([, at]) => Date.now() - at < AGAIN_AFTER);
    const now = fresh.map(({ dataset }) => [dataset.number, Date.now()]);
    this.keep({ newest: Math.max(this.newest, told.newest), at: Object.fromEntries([...recent, ...now]) });
    for (const { dataset } of fresh) if (dataset.shown !== undefined) this.show(dataset);
    if (fresh.some(({ dataset }) => dataset.heard !== undefined)) window.helpdesk.beep();
  }

  show({ number, words }) {
    if (window.Notification?.permission !== 'granted') return;
    try {
      const notice = new Notification(number, { body: words, tag: `helpdesk.${number}`, lang: window.helpdesk.language, silent: true });
      notice.onclick = () => { notice.close(); if (!window.open(`/tickets/${number}`)) window.focus(); };
    } catch { /* phones let only service workers do it */ }
  }
}

customElements.define('bell-voice', BellVoice);

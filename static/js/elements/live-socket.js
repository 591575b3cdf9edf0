// <live-socket id="live" hx-ws:connect="/ws?topics=…" data-sequence="57" data-changes="/…/changes"></live-socket>
// Watches the socket that hx-ws keeps: banner when it is gone, asking again when it is back, signing in when it may not.
const BANNER_AFTER = 5000;
const POLL_EVERY = 20000;
const SILENCE = 65000; // three heartbeats
const catchUp = () => document.dispatchEvent(new CustomEvent('live:catch-up'));

class LiveSocket extends HTMLElement {
  connectedCallback() {
    this.lostAt = this.heard = this.asked = Date.now(); // not connected yet
    for (const name of ['after:connection', 'close', 'before:message:incoming']) this.addEventListener(`htmx:ws:${name}`, this);
    document.addEventListener('visibilitychange', this);
    window.addEventListener('online', this);
    document.querySelector('[data-reconnect]')?.addEventListener('click', () => this.reconnect());
    this.timer = setInterval(() => this.watch(), 1000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this);
    window.removeEventListener('online', this);
  }

  handleEvent(event) {
    if (event.type === 'htmx:ws:after:connection') this.opened();
    else if (event.type === 'htmx:ws:close') this.closed(event.detail.code);
    else if (event.type === 'htmx:ws:before:message:incoming') this.frame(event.detail.message.data);
    else if (event.type === 'online') this.reconnect();
    else this.looked();
  }

  opened() {
    this.lostAt = undefined;
    this.heard = Date.now();
    document.getElementById('connection').hidden = true;
    catchUp(); // also the first time: the page is older than its socket
  }

  closed(code) {
    this.lostAt ??= Date.now();
    if (code !== 1008) return; // else hx-ws tries again, without a limit
    this.ended = true;
    document.getElementById('connection').hidden = true;
    document.getElementById('signed-out').hidden = false;
  }

  frame(text) {
    this.heard = Date.now();
    let frame;
    try { frame = JSON.parse(text); } catch { return; }
    if (frame.now) window.helpdesk.hear(frame.now);
    if (frame.sequence) this.dataset.sequence = Math.max(frame.sequence, Number(this.dataset.sequence));
    if (frame.catch_up) catchUp();
    if (frame.ring) document.dispatchEvent(new CustomEvent('live:ring', { detail: frame }));
  }

  // A tab that was hidden may have been frozen: what it missed it asks for.
  looked() {
    if (document.hidden) this.hiddenAt = Date.now();
    else if (this.lostAt) this.reconnect();
    else if (Date.now() - (this.hiddenAt ?? Date.now()) > 60000) catchUp();
  }

  watch() {
    if (this.ended) return;
    const away = this.lostAt ? Date.now() - this.lostAt : 0;
    document.getElementById('connection').hidden = away < BANNER_AFTER;
    if (!away && Date.now() - this.heard > SILENCE) this.reconnect(); // half open: nobody said good-bye
    if (away < POLL_EVERY || Date.now() - this.asked < POLL_EVERY || document.hidden) return;
    this.asked = Date.now();
    catchUp();
  }

  reconnect() {
    if (this.ended) return;
    this.lostAt ??= Date.now();
    this.heard = Date.now();
    window.htmx.process(this, true);
  }
}

customElements.define('live-socket', LiveSocket);

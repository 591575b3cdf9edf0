// <live-socket id="live" hx-ws:connect="/ws?topics=…" data-sequence="57" data-changes="/…/changes"></live-socket>
// Watches the socket that hx-ws keeps: banner when it is gone, asking again when it is back.
const [BANNER_AFTER, POLL_EVERY, SILENCE, STEADY] = [5000, 20000, 65000, 300]; // 65 s: three heartbeats missed
const catchUp = () => document.dispatchEvent(new CustomEvent('live:catch-up'));

class LiveSocket extends HTMLElement {
  connectedCallback() {
    this.lostAt = this.heard = this.asked = Date.now(); // not connected yet
    this.shortLives = this.openedAt = 0;
    for (const name of ['after:connection', 'close', 'before:message:incoming']) this.addEventListener(`htmx:ws:${name}`, this);
    document.addEventListener('visibilitychange', this);
    window.addEventListener('online', this);
    document.querySelector('[data-reconnect]')?.addEventListener('click', () => this.reconnect());
    this.timer = setInterval(() => this.watch(), 1000);
    // htmx out of a cache may be faster than its extension, or than this script: nobody here has heard what is open then
    if (this._htmx?.ws?.connection?.socket.readyState !== 0) this.reconnect(); // 0: it is being opened, which is heard
  }

  disconnectedCallback() {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this);
    window.removeEventListener('online', this);
  }

  handleEvent({ type, detail }) {
    if (type === 'htmx:ws:after:connection') this.opened();
    else if (type === 'htmx:ws:close') this.closed(detail);
    else if (type === 'htmx:ws:before:message:incoming') this.frame(detail.message.data);
    else if (type === 'online') this.reconnect();
    else this.looked();
  }

  opened() {
    this.openedAt = this.heard = Date.now();
    // A full server opens and closes at once. Also the first time there is something to ask: the page is older than its socket.
    this.steady = setTimeout(() => { this.lostAt = undefined; catchUp(); }, STEADY);
  }

  closed({ code, connection }) {
    clearTimeout(this.steady);
    if (this.lostAt > this.openedAt && Date.now() - this.asked > BANNER_AFTER) this.ask(); // refused again: is it the session?
    this.lostAt ??= Date.now();
    this.shortLives = Date.now() - this.openedAt < 10000 ? this.shortLives + 1 : 0;
    if (connection) connection.attempt = Math.max(connection.attempt, this.shortLives - 1); // or it would knock twice a second
    if (code !== 1008 && code !== 4410) return; // else hx-ws tries again, without a limit
    document.dispatchEvent(new CustomEvent('live:refused'));
  }

  frame(text) {
    this.heard = Date.now();
    const frame = JSON.parse(text);
    if (frame.now) window.helpdesk.hear(frame.now);
    if (frame.catch_up) catchUp();
    if (frame.ring) document.dispatchEvent(new CustomEvent('live:ring', { detail: frame }));
  }

  looked() { // a tab that was hidden may have been frozen: what it missed it asks for
    if (document.hidden) this.hiddenAt = Date.now();
    else if (this.lostAt) { this.reconnect(); catchUp(); }
    else if (Date.now() - (this.hiddenAt ?? Date.now()) > 60000) catchUp();
  }

  watch() {
    const away = this.lostAt ? Date.now() - this.lostAt : 0;
    const banner = Object.assign(document.getElementById('connection'), { hidden: this.ended || away < BANNER_AFTER });
    banner.querySelectorAll('[data-lost]').forEach((words) => { words.hidden = (words.dataset.lost === 'long') !== (away >= POLL_EVERY); });
    if (!away && Date.now() - this.heard > SILENCE) this.reconnect(); // half open: nobody said good-bye
    if (this.ended || away < POLL_EVERY || Date.now() - this.asked < POLL_EVERY || document.hidden) return;
    this.ask();
  }
  ask() { this.asked = Date.now(); catchUp(); }

  reconnect() {
    this.lostAt ??= this.heard = Date.now();
    if (!this.ended) window.htmx.process(this, true);
  }
}

customElements.define('live-socket', LiveSocket);

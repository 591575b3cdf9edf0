// <own-presence data-url="/tickets/ACME-1/presence" hidden></own-presence>
// Says that this reader is at a ticket, and whether he writes: seldom, and no longer than it is so.
const [JOIN, BEAT, LEAVE, IDLE, WRITE, PAUSE] = [1000, 25000, 5000, 300000, 3000, 8000];
const TOUCHES = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'];
const SIGNS = ['visibilitychange', 'input', 'focusout', 'live:catch-up', ...TOUCHES];

class OwnPresence extends HTMLElement {
  connectedCallback() {
    this.tab = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    this.touchedAt = this.shownAt = Date.now();
    [this.saidAt, this.wroteAt, this.typedAt, this.said] = [0, 0, 0, 'left'];
    SIGNS.forEach((name) => document.addEventListener(name, this, { passive: true }));
    window.addEventListener('pagehide', this);
    this.timer = setInterval(() => this.watch(), 500);
  }

  disconnectedCallback() {
    SIGNS.forEach((name) => document.removeEventListener(name, this));
    window.removeEventListener('pagehide', this);
    clearInterval(this.timer);
  }

  handleEvent({ type, target }) {
    if (TOUCHES.includes(type)) this.touchedAt = Date.now();
    else if (type === 'visibilitychange') this.shownAt = this.touchedAt = Date.now();
    else if (type === 'input' && target.matches('[data-composer] textarea')) this.typedAt = this.touchedAt = Date.now();
    else if (type === 'focusout') this.typedAt = 0;
    else if (type === 'live:catch-up') this.saidAt = 0; // back, or without a socket: the answer says who is here
    else if (type === 'pagehide' && this.said !== 'left') navigator.sendBeacon(this.dataset.url, this.words('left'));
    if (type !== 'pagehide') this.watch();
  }

  get state() {
    const [now, field] = [Date.now(), document.activeElement];
    if (document.hidden) return now - this.shownAt > LEAVE ? 'left' : this.said;
    if (this.said === 'left' && now - this.shownAt < JOIN) return 'left';
    if (now - this.typedAt < PAUSE && field.matches('[data-composer] textarea') && field.value.trim()) return 'writing';
    return now - this.touchedAt > IDLE ? 'idle' : 'viewing';
  }

  watch() {
    const [state, now] = [this.state, Date.now()];
    const again = state === 'writing' ? this.typedAt > this.wroteAt : state !== 'left' && now - this.saidAt >= BEAT;
    if (this.ended || (state === 'writing' && now - this.wroteAt < WRITE)) return;
    if (again || state !== this.said) this.tell(state);
  }

  words(state) {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    return new URLSearchParams({ tab: this.tab, state, csrf_token: token });
  }

  async tell(state) {
    [this.said, this.saidAt] = [state, Date.now()];
    if (state === 'writing') this.wroteAt = Date.now();
    const options = { method: 'POST', body: this.words(state), headers: { 'HX-Request': 'true' }, keepalive: true };
    const answer = await fetch(this.dataset.url, options).catch(() => undefined);
    this.ended = answer?.status === 404 || answer?.status === 403; // nothing more to be at
    if (answer?.ok && !answer.redirected) window.htmx.swap({ sourceElement: this, target: this, swap: 'none', text: await answer.text() });
  }
}

customElements.define('own-presence', OwnPresence);

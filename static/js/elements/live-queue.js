// <live-queue data-rows-url="…"><p><button id="show-updates" data-one data-many="{n} updates · Show" hidden>…</button></p><div id="queue-rows">…
// Only the server knows what belongs here and where, so it is asked for this very list. A row that keeps its place changes in
// place; while somebody points, reads, chooses or types here, what would move, enter or leave waits behind the button.
const [TOGETHER, REST, ANNOUNCE, AWAY] = [300, 2000, 10000, 60000];
const EVENTS = ['live:ring', 'live:catch-up', 'queue:changed', 'visibilitychange', 'htmx:after:swap', 'htmx:after:request'];
const [ANY, NOTHING] = ['any', { moves: [], leaves: [], count: 0 }];
const { difference, drop, inPlace, keepFocus, mark } = window.helpdesk.queueRows;

class LiveQueue extends HTMLElement {
  connectedCallback() {
    [this.rung, this.held, this.turn, this.known] = [new Set(), NOTHING, 0, mark(this, NOTHING)];
    this.button = this.querySelector('#show-updates');
    this.button.addEventListener('click', () => this.ask(true));
    EVENTS.forEach((name) => document.addEventListener(name, this));
    ['pointerleave', 'focusout'].forEach((name) => this.addEventListener(name, this));
  }

  disconnectedCallback() {
    EVENTS.forEach((name) => document.removeEventListener(name, this));
    clearTimeout(this.timer);
  }

  get isTouched() {
    return this.matches(':hover') || this.contains(document.activeElement) || document.scrollingElement.scrollTop > 8
      || Boolean(document.querySelector('dialog[open], :popover-open') || this.querySelector('#queue-rows :checked'))
      || (!getSelection().isCollapsed && this.contains(getSelection().anchorNode));
  }

  handleEvent({ type, detail }) {
    const isMine = type === 'queue:changed' || (type === 'htmx:after:request' && this.contains(detail.ctx.sourceElement));
    const isBack = type === 'visibilitychange' && !document.hidden && Date.now() - this.hiddenAt > AWAY;
    if (detail?.gone) { this.turn += 1; drop(this, detail.ticket, this.isTouched); } // an answer under way may have it still
    if (type === 'live:catch-up' || (type === 'live:ring' && detail.ring === 'queue')) this.later(detail?.ticket ?? ANY);
    else if (type === 'htmx:after:swap') this.known = mark(this, this.held, this.known);
    else if (isMine || isBack) this.ask(true); // own deeds, at once
    else if (type === 'visibilitychange' && document.hidden) this.hiddenAt = Date.now();
    else if (['visibilitychange', 'pointerleave', 'focusout'].includes(type) && (this.held.count || this.owed)) this.later();
  }

  later(ticket) { // bursts become one request; a server that is slow is asked less often, a machine that slept as ever
    if (ticket) this.rung.add(ticket);
    this.timer ??= setTimeout(() => this.ask(), Math.max(TOGETHER * (0.5 + Math.random()), this.restUntil - Date.now() || 0));
  }

  async ask(now = false) {
    [this.timer, this.owed] = [clearTimeout(this.timer), true]; // that answers nothing
    if (document.hidden && !now) return;
    const [turn, began, rung] = [this.turn += 1, Date.now(), new Set(this.rung)];
    if (this.mine ||= now) this.setAttribute('aria-busy', 'true');
    const text = await window.helpdesk.ask(this.dataset.rowsUrl) ?? ''; // else the page says elsewhere what is wrong
    this.restUntil = Date.now() + Math.min(AWAY, Math.max(REST, 20 * (Date.now() - began))) * (0.75 + Math.random() / 2);
    const { content } = Object.assign(document.createElement('template'), { innerHTML: text });
    if (turn !== this.turn) return; // asked again meanwhile
    this.removeAttribute('aria-busy');
    if (!content.querySelector('#queue-rows')) return;
    const change = difference(this, content, rung.has(ANY) ? undefined : rung);
    const waits = change.count > 0 && !this.mine && this.isTouched; // asked again meanwhile, an own deed is shown at once still
    this.tell(waits ? change : NOTHING);
    if (!waits) rung.forEach((ticket) => this.rung.delete(ticket));
    const back = keepFocus(this);
    await window.htmx.swap({ sourceElement: this, target: '#queue-rows', swap: waits ? 'none' : 'outerMorph', text: waits ? inPlace(this, content) : text });
    this.known = mark(this, this.held, this.known);
    back();
  }

  tell(change) {
    document.dispatchEvent(new CustomEvent('queue:fresh'));
    [this.held, this.owed, this.mine, this.button.hidden] = [change, false, false, !change.count];
    this.button.querySelector('span').textContent = change.count === 1 ? this.button.dataset.one : this.button.dataset.many.replace('{n}', change.count);
    if (change.count) this.speech ??= setTimeout(() => this.say(), Math.max(0, (this.saidAt ?? 0) + ANNOUNCE - Date.now()));
  }

  say() {
    this.speech = undefined;
    if (this.held.count) this.saidAt = Date.now();
    if (this.held.count) document.getElementById('status').textContent = this.button.textContent.trim();
  }
}

customElements.define('live-queue', LiveQueue);

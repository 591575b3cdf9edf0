// <live-queue data-rows-url="…"><div role="status"><button data-show hidden data-text="{n} updates · Show">…</button></div><div id="queue-rows">…
// A row on screen is replaced in place by the socket. What would move rows waits while somebody points, reads or types here.
const TOGETHER = 300; // rings of one burst become one request
const ANNOUNCE = 10000;

class LiveQueue extends HTMLElement {
  connectedCallback() {
    this.waiting = new Set();
    this.button = this.querySelector('[data-show]');
    this.button.addEventListener('click', () => this.refresh());
    for (const name of ['live:ring', 'live:catch-up', 'keydown', 'htmx:after:swap']) document.addEventListener(name, this);
    for (const name of ['pointerleave', 'focusout']) this.addEventListener(name, this);
    this.known = this.versions();
  }

  disconnectedCallback() {
    for (const name of ['live:ring', 'live:catch-up', 'keydown', 'htmx:after:swap']) document.removeEventListener(name, this);
    clearTimeout(this.timer);
  }

  get isTouched() {
    return this.matches(':hover') || this.contains(document.activeElement) || document.scrollingElement.scrollTop > 80
      || (!getSelection().isCollapsed && this.contains(getSelection().anchorNode));
  }

  handleEvent(event) {
    if (event.type === 'live:ring' && event.detail.ring === 'queue') this.rung(event.detail.ticket ?? event.detail.sequence);
    else if (event.type === 'live:catch-up') this.rung(null);
    else if (event.type === 'keydown') this.pressed(event);
    else if (event.type === 'htmx:after:swap') this.flash();
    else if (event.type !== 'live:ring' && (this.waiting.size || this.owed)) this.later();
  }

  pressed(event) {
    if (event.key !== '.' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || this.button.hidden) return;
    if (!event.target.closest('input, textarea, select, [contenteditable], dialog')) this.refresh();
  }

  rung(ticket) {
    if (ticket) this.waiting.add(ticket);
    this.owed = true;
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.isTouched ? this.offer() : this.refresh()), TOGETHER * (0.5 + Math.random()));
  }

  offer() {
    if (!this.waiting.size) return;
    const said = Date.now() - (this.saidAt ?? 0) < ANNOUNCE;
    this.button.parentElement.setAttribute('aria-live', said ? 'off' : 'polite');
    if (!said) this.saidAt = Date.now();
    this.button.lastElementChild.textContent = this.button.dataset.text.replace('{n}', this.waiting.size);
    this.button.hidden = false;
  }

  async refresh() {
    this.waiting.clear();
    this.owed = false;
    this.button.hidden = true;
    await window.htmx.ajax('GET', this.dataset.rowsUrl, { source: this, target: '#queue-rows', swap: 'outerMorph' });
  }

  versions() { return new Map([...this.querySelectorAll('[data-ticket]')].map((row) => [row.id, row.dataset.version])); }

  flash() {
    const versions = this.versions();
    for (const [id, version] of versions) {
      if (this.known.get(id) === version) continue;
      const row = document.getElementById(id);
      row.classList.remove('is-fresh');
      requestAnimationFrame(() => row.classList.add('is-fresh'));
    }
    this.known = versions;
  }
}

customElements.define('live-queue', LiveQueue);

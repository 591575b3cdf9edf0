// <live-thread><div class="thread-scroll"><ol id="thread"><li id="message-7" data-message="7">…</ol></div><button hidden data-newer>…
// The same message may come as the answer to a form, over the socket and by catching up: one of each stays, in their order.
const NEAR = 100;

class LiveThread extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector('#thread');
    this.box = this.querySelector('.thread-scroll');
    this.button = this.querySelector('[data-newer]');
    this.scroller = this.box && getComputedStyle(this.box).overflowY === 'auto' ? this.box : document;
    this.observer = new MutationObserver((records) => this.changed(records));
    this.observer.observe(this.list, { childList: true });
    this.button?.addEventListener('click', () => this.toEnd('smooth'));
    this.scroller.addEventListener('scroll', () => this.measure(), { passive: true });
    document.addEventListener('focusin', this);
    document.addEventListener('htmx:after:request', this);
    this.newest = this.newestId();
    this.arrive();
    this.measure();
  }

  disconnectedCallback() {
    this.observer.disconnect();
    document.removeEventListener('focusin', this);
    document.removeEventListener('htmx:after:request', this);
  }

  arrive() { // a link to a message: it may be in a fold, or in the part that is not here
    const wanted = location.hash.startsWith('#message-') && document.getElementById(location.hash.slice(1));
    if (wanted) wanted.closest('details')?.setAttribute('open', '');
    else if (wanted === null && this.list.querySelector('[data-after]')) location.replace(`?all=1${location.hash}`);
    if (wanted) wanted.scrollIntoView({ block: 'center' });
    else if (this.scroller === this.box && !location.hash) this.toEnd('instant');
  }

  newestId() { return Math.max(0, ...[...this.list.querySelectorAll('[data-message]')].map((row) => Number(row.dataset.message))); }

  measure() {
    const end = this.scroller === document ? innerHeight : this.box.getBoundingClientRect().bottom;
    this.near = this.list.getBoundingClientRect().bottom - end < NEAR;
    if (this.near && this.button) this.button.hidden = true;
  }

  toEnd(behavior) {
    if (this.scroller === document) this.list.lastElementChild?.scrollIntoView({ block: 'end', behavior });
    else this.box.scrollTo({ top: this.box.scrollHeight, behavior });
  }

  // "Seen" is what was there before the first letter, and everything once the server has answered a form of mine:
  // a reply written past somebody else's newer one is refused once, shown both, and then sent.
  handleEvent({ type, target, detail }) {
    if (type === 'focusin') { if (target.form && !target.form.elements.body?.value) this.see([target.form]); return; } // of the form: a button has no value
    const form = detail.ctx.sourceElement;
    if (!form.elements?.last_seen && form.dataset?.composer === undefined) return;
    this.answered = detail.ctx.response.status;
    if (this.answered === 409) this.see([form]);
  }

  see(forms) {
    const newest = this.newestId();
    forms.filter((form) => form.elements.last_seen).forEach((form) => { form.elements.last_seen.value = newest; });
  }

  changed(records) {
    const added = records.flatMap((record) => [...record.addedNodes]).filter((node) => node.isConnected && node.dataset?.message);
    if (!added.length) return;
    window.helpdesk.settle(this.list, added);
    this.observer.takeRecords();
    const before = this.newest;
    this.newest = this.newestId();
    this.see([...document.forms].filter((form) => this.answered || !form.elements.body?.value));
    if (this.newest > before) {
      if (this.near || this.answered < 300) this.toEnd('smooth');
      else if (this.button) this.button.hidden &&= !added.some((node) => node.matches('.message')); // what the system says is no message
    }
    this.answered = undefined;
  }
}

customElements.define('live-thread', LiveThread);

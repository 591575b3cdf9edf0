// <told-list data-url="/notifications/groups?show=unread"><div id="told">…</div></told-list>
// The page of notifications keeps in step with the bell; what somebody is about to press stays where it is.
class ToldList extends HTMLElement {
  connectedCallback() {
    this.count = this.bell.count; // the page itself knows no more than that
    document.addEventListener('bell:changed', this);
  }

  disconnectedCallback() { document.removeEventListener('bell:changed', this); }

  get bell() { return document.getElementById('bell').dataset; }

  async handleEvent() {
    const { count, newest } = this.bell;
    if (count === this.count && newest === (this.newest ?? newest)) { this.newest = newest; return; }
    [this.count, this.newest] = [count, newest];
    await window.htmx.ajax('GET', this.dataset.url, { source: this, target: '#told', swap: 'outerMorph' });
  }
}

customElements.define('told-list', ToldList);

// <page-tabs><nav><a data-tab="conversation" aria-current>…<a data-tab="details">…</nav></page-tabs>
// Both parts are in the page: a narrow screen changes between them without asking for it again, and loses no word.
class PageTabs extends HTMLElement {
  connectedCallback() { this.addEventListener('click', this); }

  handleEvent(event) {
    const link = event.target.closest('[data-tab]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const body = this.closest('.app-body');
    for (const tab of this.querySelectorAll('[data-tab]')) {
      tab.toggleAttribute('aria-current', tab === link);
      if (tab === link) tab.setAttribute('aria-current', 'true');
      body.classList.toggle(`shows-${tab.dataset.tab}`, tab === link);
    }
  }
}

customElements.define('page-tabs', PageTabs);

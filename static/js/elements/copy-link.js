// <copy-link data-done="Copied"><button type="button">…</button></copy-link>: the address of this page, without what follows it.
class CopyLink extends HTMLElement {
  connectedCallback() { this.addEventListener('click', this); }

  async handleEvent() {
    await navigator.clipboard.writeText(location.origin + location.pathname);
    document.getElementById('status').textContent = this.dataset.done;
    this.classList.add('is-done');
    setTimeout(() => this.classList.remove('is-done'), 2000);
  }
}

customElements.define('copy-link', CopyLink);

// <copy-text data-done="Copied"><pre>…</pre><button type="button" hidden>…</button></copy-text>: the button, where there are scripts.
class CopyText extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector('button');
    this.button.hidden = false;
    this.button.addEventListener('click', this);
  }

  disconnectedCallback() { this.button.removeEventListener('click', this); }

  async handleEvent() {
    const text = this.querySelector('pre');
    try {
      await navigator.clipboard.writeText(text.textContent);
      document.getElementById('status').textContent = this.dataset.done;
    } catch { // not allowed here: it is chosen, so that the keys for copying copy it
      getSelection().selectAllChildren(text);
    }
  }
}

customElements.define('copy-text', CopyText);

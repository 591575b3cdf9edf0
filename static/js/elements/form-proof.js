// <form-proof data-challenge="…" data-bits="14" data-busy="Checking…"><input type="hidden" name="proof"></form-proof>
// Does the work that a doubtful form is asked for, and sends it again. Where the browser cannot, its reader waits.
const AT_ONCE = 256;
const text = new TextEncoder();

class FormProof extends HTMLElement {
  static observedAttributes = ['data-challenge'];

  attributeChangedCallback(name, before, challenge) {
    if (challenge && challenge !== before && globalThis.crypto?.subtle) queueMicrotask(() => this.answer(challenge));
  }

  async answer(challenge) {
    const form = this.closest('form');
    if (!form) return;
    const said = this.querySelector('[data-proof-line]');
    if (said) said.textContent = this.dataset.busy;
    const proof = await this.work(challenge, Number(this.dataset.bits));
    if (!this.isConnected || this.dataset.challenge !== challenge) return;
    form.elements.proof.value = proof;
    form.requestSubmit();
  }

  async work(challenge, bits) {
    for (let first = 0; this.isConnected; first += AT_ONCE) {
      const tries = Array.from({ length: AT_ONCE }, (_, n) => crypto.subtle.digest('SHA-256', text.encode(`${challenge}:${first + n}`)));
      const found = (await Promise.all(tries)).findIndex((hash) => new DataView(hash).getUint32(0) >>> (32 - bits) === 0);
      if (found >= 0) return first + found;
    }
    return '';
  }
}

customElements.define('form-proof', FormProof);

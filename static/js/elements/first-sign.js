// <first-sign><form>…</form></first-sign>: sends its form at the first sign of a person.
// Mail scanners open pages too, but they press no key and move no finger; without scripts there is the button.
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];

class FirstSign extends HTMLElement {
  connectedCallback() { for (const sign of SIGNS) addEventListener(sign, this, { passive: true }); }

  disconnectedCallback() { for (const sign of SIGNS) removeEventListener(sign, this); }

  handleEvent(event) {
    if (!event.isTrusted) return;
    this.disconnectedCallback();
    // A click of that very moment may be meant for this button, or for another form.
    setTimeout(() => { if (this.isConnected && !this.querySelector('form').dataset.busy) this.querySelector('form').requestSubmit(); }, 400);
  }
}

customElements.define('first-sign', FirstSign);

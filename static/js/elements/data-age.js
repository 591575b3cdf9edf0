// <data-age>Data as of <local-time data-form="clock"><time datetime="…Z">…</time></local-time></data-age>
// In the banner of a lost connection: since when a list may be untrue. It was true while frames came, and when it was asked for.
const SIGNS = ['htmx:ws:before:message:incoming', 'queue:fresh'];

class DataAge extends HTMLElement {
  connectedCallback() { SIGNS.forEach((name) => document.addEventListener(name, this)); }

  disconnectedCallback() { SIGNS.forEach((name) => document.removeEventListener(name, this)); }

  handleEvent() {
    this.querySelector('time').dateTime = new Date(window.helpdesk.now()).toISOString();
    this.querySelector('local-time').write();
  }
}

customElements.define('data-age', DataAge);

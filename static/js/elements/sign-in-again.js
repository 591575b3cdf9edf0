// <sign-in-again><dialog>… <p data-said></p> <div data-form></div></dialog></sign-in-again>
// The form of the sign-in page over the page whose session has ended, with the words on it as they are. Nobody is
// interrupted in the middle of a word: what he types would end in the wrong field.
const QUIET = 1500;
const banner = document.getElementById('signed-out');

class SignInAgain extends HTMLElement {
  connectedCallback() {
    [this.dialog, this.place, this.told] = ['dialog', '[data-form]', '[data-said]'].map((part) => this.querySelector(part));
    this.typedAt = -QUIET;
    document.addEventListener('input', () => { this.typedAt = performance.now(); }, { passive: true });
    this.observer = new MutationObserver(() => this.follow());
    this.observer.observe(banner, { attributeFilter: ['hidden'] });
    banner.querySelector('[data-renew]').addEventListener('click', (event) => { event.preventDefault(); this.open(); });
    this.place.addEventListener('submit', (event) => { event.preventDefault(); this.send(event.target); });
  }

  disconnectedCallback() { this.observer.disconnect(); }

  follow() {
    clearTimeout(this.timer);
    const wait = this.typedAt + QUIET - performance.now();
    if (banner.hidden) this.dialog.close();
    else if (wait > 0) this.timer = setTimeout(() => this.follow(), wait);
    else this.open();
  }

  async open() {
    if (this.dialog.open || document.querySelector('dialog[open]')) return;
    const answer = await fetch('/login').catch(() => undefined);
    if (!answer?.ok || banner.hidden) return; // nobody answers: the banner stays
    this.show(await answer.text());
    this.dialog.showModal();
    this.place.querySelector('[name=email]')?.focus();
  }

  show(html) {
    const forms = [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('main form[method=post]')];
    this.place.replaceChildren(...forms.filter((form) => form.querySelector('input:not([type=hidden])')));
    this.place.querySelector('[data-focus], [autofocus]')?.focus();
  }

  // Let in, he is led elsewhere; else the form comes back with what was wrong.
  async send(form) {
    this.told.textContent = '';
    const body = new URLSearchParams(new FormData(form));
    body.set('next', '/keys'); // a page that costs little: nobody sees it
    const answer = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
    if (answer && !new URL(answer.url).pathname.startsWith('/login')) await this.entered();
    else if (answer) this.show(await answer.text());
    else this.told.textContent = window.helpdesk.say('failed');
  }

  async entered() {
    const answer = await window.helpdesk.renew();
    if (answer.ok) return; // the banner goes, and with it the dialog
    const said = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.notice-body, main p');
    this.told.textContent = said?.textContent.trim() ?? '';
  }
}

customElements.define('sign-in-again', SignInAgain);

// <sign-in-again><dialog>… <p data-said></p> <div data-form></div></dialog></sign-in-again>
// The form of the sign-in page over the page whose session has ended, with the words on it as they are. Nobody is
// interrupted in the middle of a word: what he types would end in the wrong field.
const QUIET = 1500;
const banner = document.getElementById('signed-out');
const read = (html) => new DOMParser().parseFromString(html, 'text/html');
const isDoor = (answer) => new URL(answer.url).pathname.startsWith('/login');

class SignInAgain extends HTMLElement {
  connectedCallback() {
    [this.dialog, this.place, this.told] = ['dialog', '[data-form]', '[data-said]'].map((part) => this.querySelector(part));
    this.typedAt = -QUIET;
    document.addEventListener('input', () => { this.typedAt = performance.now(); }, { passive: true });
    this.observer = new MutationObserver(() => this.follow());
    this.observer.observe(banner, { attributeFilter: ['hidden'] });
    banner.querySelector('[data-renew]').addEventListener('click', (event) => { event.preventDefault(); this.open(); });
    this.place.addEventListener('submit', (event) => { event.preventDefault(); this.send(event.target); });
    // Closed, nothing of it stays: no password that was typed, no id of a field that the page has, too.
    this.dialog.addEventListener('close', () => { for (const part of [this.place, this.told]) part.replaceChildren(); });
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
    const known = await window.helpdesk.renew();
    const door = known.ok ? undefined : await fetch('/login').catch(() => undefined);
    if (!door?.ok || !isDoor(door)) return; // let in meanwhile, in another tab; or nobody answers: the banner stays
    const [html, other] = [await door.text(), known.status === 409 && await known.text()]; // somebody else was let in
    if (banner.hidden || document.querySelector('dialog[open]')) return;
    this.dialog.showModal();
    this.show(html);
    if (other) this.tell(other);
    this.place.querySelector('[name=email]')?.focus();
  }

  // The form of a page; one without it says why, and what was typed stays.
  show(html) {
    const forms = [...read(html).querySelectorAll('main form[method=post]')].filter((form) => form.querySelector('input:not([type=hidden])'));
    if (!forms.length) { this.tell(html); return; }
    this.place.replaceChildren(...forms);
    this.place.querySelector('[data-focus], [autofocus]')?.focus();
  }

  tell(html) {
    const said = read(html).querySelector('.notice-body, main p:not([aria-hidden])')?.textContent.trim();
    this.told.textContent = said || window.helpdesk.say('failed');
  }

  // Let in, he is led elsewhere; else the form comes back with what was wrong.
  async send(form) {
    this.told.textContent = '';
    const body = new URLSearchParams(new FormData(form));
    body.set('next', '/keys'); // a page that costs little: nobody sees it
    const answer = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
    if (answer && !isDoor(answer)) await this.entered();
    else if (answer) this.show(await answer.text());
    else this.told.textContent = window.helpdesk.say('failed');
  }

  async entered() {
    const answer = await window.helpdesk.renew();
    if (!answer.ok) this.tell(await answer.text()); // else the banner goes, and with it the dialog
  }
}

customElements.define('sign-in-again', SignInAgain);

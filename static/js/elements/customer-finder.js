// <customer-finder><input type="search" …><div id="customers-found"><button data-email data-name data-language>…</div></customer-finder>
// Choosing somebody fills in the fields below. Arrow keys walk through what was found.
class CustomerFinder extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.addEventListener('click', this);
    this.addEventListener('keydown', this);
    this.form.elements.merchant.addEventListener('change', this);
  }

  disconnectedCallback() { this.form.elements.merchant.removeEventListener('change', this); }

  get choices() { return [...this.querySelectorAll('[data-email]')]; }

  handleEvent(event) {
    if (event.type === 'change') this.clear(); // another store has other customers
    else if (event.type === 'click') this.choose(event.target.closest('[data-email]'));
    else this.pressed(event);
  }

  pressed(event) {
    if (event.isComposing) return;
    const search = this.querySelector('input');
    const places = [search, ...this.choices];
    const here = places.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') { this.clear(); search.focus(); }
    if (event.key === 'Enter' && event.target === search) event.preventDefault(); // it searches by itself
    if (!step || here < 0) return;
    event.preventDefault();
    places[Math.min(Math.max(here + step, 0), places.length - 1)].focus();
  }

  choose(choice) {
    if (!choice) return;
    const { customer_email: email, customer_name: name, language } = this.form.elements;
    [email.value, name.value, language.value] = [choice.dataset.email, choice.dataset.name, choice.dataset.language];
    this.clear();
    this.form.elements.subject.focus();
  }

  clear() {
    this.querySelector('input').value = '';
    this.querySelector('#customers-found').replaceChildren();
  }
}

customElements.define('customer-finder', CustomerFinder);

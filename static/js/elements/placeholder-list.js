// <placeholder-list data-words="Insert {mark}"> … <code data-mark>{{ticket_number}}</code> … </placeholder-list>
// Makes each mark a button that puts it where the caret was last, in a subject or a text of the same form.
class PlaceholderList extends HTMLElement {
  connectedCallback() {
    if (this.form) return;
    this.form = this.closest('form');
    this.form.addEventListener('focusin', this);
    for (const code of this.querySelectorAll('code[data-mark]')) this.makeButton(code);
  }

  makeButton(code) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link-button';
    button.setAttribute('aria-label', this.dataset.words.replace('{mark}', code.textContent));
    code.replaceWith(button);
    button.append(code);
    button.addEventListener('click', () => this.insert(code.textContent));
  }

  handleEvent(event) {
    if (event.target.matches('.pair :is(input, textarea)')) this.field = event.target;
  }

  insert(mark) {
    const field = this.field ?? this.form.querySelector(`textarea[lang="${document.documentElement.lang}"]`) ?? this.form.querySelector('textarea');
    field.setRangeText(mark, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  }
}

customElements.define('placeholder-list', PlaceholderList);

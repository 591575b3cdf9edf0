// <mail-preview> a form with a button [data-preview] and the frame that it fills </mail-preview>
// Another language or another form of the mail is shown at once, without a press on the button.
class MailPreview extends HTMLElement {
  connectedCallback() {
    this.addEventListener('change', this);
    this.addEventListener('submit', this, { capture: true });
  }

  disconnectedCallback() {
    this.removeEventListener('change', this);
    this.removeEventListener('submit', this, { capture: true });
  }

  handleEvent(event) {
    if (event.type === 'submit') {
      // What goes into the frame leaves the page as it is: no button of the form may wait for another page.
      if (event.submitter?.hasAttribute('formtarget')) event.stopPropagation();
    } else if (event.target.closest('.preview-choice')) {
      const button = this.querySelector('[data-preview]');
      button.form.requestSubmit(button);
    }
  }
}

customElements.define('mail-preview', MailPreview);

// <file-wait role="status" data-words="… {n} of {count}"> in a <file-list>: the form waits until all files are there.
class FileWait extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    this.files = this.closest('file-list');
    document.addEventListener('submit', this, { capture: true }); // before anybody takes it for sent
    this.files.addEventListener('upload:end', this);
  }

  disconnectedCallback() {
    document.removeEventListener('submit', this, { capture: true });
    this.files.removeEventListener('upload:end', this);
  }

  get running() { return this.files.querySelectorAll('.files-chosen file-upload:not([data-failed])').length; }

  handleEvent(event) {
    if (event.type === 'submit' && event.target === this.form && this.running) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.count ??= this.running;
      this.submitter = event.submitter;
    }
    if (this.count) this.tell();
  }

  tell() {
    const { running, count } = this;
    this.textContent = running ? this.dataset.words.replace('{n}', count - running).replace('{count}', count) : '';
    if (running) return;
    this.count = undefined;
    if (this.files.querySelector('.upload-bad, .files-chosen [data-failed]')) return; // the writer decides
    this.form.requestSubmit(this.submitter);
  }
}

customElements.define('file-wait', FileWait);

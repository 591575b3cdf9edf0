// <file-upload> in a line of a <file-list>: one file on its way, with its progress. `send(file, url, form)` begins.
// The answer is the line that takes its place. Says `upload:end` to its list, however it ends.
class FileUpload extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', this);
  }

  disconnectedCallback() {
    this.request?.abort();
  }

  handleEvent({ target }) {
    if (target.closest('[data-cancel]')) this.end();
    else if (target.closest('[data-again]')) this.start();
  }

  send(file, url, form) {
    this.file = file;
    this.url = url;
    this.form = form;
    this.querySelector('.files-name').textContent = file.name;
    this.querySelector('progress').setAttribute('aria-label', file.name);
    this.querySelector('[data-cancel]').setAttribute('aria-label', `${this.querySelector('[data-cancel]').textContent}: ${file.name}`);
    this.start();
  }

  start() {
    const body = new FormData();
    const own = document.querySelector('meta[name="csrf-token"]')?.content ?? this.form.elements.csrf_token?.value;
    if (own) body.set('csrf_token', own);
    if (this.form.elements.form_token) body.set('form_token', this.form.elements.form_token.value);
    body.set('files', this.file, this.file.name);
    this.failed(false);
    this.show(0);
    this.request = new XMLHttpRequest();
    this.request.upload.addEventListener('progress', ({ loaded, total }) => this.show(total ? loaded / total : 0));
    this.request.addEventListener('load', () => this.answered());
    this.request.addEventListener('error', () => this.failed(true));
    this.request.open('POST', this.url);
    this.request.setRequestHeader('HX-Request', 'true');
    this.request.send(body);
  }

  show(part) {
    const percent = Math.min(99, Math.floor(part * 100)); // the last hundredth is the server's
    this.querySelector('progress').value = percent;
    this.querySelector('.upload-percent').textContent = `${percent}%`;
  }

  failed(is) {
    this.toggleAttribute('data-failed', is);
    this.querySelector('.field-error').hidden = !is;
    this.querySelector('[data-again]').hidden = !is;
    this.querySelector('[data-state]').hidden = is;
    if (is) this.closest('file-list').dispatchEvent(new CustomEvent('upload:end'));
  }

  answered() {
    if (![200, 422].includes(this.request.status)) this.failed(true);
    else this.end(document.createRange().createContextualFragment(this.request.responseText));
  }

  end(lines = new DocumentFragment()) {
    const [row, list] = [this.parentElement, this.closest('file-list')];
    for (const line of lines.children) line.dataset.file = row.dataset.file; // it is known when it is chosen again
    row.replaceWith(lines);
    list?.dispatchEvent(new CustomEvent('upload:end'));
  }
}

customElements.define('file-upload', FileUpload);

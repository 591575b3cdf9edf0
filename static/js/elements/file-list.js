// <file-list data-remove="Remove">…<input type="file" multiple>…<ul class="files-chosen"></ul></file-list>
// Shows what was chosen, adds instead of replacing, takes single files out again, takes dropped and pasted ones.
const { language } = window.helpdesk;
const size = (bytes) => {
  const [count, unit] = bytes >= 1048576 ? [bytes / 1048576, 'megabyte'] : [Math.max(1, bytes / 1024), 'kilobyte'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: unit === 'megabyte' ? 1 : 0 }).format(count);
};

class FileList extends HTMLElement {
  connectedCallback() {
    this.kept = [...(this.input?.files ?? [])];
    this.input?.addEventListener('change', this);
    this.form = this.input?.form;
    for (const name of ['reset', 'dragover', 'dragleave', 'drop', 'paste']) this.form?.addEventListener(name, this);
  }

  disconnectedCallback() {
    for (const name of ['reset', 'dragover', 'dragleave', 'drop', 'paste']) this.form?.removeEventListener(name, this);
  }

  get input() { return this.querySelector('input[type="file"]'); }

  handleEvent(event) {
    const files = [...(event.dataTransfer ?? event.clipboardData ?? {}).files ?? []];
    if (event.type === 'change') this.keep([...this.kept, ...this.input.files]);
    else if (event.type === 'reset') this.keep([]);
    else if (event.type === 'paste' && files.length) this.keep([...this.kept, ...files]);
    else if (event.type.startsWith('d')) this.dropped(event, files);
  }

  dropped(event, files) {
    if (![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    this.classList.toggle('is-over', event.type === 'dragover');
    if (event.type === 'drop') this.keep([...this.kept, ...files]);
  }

  keep(files) {
    const seen = new Map(files.map((file) => [`${file.name} ${file.size} ${file.lastModified}`, file]));
    this.kept = [...seen.values()];
    const carrier = new DataTransfer();
    this.kept.forEach((file) => carrier.items.add(file));
    this.input.files = carrier.files;
    this.querySelector('.files-chosen').replaceChildren(...this.kept.map((file) => this.row(file)));
  }

  row(file) {
    const row = document.createElement('li');
    const name = Object.assign(document.createElement('span'), { className: 'files-name', textContent: file.name });
    const bytes = Object.assign(document.createElement('span'), { className: 'muted caption', textContent: size(file.size) });
    const remove = Object.assign(document.createElement('button'), { type: 'button', className: 'link-button', textContent: this.dataset.remove });
    remove.setAttribute('aria-label', `${this.dataset.remove}: ${file.name}`);
    remove.addEventListener('click', () => { this.keep(this.kept.filter((kept) => kept !== file)); this.input.focus(); });
    row.append(name, bytes, remove);
    return row;
  }
}

customElements.define('file-list', FileList);

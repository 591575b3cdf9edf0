// <file-list data-url data-most-files data-most-bytes data-too-many …>…<input type="file" multiple>…<ul class="files-chosen">
// Sends chosen, dropped and pasted files at once (<file-upload>), and refuses what is too much before it is sent.
const ON_FORM = ['reset', 'dragover', 'dragleave', 'drop', 'paste'];

class FileList extends HTMLElement {
  connectedCallback() {
    this.form = this.closest('form');
    for (const name of ['change', 'click']) this.addEventListener(name, this);
    for (const name of ON_FORM) this.form?.addEventListener(name, this);
    this.add([...this.input.files]); // chosen before the script was here
  }

  disconnectedCallback() {
    for (const name of ON_FORM) this.form?.removeEventListener(name, this);
  }

  get input() { return this.querySelector('input[type="file"]'); }

  get list() { return this.querySelector('.files-chosen'); }

  get rows() { return [...this.list.children].filter((row) => !row.matches('.upload-bad')); }

  handleEvent(event) {
    const files = [...(event.dataTransfer ?? event.clipboardData ?? this.input).files ?? []];
    if (event.type === 'change' && event.target === this.input) this.add(files);
    else if (event.type === 'click' && event.target.closest('[data-drop]')) this.takeOut(event.target.closest('li'));
    else if (event.type === 'reset') this.list.replaceChildren();
    else if (event.type === 'paste' && files.length) this.add(files);
    else if (event.type.startsWith('d')) this.dragged(event, files);
  }

  takeOut(row) {
    row.remove();
    this.input.focus();
  }

  dragged(event, files) {
    if (![...event.dataTransfer.types].includes('Files')) return;
    event.preventDefault();
    this.classList.toggle('is-over', event.type === 'dragover');
    if (event.type === 'drop') this.add(files);
  }

  add(files) {
    this.input.value = ''; // what is sent at once is not sent again with the form
    for (const bad of this.list.querySelectorAll('.upload-bad')) bad.remove();
    for (const file of files) {
      const key = `${file.name} ${file.size} ${file.lastModified}`;
      if (this.rows.some((row) => row.dataset.file === key)) continue; // chosen twice
      if (this.rows.length >= Number(this.dataset.mostFiles)) return this.say(this.dataset.tooMany);
      if (file.size > Number(this.dataset.mostBytes)) this.say(this.dataset.tooLarge, file.name);
      else if (!file.size) this.say(this.dataset.empty, file.name);
      else this.send(file, key);
    }
  }

  send(file, key) {
    const row = this.line('[data-row]');
    row.dataset.file = key;
    row.firstElementChild.send(file, this.dataset.url, this.form);
  }

  line(template) {
    this.list.append(this.querySelector(`template${template}`).content.cloneNode(true));
    return this.list.lastElementChild;
  }

  say(words, name = '') {
    this.line('[data-bad]').querySelector('[data-problem]').textContent = words.replace('{name}', () => name);
  }
}

customElements.define('file-list', FileList);

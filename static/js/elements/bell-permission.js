// <bell-permission data-granted="…" data-default="…" data-denied="…" data-missing="…">two checkboxes, [data-allow], [data-try]</bell-permission>
// The browser is asked only when somebody says that he wants it, and says in words what it has answered.
class BellPermission extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector('[name="is_shown_by_browser"]');
    this.button = this.querySelector('[data-allow]');
    this.box.addEventListener('change', () => this.box.checked && this.ask());
    this.button.addEventListener('click', () => this.ask());
    this.querySelector('[data-try]').addEventListener('click', () => window.helpdesk.beep());
    this.say();
  }

  async ask() {
    try { await window.Notification?.requestPermission(); } catch { /* it says so below */ }
    this.say();
  }

  say() {
    const answer = window.Notification?.permission ?? 'missing';
    this.querySelector('[role="status"]').textContent = this.dataset[answer];
    this.button.hidden = answer !== 'default' || !this.box.checked;
  }
}

customElements.define('bell-permission', BellPermission);

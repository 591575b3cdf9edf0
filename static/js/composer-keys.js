// Ctrl+Enter (on a Mac, Cmd+Enter) sends what is being written: the reply or the note, whichever is open.
const shown = (form) => form.checkVisibility();

document.addEventListener('keydown', (event) => {
  const { key, ctrlKey, metaKey, shiftKey, altKey, isComposing, keyCode, target } = event;
  if (key !== 'Enter' || !(ctrlKey || metaKey) || shiftKey || altKey || isComposing || keyCode === 229) return; // 229: an input method's
  const composer = target.closest?.('.composer');
  const form = target.closest?.('[data-composer]') ?? [...composer?.querySelectorAll('[data-composer]') ?? []].find(shown);
  if (!composer || !form || event.defaultPrevented || event.repeat) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector('.composer-send [type=submit]'));
});

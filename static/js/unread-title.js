// The title says how much is unread, as the bell does.
document.addEventListener('bell:changed', () => {
  const count = document.querySelector('.bell-count')?.textContent;
  document.title = (count ? `(${count}) ` : '') + document.title.replace(/^\(\d+\+?\) /, '');
});

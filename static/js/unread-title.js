// The title says how much is unread, as the bell does; also where a title that was pushed does not know it.
function tell() {
  const count = document.querySelector('.bell-count')?.textContent;
  const title = (count ? `(${count}) ` : '') + document.title.replace(/^\(\d+\+?\) /, '');
  if (title !== document.title) document.title = title;
}
document.addEventListener('bell:changed', tell);
document.addEventListener('htmx:after:swap', tell);

// Before a reply leaves: gaps of a canned text keep it back; an attachment that is spoken of and not there, and a language
// that does not look like the customer's, are asked about once.
const GAP = /\{\{[ \t]{0,9}[A-Za-z0-9_]{1,40}[ \t]{0,9}\}\}/g;
const FILES = /đính kèm|gửi kèm|kèm theo (?:tệp|file|ảnh)|\battach(?:ed|ment|ments|ing)?\b|\benclosed\b/iu;
const MARKED = /[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵằắẳẵặầấẩẫậềếểễệồốổỗộờớởỡợừứửữự]/giu;
const [LONG, SHARE] = [60, 0.04];
const asked = new WeakMap(); // a field → what was asked about it

// Long texts only: Vietnamese has marks in almost every other word, English has none but in names.
function isForeign(text, language) {
  const letters = text.replace(/[^\p{L}]/gu, '').normalize('NFC');
  if (letters.length < LONG) return false;
  const share = (letters.match(MARKED)?.length ?? 0) / letters.length;
  return language === 'vi' ? share === 0 : share > SHARE;
}

function complaint(form, field, told) {
  const text = field.value.normalize('NFC');
  const gaps = text.match(GAP);
  if (gaps) return ['gaps', told.dataset.gaps.replace('{marks}', [...new Set(gaps)].join(', '))];
  const own = text.split('\n').filter((line) => !line.startsWith('>')).join('\n');
  if (FILES.test(own) && !form.querySelector('.files-chosen > li') && !form.elements.files?.files.length) return ['files', told.dataset.files];
  if (isForeign(own, told.dataset.language)) return ['tongue', told.dataset.tongue];
  return [];
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  const told = form.matches?.('.composer-reply') && !event.submitter?.formAction.endsWith('/drafts') && form.querySelector('[data-guard]');
  if (!told) return;
  const field = form.querySelector('textarea');
  const [kind, words] = complaint(form, field, told);
  told.hidden = !kind || asked.get(field) === kind + field.value;
  if (told.hidden) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (kind !== 'gaps') asked.set(field, kind + field.value);
  told.textContent = words;
  field.focus();
  const at = kind === 'gaps' ? field.value.search(GAP) : -1;
  if (at >= 0) field.setSelectionRange(at, at + field.value.slice(at).match(GAP)[0].length);
}, { capture: true });

// The button said that it sends all the same, for others had written meanwhile; it was sent.
document.addEventListener('htmx:before:response', ({ detail: { ctx } }) => {
  const newer = ctx.response.status < 300 && ctx.sourceElement?.querySelector?.('.composer-newer');
  if (newer) ctx.sourceElement.querySelector('.composer-send .button-primary span').textContent = newer.dataset.send;
});

// A row that is pushed to everybody does not know what one reader has read or begun to write: that stays as it was here.
const known = new Map(); // id of the mark → what it says

function remember() {
  for (const mark of document.querySelectorAll('.queue-own')) {
    if (mark.dataset.unknown === undefined) known.set(mark.id, mark.innerHTML);
    else if (known.has(mark.id)) {
      mark.innerHTML = known.get(mark.id);
      delete mark.dataset.unknown;
    }
  }
}

document.addEventListener('htmx:after:swap', remember);
remember();

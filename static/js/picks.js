// The boxes in the rows of the queue, and a change above the list that moves no row under the hand.
const boxes = () => [...document.querySelectorAll('[data-pick]')];

// Rows of chosen tickets look so; the box above them says whether all are, some, or none.
function mark() {
  const [all, every] = [boxes(), document.querySelector('[data-pick-all]')];
  const count = all.filter((box) => box.checked).length;
  all.forEach((box) => box.closest('tr').classList.toggle('is-picked', box.checked));
  if (!every) return;
  every.checked = count > 0 && count === all.length;
  every.indeterminate = count > 0 && !every.checked;
}

// Further down a browser keeps the rows where they are by itself; at the top of the page it does not.
function steadily(change) {
  const [list, top] = [document.getElementById('queue-rows'), document.scrollingElement.scrollTop];
  const before = list?.getBoundingClientRect().top;
  change();
  if (top < 1 && list) window.scrollBy({ top: list.getBoundingClientRect().top - before, behavior: 'instant' });
}

window.helpdesk.picks = { boxes, mark, steadily };

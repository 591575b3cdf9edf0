// The order of a thread. Messages come once or twice and in any order; rows that are no messages (a line, a fold of changes,
// the gap in a long thread) say by data-place where they belong among the ids.
const place = (row) => Number(row.dataset.message ?? row.dataset.place);

// One of each: the newer one takes the older one's place, in a fold too; what a gap leaves out stays out.
window.helpdesk.settle = (list, added) => {
  for (const item of added) {
    const twin = [...list.querySelectorAll(`[id="${item.id}"]`)].find((other) => other !== item);
    const gap = list.querySelector('[data-after]')?.dataset;
    if (twin) twin.replaceWith(item);
    if ('withdrawn' in item.dataset) item.remove();
    else if (!twin && gap && place(item) > Number(gap.after) && place(item) < Number(gap.before)) item.remove();
  }
  const rows = [...list.children].filter((row) => !Number.isNaN(place(row)));
  const sorted = [...rows].sort((a, b) => place(a) - place(b));
  if (rows.some((row, index) => row !== sorted[index])) list.append(...sorted);
};

// The frames of a topic are numbered, and each heartbeat says how many there were. A page that lacks one asks what it missed.
const UNDER_WAY = 1000; // what a heartbeat has counted may still come
const had = new Map(); // topic → the number of its last frame
const doubted = new Map(); // topic → what it had when a heartbeat counted less
let timer;

function ask() {
  timer ??= setTimeout(() => {
    timer = undefined;
    document.dispatchEvent(new CustomEvent('live:catch-up'));
  }, UNDER_WAY * Math.random());
}

function heard(topic, number) {
  const last = had.get(topic);
  had.set(topic, number);
  if (last !== undefined && number !== last + 1) ask();
}

function lost(topic, number) {
  had.set(topic, number);
  ask();
}

// A heartbeat that was counted before a frame came says less; when the next says less than that, too, Redis was emptied
// and counts anew.
function doubt(topic, number) {
  if (number < doubted.get(topic)) lost(topic, number);
  doubted.set(topic, had.get(topic));
}

function counted(numbers) {
  for (const [topic, number] of Object.entries(numbers)) {
    if (!had.has(topic)) had.set(topic, number);
    else if (number < had.get(topic)) doubt(topic, number);
    else if (number !== had.get(topic)) setTimeout(() => { if (had.get(topic) < number) lost(topic, number); }, UNDER_WAY);
  }
}

document.addEventListener('htmx:ws:before:message:incoming', ({ detail }) => {
  const { topic, number, numbers } = JSON.parse(detail.message.data);
  if (number) heard(topic, number);
  if (numbers) counted(numbers);
});
document.addEventListener('htmx:ws:after:connection', () => [had, doubted].forEach((each) => each.clear())); // such a page asks anyway

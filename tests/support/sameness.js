// What is on a page, line by line, without what differs by design: read by sameness.py.
() => {
  const OUT = `script, style, present-people, #status, #notices, #connection, #signed-out, dialog, .thread-new, .updates, .visually-hidden:empty,
    live-socket, reading-mark, own-presence, list-presence, live-panels, bell-reader, #live-sequence, queue-steps, [data-writers], [data-newer],
    kept-draft [data-words], .draft-line, input[name=csrf_token], input[name=submission], [data-form=zoned], [data-news]`;
  const QUIET = new Set(['data-sequence', 'data-held', 'style', 'data-htmx-powered', 'open', 'data-tone', 'title', 'data-chosen', 'tabindex', 'data-place', 'aria-busy', 'data-about', 'data-newest']);
  const body = document.body.cloneNode(true);
  body.querySelectorAll(OUT).forEach((one) => one.remove());
  body.querySelectorAll('li.changes').forEach((fold) => fold.replaceWith(...fold.querySelectorAll('li[data-message]')));
  body.querySelectorAll('time, .sla-text').forEach((one) => { one.textContent = ''; });
  body.querySelectorAll('queue-link a').forEach((one) => one.removeAttribute('href'));
  const lines = [document.title.replace(/^\(\d+\) /, '')];
  const walk = (node, depth) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.replace(/\s+/g, ' ').trim();
      if (text) lines.push(' '.repeat(depth) + text);
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const attributes = [...node.attributes].filter(({ name }) => !QUIET.has(name))
      .map(({ name, value }) => (name === 'class' ? [name, value.split(/\s+/).filter((one) => one && !/^(is-fresh|htmx-.*|is-hushed)$/.test(one)).sort().join(' ')] : [name, value]))
      .filter(([name, value]) => name !== 'class' || value).map(([name, value]) => `${name}="${value}"`).sort();
    lines.push(`${' '.repeat(depth)}<${[node.localName, ...attributes].join(' ')}>`);
    node.childNodes.forEach((child) => walk(child, depth + 1));
  };
  body.querySelectorAll('header.app-header, main, nav').forEach((part) => walk(part, 0));
  return lines;
}

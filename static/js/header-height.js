// The header takes as many lines as it needs: what sticks below it hears how high it is.
const header = document.querySelector('.app-header');
const measure = () => {
  const height = getComputedStyle(header).position === 'sticky' ? header.offsetHeight : 0;
  document.documentElement.style.setProperty('--header', `${height}px`);
};
if (header) new ResizeObserver(measure).observe(header, { box: 'border-box' });

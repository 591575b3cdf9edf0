// A row that is pushed to everybody does not know what one reader has read or begun to write: here that stays as it is.
document.addEventListener('htmx:before:morph:node', (event) => {
  if (event.detail.newNode.dataset?.unknown !== undefined && event.detail.oldNode.dataset.unknown === undefined) event.preventDefault();
});

"""What the tests stand on: the world, the browser, the servers, the readers of the tree."""

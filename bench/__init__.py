"""What the product costs. `make bench` prints one table; ratios within one run count more than absolute times."""

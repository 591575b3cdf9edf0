"""The laws of the house, as inspections of the tree. Each module says one law and shows that it sees an offence."""

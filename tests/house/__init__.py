"""The laws of the house, as inspections. Each module says one law and proves that it sees an offence."""

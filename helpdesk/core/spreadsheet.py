"""Rows as a CSV file for a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

BOM = "\ufeff"  # or spreadsheets read it in an old alphabet
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # wide ones count, too


def harmless(cell: Any) -> Any:
    """A text that no spreadsheet takes for a formula; an apostrophe before it says that it is text."""
    if not isinstance(cell, str):
        return cell
    begins = cell.lstrip(" \u00a0\u200b\ufeff\x00")
    return f"'{cell}" if begins.startswith(FORMULA) else cell


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The file."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (headings, *rows):
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue()

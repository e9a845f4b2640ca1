"""An answer as CSV, JSON, or columns of text."""

from __future__ import annotations

import csv
import io
import json

from osaudit.jsontext import shown
from osaudit.render.neutral import csv_cell, plain
from osaudit.sweep.querying import Answer, plain_value

MAX_CELL = 60


def as_json(answer: Answer) -> str:
    """A list of objects."""
    rows = [dict(zip(answer.columns, map(plain_value, row), strict=True)) for row in answer.rows]
    return shown(json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False)) + "\n"


def as_csv(answer: Answer) -> str:
    """A header, and a line a row; lists are joined by a semicolon, and no text is a formula of a spreadsheet."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([cell_text(value) for value in row] for row in answer.rows)
    return sink.getvalue()


def cell_text(value: object) -> str:
    """A cell of a table of text."""
    found = plain_value(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list):
        found = ";".join(str(one) for one in found)
    if isinstance(found, str):
        return csv_cell(found)
    return str(found)


def as_text(answer: Answer) -> str:
    """Columns for a terminal: strangers' words are plain, and long cells are cut."""
    rows = [[plain(cell_text(value), MAX_CELL) for value in row] for row in answer.rows]
    widths = [max(map(len, column)) for column in zip(answer.columns, *rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in ([*answer.columns], *rows)]  # fmt: skip
    return "\n".join(lines)

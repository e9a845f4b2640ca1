"""The rows as the script of the ranking reads them: classic scripts, which a page opened from the disk may load too.

`assets/rows/index.js` has the words; each `assets/rows/N.js` five thousand rows, column by column, in the order of the
ranking. Nothing in them can end a script or a line: they are ASCII, and `<` is written out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from osaudit.packs import load_pack
from osaudit.render.neutral import plain
from osaudit.render.usewords import ANSWERS as ANSWER_WORDS
from osaudit.render.usewords import use_name
from osaudit.render.words import BASES, FACET_HEADS, GROUNDS, RUNGS, rung_words
from osaudit.site.board import ANSWERS, CRITERIA, USES, Row, every_row
from osaudit.site.dots import legend
from osaudit.site.frame import View, date_words
from osaudit.site.naming import licence_page, model_page
from osaudit.site.options import Site
from osaudit.site.ranking import present
from osaudit.site.rowviews import FAILED, KINDS, SHOWN_USES, licence_words, probe_words
from osaudit.site.writer import Made
from osaudit.verdict import UNTOLD

CHUNK = 5_000
DAY = 86_400
MOST = 400
"""Publishers that the filter proposes; every other can be typed."""


def make(site: Site) -> Iterator[Made]:
    """The words, then the rows."""
    known = _known(site)
    yield Made("assets/rows/index.js", script("index", _index(site, known)))
    for number, chunk in enumerate(every_row(site.connection, CHUNK)):
        yield Made(f"assets/rows/{number + 1}.js", script("rows", _columns(chunk, known), number))


def script(function: str, value: object, *before: object) -> bytes:
    """A call of the site's own script with a value, as ASCII that no reader of HTML or of lines takes for anything."""
    given = ", ".join(_json(one) for one in (*before, value))
    return f"osaudit.{function}({given});\n".encode("ascii")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


class _Places(dict[str, int]):
    """The place of each word in its list."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__({word: at for at, word in enumerate(words)})


def _known(site: Site) -> dict[str, _Places]:
    return {name: _Places(_distinct(site, name)) for name in ("licence", "task", "architecture")}


def _distinct(site: Site, column: str) -> list[str]:
    """A column's values, the most frequent first."""
    sql = f"SELECT {column}, count(*) FROM board GROUP BY 1 ORDER BY 2 DESC, 1"
    return [value for value, _ in site.connection.execute(sql).fetchall()]


def _index(site: Site, known: dict[str, _Places]) -> View:
    """The words that rows point into, and those of the page."""
    pack = load_pack()
    dated = "SELECT min(coalesce(created, modified)), max(coalesce(created, modified)) FROM board"
    first, last = site.connection.execute(dated).fetchone()
    sql = "SELECT owner FROM board WHERE owner <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?"
    owners = [plain(owner, 120) for (owner,) in site.connection.execute(sql, [MOST]).fetchall()]
    return {
        "stands": site.summary.stands,
        "chunk": CHUNK,
        "has": present(site),
        "labels": [{"id": rung, "words": name, "best": rung_words(rung)} for rung, name in RUNGS.items()],
        "ranked": site.summary.labels,
        "grounds": list(GROUNDS.values()),
        "bases": list(BASES.values()),
        "untold": UNTOLD,
        "failed": FAILED,
        "licences": _licences(site, known["licence"]),
        "tasks": [plain(one, 80) for one in known["task"]],
        "architectures": [plain(one, 80) for one in known["architecture"]],
        "owners": owners,
        "uses": [{"id": use, "words": use_name(use), "shown": use in SHOWN_USES} for use in USES],
        "answers": {key: [KINDS[key], ANSWER_WORDS.get(answer, "not judged")] for key, answer in ANSWERS.items()},  # type: ignore[call-overload] # `-` has none
        "criteria": [[one.id, one.title] for one in pack.criteria]
        if pack.id == "osd"
        else [[one, ""] for one in CRITERIA],
        "facets": list(FACET_HEADS.values()),
        "outcomes": {one["letter"]: [one["kind"], one["word"], one["meaning"]] for one in legend()},
        "years": [first and int(date_words(first)[:4]), last and int(date_words(last)[:4])],
    }


def _licences(site: Site, known: _Places) -> list[list[str]]:
    sql = "SELECT licence, min(licence_name) FROM board GROUP BY 1"
    names = dict(site.connection.execute(sql).fetchall())
    return [[plain(names[key], 120), licence_page(key)] if key else ["", ""] for key in known]


def _columns(chunk: list[Row], known: dict[str, _Places]) -> dict[str, list[Any]]:
    """Rows by column, each value as short as it can be told."""
    rungs, grounds, bases = _Places(list(RUNGS)), _Places(list(GROUNDS)), _Places(list(BASES))
    return {
        "m": [plain(row.model, 200) for row in chunk],
        "h": [0 if page == _simple(row.model) else page for row in chunk for page in (model_page(row.model),)],
        "r": [row.rank or 0 for row in chunk],
        "s": [row.stand[0] for row in chunk],
        "l": [rungs.get(row.label, -1) for row in chunk],
        "e": [rungs.get(row.at_best, -1) for row in chunk],
        "g": [grounds.get(row.basis, -1) for row in chunk],
        "a": [
            int(row.candidate) + 2 * row.incomplete + 4 * row.settled + 8 * (row.basis == "attested") for row in chunk
        ],
        "lo": [round(row.low * 10) for row in chunk],
        "hi": [round(row.high * 10) for row in chunk],
        "c": [known["licence"][row.licence] for row in chunk],
        "cn": [0 if not row.licence_name or row.licence else licence_words(row) for row in chunk],
        "cb": [bases.get(row.licence_basis, -1) for row in chunk],
        "t": [known["task"][row.task] for row in chunk],
        "k": [known["architecture"][row.architecture] for row in chunk],
        "b": [[plain(one, 100) for one in row.bases[:1]] + [len(row.bases)] if row.bases else 0 for row in chunk],
        "d": [row.dots for row in chunk],
        "u": [row.uses for row in chunk],
        "v": [row.reviews for row in chunk],
        "f": [row.conflicts for row in chunk],
        "dl": [row.downloads if row.downloads is not None else -1 for row in chunk],
        "p": [row.parameters if row.parameters is not None else -1 for row in chunk],
        "w": [row.weight_bytes if row.weight_bytes is not None else -1 for row in chunk],
        "y": [row.dated // DAY if row.dated is not None else -1 for row in chunk],
        "pr": [(probe_words(row) or 0) if row.level else 0 for row in chunk],
        "er": [[plain(row.error, 40), plain(row.message, 160)] if row.error else 0 for row in chunk],
    }


def _simple(model: str) -> str:
    """The page of a model whose name is one of the Hub's: what the script makes of the name itself."""
    return f"models/{model.replace('/', '--')}.html"

"""The ranking, read from a store: a row a model, in the order of the ranking, some thousands in memory at a time.

A rank rests on the label, then on the low end of the score, then on its high end (RUBRIC: a gate, not an average).
Models that differ in none of these share a rank, and the next rank counts them all, as in sport. What could not be
told, was only listed or could not be judged has no rank and stands apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from osaudit.verdict import FACETS, LADDER

Connection: TypeAlias = Any
"""DuckDB's, of a store that `osaudit.sweep.querying.connected` has opened."""
Stand: TypeAlias = Literal["ranked", "untold", "listed", "failed"]
STANDS: tuple[Stand, ...] = ("ranked", "untold", "listed", "failed")
"""Where a model stands, in the order in which the site shows them."""

CRITERIA: tuple[str, ...] = tuple(f"OSD-{number}" for number in range(1, 11))
USES: tuple[str, ...] = (
    "evaluate",
    "run",
    "sell",
    "host",
    "redistribute",
    "fine-tune",
    "fine-tune-ship",
    "quantise-ship",
    "outputs-commercial",
    "train-on-outputs",
    "territory",
    "barred-fields",
)
"""The uses in the order of `criteria/uses.yaml`, which is that of the letters in `Row.uses`."""

OUTCOMES = {"p": "pass", "a": "partial", "f": "fail", "r": "review", "n": "not_applicable", "x": "nothing"}
"""What a letter of `Row.dots` means: `nothing` does not apply and counts 0, since nothing was published."""
ANSWERS = {"y": "yes", "i": "yes-if", "n": "no", "q": "not-known", "-": ""}
"""What a letter of `Row.uses` means; `-` was not asked."""
BATCH = 2_000
RECENT = 30
"""Days over which the Hub counts downloads."""
_LEVELS = ("access", "integrity", "structure", "loads", "infers", "performs")


@dataclass(frozen=True, slots=True)
class Row:
    """A model in the ranking.

    `place`: 1 for the first row; `rank` is None apart from `ranked`. Scores are 0 to 100. Times are seconds since 1970
    in UTC. `dots` has a letter a cell of OSD-1 ... OSD-10 by facets (weights, data, training, licence), or none;
    `uses` a letter a use. `figures` is the probe's JSON as it stands in the store.
    """

    place: int
    rank: int | None
    stand: Stand
    model: str
    seq: int
    owner: str
    commit: str | None
    label: str
    at_best: str
    basis: str
    candidate: bool
    low: float
    high: float
    incomplete: bool
    licence: str
    licence_name: str
    spdx: str
    licence_basis: str
    settled: bool
    task: str
    library: str
    architecture: str
    bases: tuple[str, ...]
    gated: str
    parameters: int | None
    weight_bytes: int | None
    downloads: int | None
    likes: int | None
    created: int | None
    modified: int | None
    collected: int | None
    evidence: str
    packs: str
    dots: str
    uses: str
    reviews: int
    conflicts: int
    level: str
    figures: str
    error: str
    message: str

    @property
    def dated(self) -> int | None:
        """When the model was made, else when its repository was changed last."""
        return self.created if self.created is not None else self.modified


@dataclass(frozen=True, slots=True)
class Summary:
    """What a store holds as a whole: the models by where they stand, when it was looked at, by what.

    `as_of` is when the newest of its models was looked at, in seconds since 1970.
    """

    stands: dict[Stand, int]
    labels: dict[str, int]
    as_of: int
    since: int
    tools: tuple[str, ...]
    packs: tuple[str, ...]
    readers: tuple[str, ...]
    sweeps: int

    @property
    def models(self) -> int:
        """How many models there are, whatever became of them."""
        return sum(self.stands.values())


def _case(column: str, names: tuple[str, ...] | dict[str, str]) -> str:
    """An SQL expression for a name's place in a list, or for its letter."""
    pairs = [(name, str(at)) for at, name in enumerate(names)]
    if isinstance(names, dict):
        pairs = [(name, f"'{letter}'") for letter, name in names.items() if name]
    return f"CASE {column} " + " ".join(f"WHEN '{name}' THEN {to}" for name, to in pairs) + " END"


_CELLS = len(CRITERIA) * len(FACETS)
_CODES = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(OUTCOMES.values()))
_NOTHING = list(OUTCOMES).index("x")
_CODE = f"CASE WHEN outcome = 'not_applicable' AND counted THEN {_NOTHING} ELSE CASE outcome {_CODES} END END"
_AT = f"3 * (({_case('criterion', CRITERIA)}) * {len(FACETS)} + ({_case('facet', tuple(FACETS))}))"
_DECODED = " || ".join(
    f"substr('{''.join(OUTCOMES)}', 1 + CAST((codes >> {3 * at}) & 7::HUGEINT AS INT), 1)" for at in range(_CELLS)
)
# Forty letters of three bits each are summed as one number of 128: no cell is held, and nothing is sorted.
_DOTS = f"""
SELECT model, CASE WHEN cells = {_CELLS} THEN {_DECODED} ELSE '' END AS dots, reviews FROM (
  SELECT model, count(*) AS cells, sum(CAST({_CODE} AS HUGEINT) << CAST({_AT} AS INT)) AS codes,
    count(*) FILTER (outcome = 'review') AS reviews
  FROM cells WHERE pack = 'osd' GROUP BY model
)
"""
_LETTERS = " || ".join(f"coalesce(max({_case('answer', ANSWERS)}) FILTER (kind = '{use}'), '-')" for use in USES)
_FINDINGS = f"""
SELECT model, {_LETTERS} AS uses, count(*) FILTER (sort = 'conflict') AS conflicts
FROM findings WHERE sort IN ('use', 'conflict') GROUP BY model
"""
_PROBES = f"""
SELECT model, max_by(level, {_case("level", _LEVELS)}) FILTER (outcome = 'pass') AS level,
  max_by(figures, {_case("level", _LEVELS)}) FILTER (figures IS NOT NULL) AS figures
FROM probes GROUP BY model
"""
_STAND = """
CASE WHEN status = 'failed' THEN 'failed' WHEN status = 'listed' OR NOT coalesce(ranked, false) THEN 'listed'
  WHEN NOT coalesce(determined, false) THEN 'untold' ELSE 'ranked' END
"""
_ORDER = "rung DESC, low DESC, high DESC"
_TEXT = "coalesce({0}, '')"
_SHAPED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("stand", "commit", "low", "high", "parameters", "weight_bytes", "downloads", "likes"), "{0}"),
        **dict.fromkeys(("model", "seq"), "m.{0}"),
        **dict.fromkeys(("candidate", "incomplete"), "coalesce({0}, false)"),
        "at_best": "coalesce(label_at_best, '')",
        "basis": "coalesce(label_basis, '')",
        "spdx": "coalesce(licence_spdx, '')",
        "settled": "coalesce(licence_settled, false)",
        "bases": "coalesce(bases, [])",
        "created": "CAST(epoch(created_at) AS BIGINT)",
        "modified": "CAST(epoch(last_modified) AS BIGINT)",
        "collected": "CAST(epoch(collected_at) AS BIGINT)",
        "evidence": "coalesce(evidence_sha256, '')",
        **dict.fromkeys(("reviews", "conflicts"), "coalesce({0}, 0)"),
    }
)
"""A row's columns that are not the store's own with the empty text for none."""
COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Row))
_OWN: tuple[str, ...] = tuple(name for name in COLUMNS if name not in {"place", "rank"})
_LISTED = (
    *("stand", "model", "owner", "commit", "label", "at_best", "basis", "candidate", "low", "high", "incomplete"),
    *("licence", "licence_name", "spdx", "licence_basis", "settled", "dots", "uses", "conflicts", "error"),
)
"""What a list of models shows of each, and more."""
_WIDE = f"""
CREATE TABLE wide AS
WITH standing AS (
  SELECT {_STAND} AS stand, coalesce({_case("label", tuple(LADDER))}, -1) AS rung,
    coalesce(score_low, 0.0) AS low, coalesce(score_high, 100.0) AS high, *
  FROM models
)
SELECT rung, {", ".join(f"{_SHAPED.get(name, _TEXT).format(name)} AS {name}" for name in _OWN)}
FROM standing m LEFT JOIN dots d ON d.model = m.model LEFT JOIN found f ON f.model = m.model
  LEFT JOIN probed p ON p.model = m.model
"""
_PLACED = f"""
CREATE TABLE placed AS
SELECT rowid AS at,
  CAST(row_number() OVER (ORDER BY {_case("stand", STANDS)}, {_ORDER}, lower(model), model) AS INT) AS place,
  CASE WHEN stand = 'ranked' THEN CAST(rank() OVER (PARTITION BY stand ORDER BY {_ORDER}) AS INT) END AS rank
FROM wide
"""
_SLICE = 20_000


def _digest(columns: Sequence[str]) -> str:
    """An SQL expression for a digest of columns: two rows have the same where they are the same in all of these."""
    told = ", ".join(f"coalesce(CAST({name} AS VARCHAR), chr(30))" for name in columns)
    return f"md5(concat_ws(chr(31), {told}))"


_BOARD = f"""
SELECT place, rank, {", ".join(_OWN)}, {_digest(_LISTED)} AS listed, {_digest(_OWN)} AS whole
FROM placed JOIN wide ON wide.rowid = placed.at WHERE place > ? AND place <= ? ORDER BY place
"""


def lay_out(connection: Connection) -> None:
    """Make the table `board` of an opened store (`osaudit.sweep.querying.connected`), which everything here reads.

    It has the columns of `Row`, and two digests: `listed` of what a list of models shows, `whole` of all but the place
    and the rank. What is wide is put in order a slice at a time.
    """
    for name, sql in (("dots", _DOTS), ("found", _FINDINGS), ("probed", _PROBES)):  # one by one: each is held alone
        connection.execute(f"CREATE TABLE {name} AS {sql}")
    connection.execute(_WIDE)
    for name in ("dots", "found", "probed"):
        connection.execute(f"DROP TABLE {name}")
    connection.execute(_PLACED)
    (count,) = connection.execute("SELECT count(*) FROM placed").fetchone()
    connection.execute(f"CREATE TABLE board AS {_BOARD}", [0, _SLICE])
    for start in range(_SLICE, count, _SLICE):
        connection.execute(f"INSERT INTO board {_BOARD}", [start, start + _SLICE])
    connection.execute("DROP TABLE placed")
    connection.execute("DROP TABLE wide")


def every_row(connection: Connection, size: int = BATCH) -> Iterator[list[Row]]:
    """All rows of the board in the order of the ranking, some at a time."""
    for found in slices(connection, ", ".join(COLUMNS), size):
        yield [_row(one) for one in found.fetchall()]


def slices(connection: Connection, columns: str, size: int) -> Iterator[Any]:
    """Answers with some columns of the board, each of the next rows: no more of it is held, and nothing is sorted."""
    (count,) = connection.execute("SELECT count(*) FROM board").fetchone()
    cursor = connection.cursor()  # one of its own, so that others ask the store meanwhile
    for start in range(0, count, size):
        where = f"board.place > {start} AND board.place <= {start + size}"
        yield cursor.sql(f"SELECT {columns} FROM board WHERE {where} ORDER BY board.place")


def rows(connection: Connection, where: str, *parameters: object) -> Iterator[Row]:
    """The rows of the board that a condition of our own finds, in the order of the ranking."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM board WHERE {where} ORDER BY place"
    cursor = connection.cursor()  # as above
    cursor.execute(sql, list(parameters))
    while found := cursor.fetchmany(BATCH):
        for one in found:
            yield _row(one)


_BASES = COLUMNS.index("bases")


def _row(values: tuple[Any, ...]) -> Row:
    given = list(values)
    given[_BASES] = tuple(given[_BASES])
    return Row(*given)


def summary(connection: Connection) -> Summary:
    """What the board holds as a whole."""
    stands = dict(connection.execute("SELECT stand, count(*) FROM board GROUP BY 1").fetchall())
    labels = dict(connection.execute("SELECT label, count(*) FROM board WHERE stand = 'ranked' GROUP BY 1").fetchall())
    as_of, since = connection.execute("SELECT max(collected), min(collected) FROM board").fetchone()
    (sweeps,) = connection.execute("SELECT count(DISTINCT seq // 1000000000) FROM all_models").fetchone()
    return Summary(
        {stand: stands.get(stand, 0) for stand in STANDS},
        {label: labels.get(label, 0) for label in reversed(tuple(LADDER))},
        as_of or 0,
        since or 0,
        _named(connection, "tool"),
        tuple(dict.fromkeys(pack for packs in _named(connection, "packs") for pack in packs.split())),
        _named(connection, "readers"),
        sweeps,
    )


def _named(connection: Connection, column: str) -> tuple[str, ...]:
    sql = f"SELECT DISTINCT {column} FROM models WHERE {column} IS NOT NULL ORDER BY 1"
    return tuple(value for (value,) in connection.execute(sql).fetchall())


def figures_of(row: Row) -> tuple[tuple[str, float, str], ...]:
    """The probe's figures: id, value, unit; none where it measured nothing, or what stands there is none."""
    try:
        found = json.loads(row.figures) if row.figures else []
        return tuple((str(one["id"]), float(one["value"]), str(one["unit"])) for one in found)
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()

"""Build the index of known licence texts: `python -m osaudit.licences.build TEXTS_DIR [--corpus DIR] [-o FILE]`.

`criteria/licence-texts.yaml` says which file, by its SHA-256, is a text of which licence; files that it does not list
are left out. Hashes alone enter the index.
"""

from __future__ import annotations

import argparse
import array
import hashlib
import itertools
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from osaudit.errors import UsageError
from osaudit.frozen import dataclass
from osaudit.licences.clauses import clause_marks
from osaudit.licences.heads import head_of, load_listed
from osaudit.licences.index import ClauseMark, Gap, Index, KnownText, Segment, digest, encode, index_from, make_index
from osaudit.licences.notices import is_name
from osaudit.licences.table import load_table
from osaudit.licences.tokens import Words, row_of, shingles, words_of
from osaudit.resources import data_path

_LEAST_SEGMENT = 4
_METADATA = re.compile(r"\A---\n.{0,6000}?\n---\n", re.DOTALL)
_PROVENANCE = re.compile(r"\A(?:\[For [^\]\n]{0,300}\]\s*)+")
# the fixed words on both sides of a name in the SPDX list's templates
_SLOTS = tuple(
    (row_of(before), row_of(after))
    for before, after in (
        ("neither the name of", "nor the names of"),
        ("neither the names of", "nor the names of"),
        ("provided by", "as is and any express"),
        ("is provided as is and", "disclaims all warranties"),
        ("in no event shall", "be liable"),
    )
)
_MAX_SLOT = 12
# where a licence proper begins and ends, in texts that are passed on with and without what stands around it
_STARTS = (row_of("by exercising the licensed rights"),)
# the notice that a licence's own appendix gives for the heads of files: by which words it begins and ends
_NOTICES = (
    ("apache-2.0", "licensed under the apache license version 2.0 the license", "limitations under the license"),
    ("gpl-3.0", "this program is free software you can redistribute it", "along with this program if not see"),
    ("agpl-3.0", "this program is free software you can redistribute it", "along with this program if not see"),
    ("mpl-2.0", "this source code form is subject to the terms", "with this file you can obtain one at"),
)
_ENDS = (
    (row_of("end of terms and conditions"), True),
    (row_of("end of terms and conditions"), False),
    (row_of("Creative Commons is not a party"), False),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is a text of a licence: the text, and the key of the licence."""

    key: str
    text: str


def main(argv: list[str] | None = None) -> int:
    """Build the index and say what it holds."""
    parser = argparse.ArgumentParser(
        prog="python -m osaudit.licences.build", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("texts", type=Path, help="folder of licence texts")
    parser.add_argument(
        "--corpus",
        type=Path,
        action="append",
        default=[],
        help="folder of recorded repositories whose licence files count too; may be repeated",
    )
    parser.add_argument("-o", "--output", type=Path, default=data_path("criteria", "licences.idx"))
    options = parser.parse_args(argv)
    try:
        sources = tuple(listed_sources([options.texts, *options.corpus]))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    data = encode(build(sources))
    options.output.write_bytes(data)
    index = index_from(data)
    sys.stdout.write(
        f"{len(index.texts)} texts of {len({t.key for t in index.texts})} licences, version {index.version}\n"
    )
    return 0


def listed_sources(folders: Iterable[Path]) -> Iterator[Source]:
    """Read the files that `criteria/licence-texts.yaml` lists, each once."""
    listed = known_files()
    done: set[str] = set()
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder of licence texts.")
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.stat().st_size > 200_000:  # noqa: PLR2004 no licence is longer
                continue
            raw = path.read_bytes()
            sha256 = hashlib.sha256(raw).hexdigest()
            if sha256 in listed and sha256 not in done:
                done.add(sha256)
                yield Source(listed[sha256], raw.decode("utf-8", "replace"))


def known_files() -> Mapping[str, str]:
    """Return the key of each listed file, by the file's SHA-256."""
    return {row["sha256"]: row["key"] for row in load_listed()["texts"]}


def build(sources: Iterable[Source]) -> Index:
    """Make the index of some texts."""
    texts: list[KnownText] = []
    rows: dict[int, set[int]] = {}
    clauses: dict[ClauseMark, None] = {}
    for source in sources:
        clauses.update(dict.fromkeys(clause_marks(source.key, _bare(source.text))))
        for words, counted in _versions_of(source):
            known = _known_text(source.key, words, counted=counted)
            if known is None or any(known.key == t.key and known.segments == t.segments for t in texts):
                continue
            if counted:
                for row in set(shingles(words.words, 6)):
                    rows.setdefault(row, set()).add(len(texts))
            texts.append(known)
    return _with_rows(tuple(texts), rows, list(clauses))


def _with_rows(texts: tuple[KnownText, ...], rows: dict[int, set[int]], clauses: list[ClauseMark]) -> Index:
    sets: dict[tuple[int, ...], int] = {}
    sorted_rows, owners = array.array("Q"), array.array("H")
    for row in sorted(rows):
        sorted_rows.append(row)
        owners.append(sets.setdefault(tuple(sorted(rows[row])), len(sets)))
    draft = make_index(texts, sorted_rows, owners, [list(one) for one in sets], clauses, "")
    return index_from(encode(draft))


def _bare(text: str) -> str:
    """The text without what a collector wrote above it, its lines in place."""
    for pattern in (_METADATA, _PROVENANCE):
        text = pattern.sub(lambda match: "\n" * match[0].count("\n"), text)
    return text


def _versions_of(source: Source) -> Iterator[tuple[Words, bool]]:
    """The forms in which the text goes around, and whether its words count for variants."""
    bare = words_of(_bare(source.text))
    whole = words_of(source.text)
    yield bare, True
    if whole.words != bare.words:
        yield whole, False
    title = next((title for title in head_of(source.key).titles if bare.words[: len(title)] == title), None)
    if title is not None and (_untitled_too(source.key) or len(title) in bare.notices):
        yield _slice(bare, len(title), len(bare.words)), False
    yield from ((part, False) for part in (*_parts(bare), *_notices(source.key, bare)))


def _untitled_too(key: str) -> bool:
    """Whether the licence goes around without its heading as well."""
    return not head_of(key).title_required


def _parts(words: Words) -> Iterator[Words]:
    starts = [0, *(at for phrase in _STARTS for at in _places(words, phrase)[:1])]
    ends = [len(words.words)]
    for phrase, inclusive in _ENDS:
        ends += [at + len(phrase) if inclusive else at for at in _places(words, phrase)[-1:]]
    for start in starts:
        for end in ends:
            if (start, end) != (0, len(words.words)) and start < end:
                yield _slice(words, start, end)


def _notices(key: str, words: Words) -> Iterator[Words]:
    """The notice for the heads of files, with the address behind it."""
    for _, begins, ends in (row for row in _NOTICES if row[0] == key):
        first, last = row_of(begins), row_of(ends)
        for start in _places(words, first)[-1:]:
            stops = [at + len(last) for at in _places(words, last) if at > start]
            yield from (_slice(words, start, _behind_address(words, stop)) for stop in stops[:1])


def _behind_address(words: Words, at: int) -> int:
    """Go on to the end of the line or address that follows; nowhere where a sentence is already at its end."""
    rest = words.cleaned[words.starts[at - 1] + len(words.words[at - 1]) :] if at < len(words.words) else ""
    width = len(row_of(rest[: rest.find("\n")] if "/" in rest[: rest.find("\n")] else ""))
    return at + width


def _places(words: Words, phrase: tuple[str, ...]) -> list[int]:
    width = len(phrase)
    return [at for at in range(len(words.words) - width + 1) if words.words[at : at + width] == phrase]


def _slice(words: Words, start: int, end: int) -> Words:
    notices = frozenset(at - start for at in words.notices if start < at < end)
    row = words.words[start:end]
    ends = tuple(itertools.accumulate(len(word) for word in row))
    return Words(row, words.starts[start:end], ends, words.cleaned, words.breaks, notices, words.cut)


def _known_text(key: str, words: Words, *, counted: bool) -> KnownText | None:
    cuts = _cuts(words, slots=_has_slots(key))
    segments: list[Segment] = []
    start, gap = 0, ""
    for end, next_start, next_gap in (*cuts, (len(words.words), len(words.words), "")):
        row = words.words[start:end]
        if len(row) < _LEAST_SEGMENT:
            return None
        segments.append(
            Segment(sum(map(len, row)), digest(row), shingles(row[:_LEAST_SEGMENT], _LEAST_SEGMENT)[0], _gap(gap))
        )
        start, gap = next_start, next_gap
    distinct = len(set(shingles(words.words, 6))) if counted else 0
    return KnownText(key, tuple(segments), len(words.words), distinct)


def _gap(name: str) -> Gap:
    return "name" if name == "name" else "notice" if name == "notice" else ""


def _has_slots(key: str) -> bool:
    licence = load_table().get(key)
    return licence is None or licence.spdx is not None


def _cuts(words: Words, *, slots: bool) -> list[tuple[int, int, str]]:
    """Where a segment ends, where the next begins, and what may stand between them."""
    found = [(at, at, "notice") for at in words.notices if 0 < at < len(words.words)]
    for before, after in _SLOTS if slots else ():
        for at in _places(words, before):
            start = at + len(before)
            ends = [
                end
                for end in _places(words, after)
                if start < end <= start + _MAX_SLOT and is_name(words.between(start, end))
            ]
            found += [(start, end, "name") for end in ends[:1]]
    cuts: list[tuple[int, int, str]] = []
    last = 0
    for start, end, gap in sorted(found):
        if start - last >= _LEAST_SEGMENT and len(words.words) - end >= _LEAST_SEGMENT:
            cuts.append((start, end, gap))
            last = end
    return cuts


if __name__ == "__main__":
    raise SystemExit(main())

"""What changed between two audits as a page: verdicts that moved, and why; licence texts side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from osaudit.compare import Audit, Change
from osaudit.evidence import Evidence, Seen
from osaudit.render.cellviews import View
from osaudit.render.html import page
from osaudit.render.neutral import block, plain
from osaudit.render.pageviews import summary_view

_KINDS = {
    "label": "Label",
    "score": "Score",
    "licence": "Licence",
    "tag": "Tag",
    "claim": "Licence named",
    "restriction": "Words of the card",
    "gate": "Gate",
    "text": "Licence text",
    "base": "Made from",
    "conflict": "Contradiction",
    "cell": "Criterion",
}
_WORD = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_MOST_WORDS = 4_000
_MOST_CLAUSES = 400


def render_diff_html(before: Audit, after: Audit, found: Sequence[Change]) -> str:
    """Return the page: nothing of what did not change stands in it."""
    sides = [summary_view(card) for _, card in (before, after)]
    texts = [view for view in _texts(before, after) if view["pairs"]]
    groups = [{"name": name, "changes": rows} for kind, name in _KINDS.items() if (rows := _of_kind(found, kind))]
    versions = list(dict.fromkeys(side["tool"] for side in sides))
    return page("diff.html.j2", before=sides[0], after=sides[1], groups=groups, texts=texts, versions=versions)


def _of_kind(found: Iterable[Change], kind: str) -> list[View]:
    return [
        {
            "subject": plain(change.subject, 300),
            "before": plain(change.before, 2000),
            "after": plain(change.after, 2000),
        }
        for change in found
        if change.kind == kind
    ]


def _texts(before: Audit, after: Audit) -> Iterator[View]:
    """The texts that differ, side by side: those of one path, then those of one licence; the others stand alone."""
    old, new = (_words(evidence) for evidence, _ in (before, after))
    kept = {_folded(words) for _, words in old.values()} & {_folded(words) for _, words in new.values()}
    old, new = ({k: v for k, v in side.items() if _folded(v[1]) not in kept} for side in (old, new))
    pairs = {path: path for path in old if path in new}
    for path, (keys, _) in old.items():
        free = (other for other, (theirs, _) in new.items() if other not in pairs.values() and keys & theirs)
        if path not in pairs and (other := next(free, None)):
            pairs[path] = other
    for path, (_, words) in old.items():
        other = pairs.get(path, path)
        told = path if other == path else f"{path} and {other}"
        yield {"path": plain(told, 300), "pairs": list(_clauses(words, new[other][1] if other in new else ""))}
    for path, (_, words) in new.items():
        if path not in pairs.values():
            yield {"path": plain(path, 300), "pairs": list(_clauses("", words))}


def _words(evidence: Evidence) -> dict[str, tuple[set[str], str]]:
    """Each text by its path: the licences that it was found to be, and its words."""
    return {
        text.where.path: ({match.key for match in text.matches}, text.text.value)
        for text in evidence.licence_texts
        if isinstance(text.text, Seen)
    }


def _folded(words: str) -> str:
    return " ".join(words.split())


def _clauses(old: str, new: str) -> Iterator[View]:
    """The paragraphs that differ, each beside what stands in its place."""
    left, right = (_split(text) for text in (old, new))
    matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
    shown = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        for at in range(max(b - a, d - c)):
            one = left[a + at] if a + at < b else ""
            other = right[c + at] if c + at < d else ""
            shown += 1
            if shown <= _MOST_CLAUSES:
                yield {"before": list(_marked(one, other, "del")), "after": list(_marked(other, one, "ins"))}
    if shown > _MOST_CLAUSES:
        told = [{"mark": "", "words": f"{shown - _MOST_CLAUSES} more clauses differ"}]
        yield {"before": told, "after": told}


def _split(text: str) -> list[str]:
    return [" ".join(part.split()) for part in _PARAGRAPH.split(text) if part.strip()][: _MOST_CLAUSES * 4]


def _marked(words: str, other: str, mark: str) -> Iterator[View]:
    """A clause in runs: those that the other side does not have are marked."""
    mine, theirs = _WORD.findall(words), _WORD.findall(other)
    if max(len(mine), len(theirs)) > _MOST_WORDS:
        yield {"mark": mark, "words": block(words)}
        return
    for tag, a, b, _, _ in difflib.SequenceMatcher(a=mine, b=theirs, autojunk=False).get_opcodes():
        if a < b:
            yield {"mark": "" if tag == "equal" else mark, "words": _run("".join(mine[a:b]))}


def _run(words: str) -> str:
    """Words made harmless, with the spaces at their ends kept."""
    shown = block(words)
    return f"{' ' * words.startswith(' ')}{shown.strip()}{' ' * (words.endswith(' ') and words.strip() != '')}"

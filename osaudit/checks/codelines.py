"""Linked code repositories as a report shows them, and the papers that they and the card cite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from osaudit.checks.cards import short, statements
from osaudit.checks.case import Case
from osaudit.checks.code import Code, why_unseen
from osaudit.evidence import LinkedPart, Seen, Unseen
from osaudit.verdict import LinkedLine

_ROLES: Mapping[str, str] = MappingProxyType(
    {
        "own": "this model's own",
        "named": "named by the card alone",
        "other": "linked, and not tied to this model",
        "fork": "a fork of another owner's repository",
        "framework": "a general tool",
        "base": "another model's code",
    }
)
_TIES: Mapping[str, str] = MappingProxyType(
    {
        "owner": "it has the model's owner",
        "readme": "its README names this model or its family",
        "settings": "its settings name this model's family",
    }
)
_PARTS: Mapping[LinkedPart, str] = MappingProxyType(
    {
        "preprocessing": "preprocessing code",
        "training": "training code",
        "fine-tuning": "fine-tuning code",
        "evaluation": "evaluation code",
        "settings": "settings",
        "data": "lists of training data",
        "inference": "code that runs the model",
    }
)
_ASKED: tuple[LinkedPart, ...] = ("preprocessing", "training", "evaluation", "settings", "data")
MAX_PAPERS = 8


def linked_lines(case: Case) -> tuple[LinkedLine, ...]:
    """A line for each code repository that the card links."""
    return tuple(map(_line, case.linked))


def _line(code: Code) -> LinkedLine:
    commit = code.evidence.commit if code.evidence else None
    held = {part: code.parts(part) for part in _PARTS}
    terms = next((terms for folder, terms in code.folders if not folder), None)
    one = terms.licences[0] if terms and len(terms.licences) == 1 and terms.settled else None
    return LinkedLine(
        repo=code.name,
        url=code.linked.address,
        commit=commit.value if isinstance(commit, Seen) else None,
        role=_ROLES[code.linked.role],
        tie="; ".join(_TIES[tie.kind] for tie in code.linked.ties) if code.is_own else "",
        licence=terms.name if terms else "not seen",
        spdx=one.spdx if one else None,
        found=tuple(
            f"{_PARTS[part]}: {files[0].where.path}{_by_name(files[0].shown)}" for part, files in held.items() if files
        ),
        lacks=tuple(_PARTS[part] for part in _ASKED if not held[part]) if code.evidence else (),
        notes=code.linked.notes,
        why=why_unseen(code),
        where=(*(tie.where for tie in code.linked.ties if code.is_own), *code.linked.where)[:4],
    )


def _by_name(shown: bool) -> str:  # noqa: FBT001 - the file's own mark
    return "" if shown else " (by its name)"


def papers_unread(case: Case) -> Iterable[Unseen]:
    """Name the papers that the card and the repositories that are this model's cite: none was read."""
    own = [code for code in case.linked if code.is_own]
    if not own:
        return
    told: dict[str, Unseen] = {}
    for code in own:
        for paper in code.linked.papers:
            title = f"“{short(paper.title)}”, " if paper.title and paper.title != paper.address else ""
            what = f"the paper {title}{paper.address}"
            told.setdefault(paper.address, Unseen(what, f"{code.name} cites or holds it, and it was not read"))
    for said in statements(case.evidence.card, "paper"):
        address = said.value.replace("/pdf/", "/abs/").removesuffix(".pdf")
        told.setdefault(address, Unseen(f"the paper {short(said.value)}", "the card cites it, and it was not read"))
    yield from tuple(told.values())[:MAX_PAPERS]

"""`python -m benchmarks.statements [--sample tuning|held-out] [--json]`: how well cards are read.

Reads each card of a sample from the collections in OSAUDIT_CORPUS/bulk as an audit would, and sets what was read beside
the labels made by hand (`codebook.md`): precision and recall per label with intervals of 95 %, a confusion table, the
roles of data sets, and each disagreement by card and line. The extraction is tuned on the sample `tuning` alone.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cost import ROOT
from benchmarks.statements.cards import (
    CODE,
    COLLECTIONS,
    DATA,
    ROLES,
    Labelled,
    Read,
    evidence_of,
    load_cards,
    load_sample,
    read_labels,
)
from benchmarks.statements.measures import Pair, measure, share

SAMPLES = ("tuning", "held-out")
Row = tuple[Labelled, Read, str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sample", choices=SAMPLES, default="tuning", help="which labelled cards (default: tuning)")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    sample = load_sample(Path(__file__).parent / f"{arguments.sample}.yaml")
    folder = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus") / "bulk"
    why = _why_not(sample, folder)
    if why:
        print(json.dumps({"skipped": why}) if arguments.json else f"skipped: {why}")
        return
    found = compare(sample, load_cards(folder, sample))
    print(json.dumps(found, indent=1, ensure_ascii=False) if arguments.json else table(found))


def _why_not(sample: Sequence[Labelled], folder: Path) -> str | None:
    absent = [str(folder / COLLECTIONS[name]) for name in sorted({card.cards for card in sample})]
    absent = [path for path in absent if not Path(path).is_file()]
    if not sample:
        return "no card of this sample is labelled"
    return f"{', '.join(absent)} not there" if absent else None


def compare(sample: Sequence[Labelled], cards: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Read the cards and set both sides beside each other, with and without the cards that readers might differ on."""
    rows = [
        (card, read_labels(evidence_of(card.id, cards[card.id, card.cards])), cards[card.id, card.cards])
        for card in sample
        if (card.id, card.cards) in cards
    ]
    return {
        "cards": len(rows),
        "missing": [card.id for card in sample if (card.id, card.cards) not in cards],
        "all": figures(rows),
        "sure": figures([row for row in rows if row[0].sure]),
        "disagreements": [row for card, read, _ in rows for row in _differences(card, read)],
    }


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """All measures over some cards."""
    return {
        "cards": len(rows),
        "data": measure([(read.labels.data, card.labels.data) for card, read, _ in rows], DATA),
        "code": measure([(read.labels.code, card.labels.code) for card, read, _ in rows], CODE),
        "withheld": measure(
            [(_word(read.labels.withheld), _word(card.labels.withheld)) for card, read, _ in rows], ("yes", "no")
        ),
        "sets": _sets(rows),
    }


def _word(value: bool) -> str:  # noqa: FBT001 - the one value is the question
    return "yes" if value else "no"


def _sets(rows: Sequence[Row]) -> dict[str, Any]:
    """How many of the labelled data sets are read, and whether with their role where the card tells it."""
    named = [(card, read, key, role) for card, read, _ in rows for key, role in card.labels.sets.items()]
    ids = [(read, key, role) for _, read, key, role in named if not _is_link(key)]
    roles: list[Pair] = [
        (read.labels.sets[key.lower()], role) for read, key, role in ids if key.lower() in read.labels.sets
    ]
    labelled = {(card.id, key.lower()) for card, _, key, _ in named}
    read_ids = {(card.id, key) for card, read, _ in rows for key in read.labels.sets}
    return {
        "hub_ids_read": share(len(roles), len(ids)),
        "hub_ids_labelled": share(len(read_ids & labelled), len(read_ids)),
        "roles": measure([pair for pair in roles if pair[1] != "unknown"], ROLES),
        "links_to_training_data": share(*_links(rows, evaluation=False)),
        "links_to_evaluation_data_taken_for_training": share(*_links(rows, evaluation=True)),
    }


def _links(rows: Sequence[Row], *, evaluation: bool) -> tuple[int, int]:
    """Count the labelled links that stand on a line read as published training data, and all of them."""
    wanted = [
        (read, _lines_with(key, text))
        for card, read, text in rows
        for key, role in card.labels.sets.items()
        if _is_link(key) and (role == "evaluation") == evaluation
    ]
    return sum(bool(read.published_lines & lines) for read, lines in wanted), len(wanted)


def _is_link(key: str) -> bool:
    return "://" in key


def _lines_with(link: str, text: str) -> set[int]:
    return {number for number, line in enumerate(text.split("\n"), 1) if link in line}


def _differences(card: Labelled, read: Read) -> list[dict[str, Any]]:
    """Each question on which both sides differ: the card, both labels, and the lines that the reading rests on."""
    ours, theirs = read.labels, card.labels
    asked = [
        ("data", ours.data, theirs.data, read.data_lines),
        ("code", ours.code, theirs.code, read.code_lines),
        ("withheld", _word(ours.withheld), _word(theirs.withheld), ()),
    ]
    for key, role in theirs.sets.items():
        if not _is_link(key) and role != "unknown":
            asked.append((f"role of {key}", ours.sets.get(key.lower(), "not read"), role, ()))
    return [
        {"card": card.id, "question": question, "read": mine, "labelled": label, "lines": lines, "sure": card.sure}
        for question, mine, label, lines in asked
        if mine != label
    ]


def table(found: Mapping[str, Any]) -> str:
    """The figures as text, then each disagreement."""
    lines = [f"{found['cards']} cards read, {len(found['missing'])} not in the collections"]
    for name, title in (("all", "all cards"), ("sure", "without the cards on which two readers might differ")):
        lines += ["", f"{title}: {found[name]['cards']}", *_figures(found[name])]
    lines += ["", "disagreements:"]
    for row in found["disagreements"]:
        at = f", line {', '.join(map(str, row['lines']))}" if row["lines"] else ""
        doubt = "" if row["sure"] else " (unsure)"
        lines.append(f"  {row['card']} {row['question']}: read {row['read']}, labelled {row['labelled']}{at}{doubt}")
    return "\n".join(lines)


def _figures(one: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for question in ("data", "code", "withheld"):
        lines += _measured(question, one[question])
    sets = one["sets"]
    lines += [f"  {name.replace('_', ' ')}: {_share(sets[name])}" for name in sets if name != "roles"]
    return lines + _measured("roles", sets["roles"])


def _measured(question: str, measured: Mapping[str, Any]) -> list[str]:
    lines = [f"  {question}: equal {_share(measured['equal'])}"]
    for label, by in measured["labels"].items():
        lines.append(f"    {label:14} precision {_share(by['precision']):36} recall {_share(by['recall'])}")
    width = max(map(len, measured["confusion"])) + 2
    lines.append(f"    {'read, labelled':18}" + "".join(f"{label:>{width}}" for label in measured["confusion"]))
    for ours, row in measured["confusion"].items():
        lines.append(f"    {ours:18}" + "".join(f"{count:>{width}}" for count in row.values()))
    return lines


def _share(one: Mapping[str, Any]) -> str:
    if not one["of"]:
        return "- (0 of 0)"
    low, high = one["interval"]
    return f"{one['share']:.1%} ({one['hits']} of {one['of']}; {low:.1%} to {high:.1%})"


if __name__ == "__main__":
    main()

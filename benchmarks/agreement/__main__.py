"""`python -m benchmarks.agreement [--json]`: audit every recorded model that people have judged, and compare.

Reads `judgments.csv` and `mof_records.json` in OSAUDIT_TRUTH and the recorded repositories in OSAUDIT_CORPUS, which the
loopback Hub serves. Models that are not recorded are skipped with a reason. `disputes.yaml` beside this file lists the
human records that are wrong, each with evidence; figures are given with and without them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.agreement.facets import FACETS, cells_of, facets_of
from benchmarks.agreement.measures import ABSTAIN, Pair, lenient, measure
from benchmarks.agreement.records import judged_facets, judgments_in
from benchmarks.corpus import audits
from benchmarks.cost import ROOT
from osaudit.mof.classes import Component, mof_class
from osaudit.mof.components import BY_NAME
from osaudit.verdict import Scorecard


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = options.parse_args()
    truth = Path(os.environ.get("OSAUDIT_TRUTH") or ROOT / "../shared/truth")
    corpus = Path(os.environ.get("OSAUDIT_CORPUS") or ROOT / "../shared/corpus")
    absent = [str(folder) for folder in (truth / "judgments.csv", corpus / "models") if not folder.exists()]
    if absent:
        print(json.dumps({"skipped": absent}) if arguments.json else f"skipped: {', '.join(absent)} not there")
        return
    skipped: dict[str, str] = {}
    judgments = judgments_in(truth / "judgments.csv", skipped)
    found = compare(judgments, corpus.resolve(), skipped)
    found["mof"] = golden_records(truth / "mof_records.json")
    print(json.dumps(found, indent=1, ensure_ascii=False) if arguments.json else table(found))


def compare(judgments: Sequence[Mapping[str, str]], corpus: Path, skipped: dict[str, str]) -> dict[str, Any]:
    """Audit the judged models and set both sides beside each other."""
    disputed = {(row["model"], row["source"], row["facet"]) for row in disputes()}
    without_weights = partial_lists(corpus)
    rows: list[dict[str, Any]] = []
    cards = audited(sorted({row["hf_id"] for row in judgments}), corpus, skipped)
    for row in judgments:
        if row["hf_id"] in cards:
            partial_list = row["hf_id"] in without_weights
            rows.extend(_rows(row, cards[row["hf_id"]], disputed, partial_list=partial_list))
    return {
        "models": len(cards),
        "skipped": skipped,
        "facets": {facet: _facet(rows, facet) for facet in FACETS},
        "without_disputed": {facet: _facet([r for r in rows if not r["disputed"]], facet)["all"] for facet in FACETS},
        "false_open": false_open(rows),
        "disagreements": [row for row in rows if row["ours"] not in {ABSTAIN, row["theirs"]}],
        "disputed_share": round(sum(row["disputed"] for row in rows) / len(rows), 4) if rows else 0.0,
    }


def audited(names: Iterable[str], corpus: Path, skipped: dict[str, str]) -> dict[str, Scorecard]:
    """Audit each recorded model through the loopback Hub."""
    cards: dict[str, Scorecard] = {}
    for name, outcome in audits(names, corpus):
        if isinstance(outcome, str):
            skipped[name] = outcome
        else:
            cards[name] = outcome
    return cards


def partial_lists(corpus: Path) -> set[str]:
    """The models whose recorded file list leaves weights out (INVENTORY.csv), so that nothing can be said of them."""
    inventory = corpus / "INVENTORY.csv"
    if not inventory.is_file():
        return set()
    with inventory.open(encoding="utf-8", newline="") as file:
        return {row["hf_id"] for row in csv.DictReader(file) if row.get("file_list") == "partial"}


def disputes() -> list[dict[str, str]]:
    """The human records that are wrong, each with its evidence."""
    text = (Path(__file__).parent / "disputes.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text) or [])


def _rows(
    row: Mapping[str, str], card: Scorecard, disputed: set[tuple[str, str, str]], *, partial_list: bool
) -> list[dict[str, Any]]:
    ours = facets_of(card, partial_list=partial_list)
    return [
        {
            "model": row["hf_id"],
            "source": row["source"],
            "facet": facet,
            "ours": ours[facet],
            "theirs": row[facet],
            "disputed": (row["hf_id"], row["source"], facet) in disputed,
            "because": [f"{v.criterion} {v.answer.outcome}: {v.answer.because}" for v in cells_of(card, facet)],
            "their_licence": row.get("licence_string", ""),
            "when": row.get("when", ""),
        }
        for facet in judged_facets(row)
    ]


def _facet(rows: Sequence[Mapping[str, Any]], facet: str) -> dict[str, Any]:
    """Measures over all sources, over all but MOT's unchecked import (MOT-B), and by source."""
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for row in rows:
        if row["facet"] == facet:
            pairs[row["source"]].append((row["ours"], row["theirs"]))
    everything = [pair for some in pairs.values() for pair in some]
    checked = [pair for source, some in pairs.items() if source != "MOT-B" for pair in some]
    by_source = {source: measure(some) for source, some in sorted(pairs.items())}
    return {"all": measure(everything), "without_mot_b": measure(checked), "by_source": by_source}


def false_open(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where we say open and every human source says not open: there must be none."""
    judged: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        judged[row["model"], row["facet"]].append(row)
    return [
        {"model": model, "facet": facet, "sources": [row["source"] for row in some], "because": some[0]["because"]}
        for (model, facet), some in judged.items()
        if some[0]["ours"] == "open" and all(row["theirs"] == "closed" for row in some)
    ]


def golden_records(path: Path) -> dict[str, Any]:
    """The comparison with the golden records, or why there is none."""
    if not path.is_file():
        return {"skipped": "no mof_records.json"}
    try:
        return mof(path)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {"skipped": f"mof_records.json cannot be used: {type(error).__name__} {error}"}


def mof(records: Path) -> dict[str, Any]:
    """MOF classes and progress on the golden records: how many are equal, and which are not."""
    golden = json.loads(records.read_text(encoding="utf-8"))["records"]
    unlike = [record["name"] for record in golden if not _alike(record)]
    return {"records": len(golden), "equal": len(golden) - len(unlike), "unlike": unlike}


def _alike(record: Mapping[str, Any]) -> bool:
    """Whether class and progress come out; a component's own licence outranks its type's, and that the release's."""
    spread = record["global_licences"]
    found = mof_class(
        Component(kind, entry["licence"] or spread.get(kind.type) or spread.get("distribution"))
        for name, entry in record["components"].items()
        if entry["included"] and (kind := BY_NAME[name])
    )
    progress = {str(level): value for level, value in found.progress.items()}
    return (found.level, progress) == (record["class"], record["progress"])


def table(found: Mapping[str, Any]) -> str:
    """The figures as a table, then every disagreement with both sides."""
    lines = [f"{found['models']} models audited, {len(found['skipped'])} skipped"]
    lines += [f"  skipped {name}: {why}" for name, why in found["skipped"].items()]
    for facet, by in found["facets"].items():
        for name, one in {"all": by["all"], "without MOT-B": by["without_mot_b"], **by["by_source"]}.items():
            figures = f"strict {one['strict']}, lenient {one['lenient']}, kappa {one['kappa_lenient']}"
            lines.append(f"{facet:14} {name:14} {one['pairs']:3} pairs, abstained {one['abstained']:3}, {figures}")
    lines.append(f"false open: {len(found['false_open'])}")
    lines += [f"  {row['model']} {row['facet']} ({', '.join(row['sources'])})" for row in found["false_open"]]
    for row in found["disagreements"]:
        mark = "disputed" if row["disputed"] else ""
        binary = "" if lenient(row["ours"]) == lenient(row["theirs"]) else "also lenient"
        sides = f"ours {row['ours']}, {row['source']} {row['theirs']}"
        lines.append(f"{row['model']} {row['facet']}: {sides} {binary} {mark}".rstrip())
        lines += [f"    {reason[:200]}" for reason in row["because"][:2]]
    golden = found["mof"]
    equal = f"{golden.get('equal', 0)} of {golden.get('records', 0)} golden records equal"
    lines.append(f"MOF: {golden.get('skipped', equal)}")
    return "\n".join(lines)


main()

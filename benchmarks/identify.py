"""Identification measured in one run: ours, and the SPDX library alone. `python -m benchmarks.identify [--json]`.

Texts are those of the folder of licence texts (OSAUDIT_LICENCE_TEXTS), clean and bent in two ways. CPU time of one
process each, so that load time and memory are a cold start's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXTS = Path(os.environ.get("OSAUDIT_LICENCE_TEXTS", ROOT / "../shared/licence-texts")).resolve()
# what the library says for the texts of a key, where it can know them
Namer = Callable[[str], list[tuple[str, bool]]]


@dataclass(frozen=True)
class Figures:
    """What one way of identification costs and gets right; shares are of the texts that it was asked about."""

    tool: str
    load_ms: float
    median_ms: float
    p95_ms: float
    whole_median_ms: float
    peak_rss_mb: float
    texts: int
    known: int
    exact_share: float
    rewrapped_share: float
    false_ids: int
    altered_taken_for_exact: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identify", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--tool", choices=sorted(TOOLS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not TEXTS.is_dir():
        sys.stderr.write(f"{TEXTS} is no folder: set OSAUDIT_LICENCE_TEXTS.\n")
        return 2
    if options.tool:
        print(json.dumps(asdict(measure(options.tool))))
        return 0
    rows = [in_own_process(tool) for tool in TOOLS]
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    return 0


def in_own_process(tool: str) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.identify", "--tool", tool]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    row: dict[str, object] = json.loads(done.stdout)
    return row


def measure(tool: str) -> Figures:
    texts = {path.relative_to(TEXTS).as_posix(): path.read_text("utf-8") for path in sorted(TEXTS.rglob("*.txt"))}
    before = time.process_time()
    namer, whole = TOOLS[tool]()
    namer("warm up " * 40)
    load = time.process_time() - before
    costs, whole_costs, seen = [], [], {}
    for name, text in texts.items():
        start = time.process_time()
        seen[name] = namer(text)
        costs.append(time.process_time() - start)
        start = time.process_time()
        whole(text)
        whole_costs.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wanted = keys_of(texts)
    known = [name for name, key in wanted.items() if key]
    rewrapped = {name: namer(" ".join(texts[name].split())) for name in known}
    altered = [namer(f"{texts[name]}\nNot for sale, and for research only.\n") for name in known]
    altered += [namer(with_word(texts[name])) for name in known]
    return Figures(
        tool=tool,
        load_ms=round(load * 1e3, 1),
        median_ms=round(statistics.median(costs) * 1e3, 2),
        p95_ms=round(sorted(costs)[int(0.95 * len(costs))] * 1e3, 2),
        whole_median_ms=round(statistics.median(whole_costs) * 1e3, 2),
        peak_rss_mb=round(peak, 1),
        texts=len(texts),
        known=len(known),
        exact_share=share(seen[name] == [(wanted[name], True)] for name in known),
        rewrapped_share=share(rewrapped[name] == [(wanted[name], True)] for name in known),
        false_ids=sum(any(key != wanted[name] for key, _ in found) for name, found in seen.items()),
        altered_taken_for_exact=sum(any(exact for _, exact in found) for found in altered),
    )


def with_word(text: str) -> str:
    """The text with one restricting word in its middle."""
    middle = text.find(" ", len(text) // 2)
    return f"{text[:middle]} non-commercial{text[middle:]}"


def keys_of(texts: dict[str, str]) -> dict[str, str | None]:
    """The key of each text by the project's own list; None for texts that are no listed licence."""
    from osaudit.licences.build import known_files  # noqa: PLC0415 - counts as load time

    listed = known_files()
    return {name: listed.get(hashlib.sha256((TEXTS / name).read_bytes()).hexdigest()) for name in texts}


def ours() -> tuple[Namer, Callable[[str], object]]:
    """Naming alone, and the whole of it with clauses and restrictions."""
    from osaudit.licences.identify import identify, name_text  # noqa: PLC0415 - counts as load time
    from osaudit.licences.index import load_index  # noqa: PLC0415 - counts as load time

    index = load_index()

    def named(text: str) -> list[tuple[str, bool]]:
        return [(match.key, match.match == "exact") for match in name_text(text, index).matches]

    return named, identify


def library() -> tuple[Namer, Callable[[str], object]]:
    """The SPDX library: what it recognises counts as exact, for it has no other word for it."""
    from licenseclassifier import identify_license  # noqa: PLC0415 - counts as load time

    from osaudit.licences.names import keys_of_tag  # noqa: PLC0415 - counts as load time

    def named(text: str) -> list[tuple[str, bool]]:
        return list(dict.fromkeys((keys_of_tag(found.id)[0], True) for found in identify_license(text)))

    return named, named


TOOLS: dict[str, Callable[[], tuple[Namer, Callable[[str], object]]]] = {"osaudit": ours, "licenseclassifier": library}


def share(truths: object) -> float:
    values = [bool(truth) for truth in truths]  # type: ignore[attr-defined]
    return round(sum(values) / max(1, len(values)), 4)


def table(rows: list[dict[str, object]]) -> str:
    names = list(rows[0])
    lines = ["  ".join([f"{name:<24}", *(f"{row[name]!s:>18}" for row in rows)]) for name in names]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())

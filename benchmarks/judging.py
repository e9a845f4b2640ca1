"""What judging costs: milliseconds of CPU to judge one model's evidence, and what `osaudit --help` imports.

    python -m benchmarks.judging [--json]

Evidence is read from the bundled demo, so the figures need no corpus.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import osaudit
from osaudit.codec import digest, load
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_packs
from osaudit.render.json import render_json

DEMO = Path(osaudit.__file__).parent / "demo"
ROUNDS = 30
WATCHED = ("huggingface_hub", "jinja2", "yaml", "jsonschema", "osaudit.judge", "osaudit.sources.hub")


def main() -> None:
    """Measure and print."""
    start = time.process_time()
    (pack, further), table = load_packs(["all"]), load_table()
    loading = (time.process_time() - start) * 1000
    evidence = [load(path.read_bytes()) for path in sorted(DEMO.glob("*.json"))]
    figures = {
        "models": len(evidence),
        "load_ms": round(loading, 1),
        "judge_ms": _median(lambda one: judge(one, pack, table), evidence),
        "packs": 1 + len(further),
        "judge_all_packs_ms": _median(lambda one: judge(one, pack, table, further), evidence),
        "of_which_digest_ms": _median(digest, evidence),
        "render_json_ms": _median(lambda one: render_json([one]), [judge(one, pack, table) for one in evidence]),
        "help_imports": _help_imports(),
    }
    if "--json" in sys.argv:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:20} {value}")


def _median(work, values) -> float:  # noqa: ANN001 - one function of one value
    times = []
    for _ in range(ROUNDS):
        for value in values:
            start = time.process_time()
            work(value)
            times.append((time.process_time() - start) * 1000)
    return round(statistics.median(times), 3)


def _help_imports() -> list[str]:
    """The watched modules that `osaudit --help` imports: none is right."""
    code = "import sys; from osaudit.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [name for name in WATCHED if name in done.stderr.split()]


if __name__ == "__main__":
    main()

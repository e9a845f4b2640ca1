"""How fast a code base is scanned. `python -m benchmarks.scan [PATH...] [--lines N] [--json]`.

Without PATH: made code of N lines (100,000 by default) in which one file in ten adopts models, as an application's do,
and the sources of the libraries that are installed with osaudit. Processor time of this process; the best of three.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from osaudit.gate.scan import scan

LIBRARIES = ("click", "jinja2", "huggingface_hub", "jsonschema", "markdown_it", "yaml")
PLAIN = '''

def step_{number}(values: list[int], limit: int = {number}) -> dict[str, int]:
    """Sum values up to a limit."""
    total = 0
    for index, value in enumerate(values):
        if value > limit and index % 2:
            total += value * {number}
        elif value < 0:
            raise ValueError(f"{{value}} is below zero at {{index}}")
    return {{"total": total, "count": len(values), "name": "step/{number}"}}
'''
ADOPTS = """

def load_{number}(name: str = "acme/model-{number}", revision: str | None = None):
    tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
    base = AutoModel.from_pretrained(NAMES["base"], revision=REVISION)
    return tokenizer, base, pipeline("ner", model=f"acme/{{ROLE}}")
"""
HEAD = """from transformers import AutoModel, AutoTokenizer, pipeline

ROLE = "tagger"
REVISION = "0123456789abcdef0123456789abcdef01234567"
NAMES = {"base": "acme/base", "large": "acme/large"}
"""


@dataclass(frozen=True)
class Figures:
    """What one tree costs."""

    tree: str
    files: int
    lines: int
    found: int
    seconds: float
    seconds_a_100_000_lines: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, help="trees to scan instead")
    parser.add_argument("--lines", type=int, default=100_000, help="lines of the made tree")
    parser.add_argument("--json", action="store_true", help="print one JSON object a tree")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = options.paths or [made(Path(folder) / "made", options.lines), installed(Path(folder) / "installed")]
        rows = [measure(path) for path in paths]
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        for row in rows:
            print(
                f"{row.tree}: {row.lines:,} lines in {row.files:,} files, {row.found:,} found, {row.seconds:.2f} s; "
                f"{row.seconds_a_100_000_lines:.2f} s for 100,000 lines"
            )
    return 0


def made(root: Path, lines: int) -> Path:
    """Write code of so many lines: files of some 400 lines, every tenth of which adopts."""
    number = written = 0
    while written < lines:
        text = HEAD if number % 10 == 0 else ""
        while text.count("\n") < 400:
            number_here = number * 1000 + text.count("\n")
            text += (ADOPTS if number % 10 == 0 and number_here % 3 == 0 else PLAIN).format(number=number_here)
        path = root / f"part_{number % 20}" / f"module_{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written += text.count("\n")
        number += 1
    return root


def installed(root: Path) -> Path:
    """Copy what is installed: within `site-packages` it would be left out."""
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            shutil.copytree(
                spec.submodule_search_locations[0], root / name, ignore=shutil.ignore_patterns("*.so", "*.pyc")
            )
    return root


def measure(root: Path) -> Figures:
    """Scan a tree three times, and take the best."""
    lines = sum(path.read_bytes().count(b"\n") for path in root.rglob("*.py") if path.is_file())
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        adopted = scan(root)
        best = min(best, time.process_time() - begun)
    rate = best * 100_000 / max(1, lines)
    return Figures(root.name, adopted.files, lines, len(adopted.found), round(best, 2), round(rate, 2))


if __name__ == "__main__":
    sys.exit(main())

"""The probe's figures against a bare script of the same library: `python -m benchmarks.probe [FOLDER] [--pairs N]`.

FOLDER holds a causal model of transformers with its tokenizer; without one, a small Llama is made. Each pair is one run
of the probe's worker in its cage and one of the script, in turn, so that both see the same machine. Reported are the
medians of the ratios (ours to theirs) with the 95 % interval of a bootstrap, and whether they stay within 5 %; for the
cold start also the CPU seconds to the end of either process, which end differently; and what the cage itself takes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from osaudit.probe import machine
from osaudit.probe.cage import Limits, run_worker, workspace

PROMPT_TOKENS, NEW_TOKENS, WARM_RUNS = 256, 64, 5
WITHIN = 0.05
LIMITS = Limits(memory=12 * 10**9, address_space=0, wall=1200.0)
_BARE = """
import sys, time
mode, folder, prompt, new, runs = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
import torch, transformers
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype="auto").eval()
try:
    ids = transformers.AutoTokenizer.from_pretrained(folder)("a long road over the hills " * prompt).input_ids[:prompt]
except Exception:
    ids = [place * 7 % (model.config.vocab_size - 4) + 4 for place in range(prompt)]
ids = torch.tensor([ids])
def made(count):
    with torch.inference_mode():
        start = time.perf_counter()
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count,
                       do_sample=False, num_beams=1)
        return time.perf_counter() - start
if mode == "cold":
    made(1)
    print(time.monotonic_ns())
else:
    made(2)
    for _ in range(runs):
        first = made(1)
        print((new - 1) / (made(new) - first))
"""
_MAKE = """
import sys, torch, transformers
torch.manual_seed(0)
config = transformers.LlamaConfig(hidden_size=384, intermediate_size=1024, num_hidden_layers=12, num_attention_heads=6,
                                  num_key_value_heads=2, vocab_size=32000, max_position_embeddings=2048)
transformers.LlamaForCausalLM(config).save_pretrained(sys.argv[1])
"""


def job(folder: Path, mode: str) -> dict[str, Any]:
    return {
        "kind": "run",
        "backend": "transformers",
        "folder": str(folder.resolve()),
        "file": None,
        "levels": ["loads", "performs"],
        "mode": mode,
        "device": "cpu",
        "runs": WARM_RUNS,
        "prompt_tokens": PROMPT_TOKENS,
        "new_tokens": NEW_TOKENS,
    }


def ours(folder: Path, mode: str) -> tuple[dict[str, float], float, float]:
    """The worker's figures, its CPU seconds, and the seconds that the cage took beside it."""
    evict = tuple(path.resolve() for path in folder.iterdir()) if mode == "cold" else ()
    with workspace() as place:
        held = run_worker(place, job(folder, mode), LIMITS, evict)
    found = {
        one["id"]: one["value"] for event in held.events if event["event"] == "figures" for one in event["figures"]
    }
    if not found:
        sys.exit(f"the probe's worker brought no figures: {held.end} {held.events} {held.log}")
    return found, held.cpu, held.overhead


def bare(folder: Path, mode: str) -> tuple[list[float], float]:
    """Decode rates of the script's warm runs, or the seconds from its start to its first token; and its CPU seconds."""
    if mode == "cold":
        for path in folder.iterdir():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)
    started = time.monotonic_ns()
    words = [sys.executable, "-c", _BARE, mode, str(folder), str(PROMPT_TOKENS), str(NEW_TOKENS), str(WARM_RUNS)]
    quiet = {**os.environ, "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    before = cpu_of_children()
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=quiet)
    numbers = [float(line) for line in done.stdout.split()]
    rates = [(numbers[0] - started) / 1e9] if mode == "cold" else numbers
    return rates, cpu_of_children() - before


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def interval(values: list[float]) -> tuple[float, float, float]:
    """The median, and the 95 % interval of a bootstrap of it."""
    draw = random.Random(0)  # noqa: S311 - statistics
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(2000))
    return statistics.median(values), medians[50], medians[1949]


def judged(median: float, low: float, high: float) -> str:
    """Tell whether the ratio is within 5 %, and whether its interval is too."""
    if abs(median - 1) > WITHIN:
        return "NOT within 5 %"
    return "within 5 %, interval and all" if max(1 - low, high - 1) <= WITHIN else "within 5 %, the interval wider"


def shown(name: str, mine: list[float], theirs: list[float], unit: str) -> dict[str, Any]:
    ratios = [one / other for one, other in zip(mine, theirs, strict=True)]
    median, low, high = interval(ratios)
    both = f"ours {statistics.median(mine):8.3f} {unit:<9} bare {statistics.median(theirs):8.3f} {unit:<9}"
    said = "" if unit == "CPU s" else f": {judged(median, low, high)}"
    found = f"ratio {median:.3f} [{low:.3f}, {high:.3f}] of {len(ratios)} pairs{said}"
    print(f"{name:<12} {both} {found}")
    return {"ours": mine, "bare": theirs, "ratio": median, "interval": [low, high]}


_ROWS = ("decode", "bare_decode", "cold", "bare_cold", "cpu", "bare_cpu", "cage")


def measure(folder: Path, pairs: int) -> dict[str, Any]:
    """Alternate which of the two goes first, so that neither always finds the machine as the other left it."""
    rows: dict[str, list[float]] = {key: [] for key in _ROWS}
    for number in range(pairs):
        for mine in (number % 2 == 0, number % 2 == 1):
            if mine:
                warm, _, _ = ours(folder, "warm")
                cold, used, overhead = ours(folder, "cold")
                rows["decode"].append(warm["decode"])
                rows["cold"].append(cold["cold_start"])
                rows["cpu"].append(used)
                rows["cage"].append(overhead)
            else:
                rows["bare_decode"].append(statistics.median(bare(folder, "warm")[0]))
                (seconds,), used = bare(folder, "cold")
                rows["bare_cold"].append(seconds)
                rows["bare_cpu"].append(used)
        print(f"pair {number + 1} of {pairs}", file=sys.stderr)
    print(f"{machine.cpu()}, {machine.cores()} cores, load average {machine.load_average():.1f}")
    found = {
        "decode": shown("decode", rows["decode"], rows["bare_decode"], "tokens/s"),
        "cold_start": shown("cold start", rows["cold"], rows["bare_cold"], "s"),
        "cold_cpu": shown("cold start", rows["cpu"], rows["bare_cpu"], "CPU s"),
        "cage_seconds": interval(rows["cage"]),
        "load_average": machine.load_average(),
    }
    median, low, high = interval(rows["cage"])
    print(f"{'cage':<12} {median * 1000:.0f} ms a process [{low * 1000:.0f}, {high * 1000:.0f}]")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument(
        "--threads", type=int, default=1, help="one by default: threads that wait for each other are noise"
    )
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON as well")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(asked.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        if asked.folder is None:
            subprocess.run([sys.executable, "-c", _MAKE, str(folder)], check=True, capture_output=True)
        found = measure(folder, asked.pairs)
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()

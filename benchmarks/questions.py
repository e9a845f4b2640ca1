"""How much is left to a person: the open cells of 28 models, and the questions that they come to.

Cells that are open for one reason are one question (`osaudit review` asks it once). Printed for each model: open cells,
questions, questions whose answer can move the label; and of how many gate cells each passes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks.corpus import audits
from osaudit.attest.questions import questions
from osaudit.verdict import Scorecard

MODELS = (
    "mistralai/Mistral-7B-v0.1",
    "meta-llama/Llama-2-7b-hf",
    "IrfanUruchi/Llama-3.1-8B-Computer-Networks-LLM",
    "stabilityai/stable-diffusion-xl-base-1.0",
    "tiiuae/falcon-7b",
    "Qwen/Qwen-7B",
    "Qwen/Qwen2.5-3B-Instruct",
    "Qwen/Qwen2.5-7B-Instruct",
    "openai/gpt-oss-20b",
    "bigscience/bloom-560m",
    "google/gemma-3-1b-it",
    "nvidia/NV-Embed-v2",
    "allenai/OLMo-2-1124-13B-Instruct",
    "EleutherAI/pythia-70m",
    "openai/whisper-medium",
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
    "TehVenom/Pygmalion-7b-Merged-Safetensors",
    "internlm/internlm-20b",
    "dphn/dolphin-2.9.1-yi-1.5-34b",
    "TheBloke/Llama-2-13B-chat-GPTQ",
    "YouriLalain/3PRYMMAL-PHI3-3B-SLERP",
    "YouriLalain/1PARAMMYL-8B-ModelStock",
    "stabilityai/stable-code-3b",
    "baichuan-inc/Baichuan2-13B-Chat",
    "context-labs/meta-llama-Llama-3.2-3B-Instruct-FP16",
    "deepseek-ai/DeepSeek-V3-Base",
    "black-forest-labs/FLUX.1-schnell",
    "google/medgemma-27b-it",
)
GATE = frozenset({"OSD-1", "OSD-3", "OSD-5", "OSD-6", "OSD-7"})


def figures(card: Scorecard) -> dict[str, object]:
    """What one model leaves open, and which cells of the gate it passes."""
    osd = [verdict for verdict in card.verdicts if verdict.pack == "osd"]
    found = questions([verdict for verdict in osd if verdict.answer.is_open], card.label)
    gate = [v for v in osd if v.criterion in GATE and v.facet in {"weights", "licence"} and v.answer.outcome == "pass"]
    return {
        "cells": len({cell for one in found for cell in (*one.cells, *one.beside)}),
        "questions": len(found),
        "deciding": sum(one.decides for one in found),
        "label": card.label.id,
        "gate_passes": sorted(f"{verdict.criterion}/{verdict.facet}" for verdict in gate),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the figures, a line a model and the sums, or all of them as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    corpus = Path(os.environ.get("OSAUDIT_CORPUS", "../shared/corpus")).resolve()
    told = {name: card if isinstance(card, str) else figures(card) for name, card in audits(MODELS, corpus)}
    if options.json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
        return 0
    counted = [row for row in told.values() if isinstance(row, dict)]
    for name, row in told.items():
        words = (
            row
            if isinstance(row, str)
            else f"{row['cells']:>3} {row['questions']:>3} {row['deciding']:>3}  {row['label']}"
        )
        sys.stdout.write(f"{name:55} {words}\n")
    sums = {key: sum(int(str(row[key])) for row in counted) for key in ("cells", "questions", "deciding")}
    sys.stdout.write(f"{len(counted)} models: {sums['cells']} open cells, {sums['questions']} questions, ")
    sys.stdout.write(f"{sums['deciding']} of which can move the label\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

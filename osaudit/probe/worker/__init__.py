"""The worker: runs in the cage, loads models with the libraries made for it, and writes down what happened.

The only modules that import torch, transformers, diffusers, onnxruntime or llama_cpp, and only when called. What they
write is read by the parent as a stranger's word: lines of JSON, bounded.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osaudit.probe.worker.trouble import failure_of


def main() -> None:
    """Do the job that stands in the workspace, and write each result as soon as it is there."""
    workspace = Path(os.environ["OSAUDIT_WORKSPACE"])
    job = json.loads((workspace / "job.json").read_text(encoding="utf-8"))
    with (workspace / "out.jsonl").open("a", encoding="utf-8", buffering=1) as out:

        def emit(event: Mapping[str, Any]) -> None:
            out.write(json.dumps(event) + "\n")
            out.flush()

        if job["kind"] == "structure":
            _structure(job, emit)
        elif job["kind"] == "scan":
            from osaudit.probe.worker.scan import scan  # noqa: PLC0415 - one of several

            emit(scan(job))
        else:
            _run(job, emit)
    sys.stdout.flush()
    os._exit(0)  # libraries' exit handlers have nothing to do here, and some crash


def _structure(job: Mapping[str, Any], emit: Any) -> None:  # noqa: ANN401 - a function
    from osaudit.probe.worker import structure  # noqa: PLC0415 - heavy

    try:
        emit({"event": "structure", **structure.compare(job)})
    except Exception as error:  # noqa: BLE001 - the process boundary: any error of a library is a result
        emit({"event": "failed", "level": "structure", **failure_of(error)})


def _run(job: Mapping[str, Any], emit: Any) -> None:  # noqa: ANN401 - a function
    from osaudit.probe.worker.running import run  # noqa: PLC0415 - heavy

    level = "loads"

    def told(event: Mapping[str, Any]) -> None:
        nonlocal level
        emit(event)
        if event["event"] == "passed":
            level = {"loads": "infers", "infers": "performs"}.get(event["level"], "performs")

    try:
        run(job, told)
    except Exception as error:  # noqa: BLE001 - likewise
        emit({"event": "failed", "level": level, **failure_of(error)})

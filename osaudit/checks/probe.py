"""What a run of the probe says on two cells: it may lower them, and never raises them.

A failure lowers a cell only where it is the model's own: a machine too small, a limit reached or a library that
crashed or is older than the model says nothing about what was published.
"""

from __future__ import annotations

from collections.abc import Mapping

from osaudit.probe.result import LevelResult, ProbeRun
from osaudit.verdict import Answer, Outcome

_NO_BEARING = Answer("not_applicable", "Nothing bears on this.", counted=False)

# OSD-2: the form that one would modify has to be there, whole, and be what it is said to be.
_MODIFIABLE: Mapping[str, Outcome] = {
    **dict.fromkeys(
        (
            *("missing-weight-file", "missing-shard", "truncated", "lfs-pointer", "html-page", "corrupt-header"),
            *("hash-mismatch", "missing-tensors", "renamed-tensors", "layer-count", "shape-mismatch"),
            *("vocabulary-mismatch", "other-family-config", "zero-weights", "nan-weights"),
        ),
        "fail",
    ),
    **dict.fromkeys(
        (
            *("absent-index", "stale-index", "trailing-bytes", "corrupt-config", "unexpected-tensors", "wrong-dtype"),
            *("tied-weights", "tensor-differs", "unsafe-pickle", "pickle-refused", "unsafe-path"),
            *("nan-output", "constant-output", "no-output", "not-deterministic", "tokenizer-missing"),
        ),
        "review",
    ),
}
# OSD-10: an open library has to load them, without code of the repository.
_LOADABLE: Mapping[str, Outcome] = {
    **dict.fromkeys(("remote-code",), "partial"),
    **dict.fromkeys(
        (
            *("unknown-model-type", "unknown-architecture-class", "gguf-architecture-unknown", "config-schema"),
            *("pickle-refused", "unsafe-pickle", "generation-config", "library-error", "tokenizer-missing"),
        ),
        "review",
    ),
}


def probe_lowers_modifiable(run: ProbeRun) -> Answer:
    """Did the probe find that the weights are not whole, or not what they are said to be?"""
    return _lowered(run, _MODIFIABLE)


def probe_lowers_loadable(run: ProbeRun) -> Answer:
    """Did the probe find that no open library loads the weights as they were published?"""
    return _lowered(run, _LOADABLE)


def _lowered(run: ProbeRun, table: Mapping[str, Outcome]) -> Answer:
    failed = next((result for result in run.levels if result.outcome == "fail"), None)
    outcome = table.get(failed.failure or "") if failed else None
    if failed is None or outcome is None:
        return _NO_BEARING
    return Answer(outcome, _because(failed), failed.where, "inferred")


def _because(failed: LevelResult) -> str:
    return f"The probe stopped at “{failed.level}” ({failed.failure}): {failed.because}"

"""What a run of the probe says on two cells: it may lower them, and never raises them.

A failure lowers a cell only where it is the model's own: a machine too small, a limit reached or a library that
crashed or is older than the model says nothing about what was published.
"""

from __future__ import annotations

from collections.abc import Mapping

from osaudit.checks.case import Case
from osaudit.evidence import Seen
from osaudit.proberun import LEVELS, LevelResult, ProbeRun
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


def probe_finds_weights_whole(case: Case) -> Answer:
    """Did the probe, where one was run, find the weights whole, and what they are said to be?"""
    return _lowered(case, _MODIFIABLE)


def probe_finds_weights_loadable(case: Case) -> Answer:
    """Did the probe, where one was run, find that an open library loads the weights as they were published?"""
    return _lowered(case, _LOADABLE)


def untold(run: ProbeRun) -> LevelResult | None:
    """The level at which a run stopped short of what was asked, for a reason that is not the model's own."""
    asked = run.levels[: LEVELS.index(run.asked) + 1]
    if asked and asked[-1].level == run.asked and asked[-1].outcome == "pass":
        return None
    failed = _failed(run)
    if failed is not None:
        return None if failed.failure in _MODIFIABLE or failed.failure in _LOADABLE else failed
    return next((result for result in asked if result.outcome != "pass"), None)


def _failed(run: ProbeRun) -> LevelResult | None:
    return next((result for result in run.levels if result.outcome == "fail"), None)


def _lowered(case: Case, table: Mapping[str, Outcome]) -> Answer:
    failed = _failed(case.evidence.probe.value) if isinstance(case.evidence.probe, Seen) else None
    outcome = table.get(failed.failure or "") if failed else None
    if failed is None or outcome is None:
        return _NO_BEARING
    return Answer(outcome, _because(failed), failed.where, "inferred")


def _because(failed: LevelResult) -> str:
    words = failed.because.strip().rstrip(".") or "no reason was recorded"
    return f"The probe stopped at “{failed.level}” ({failed.failure}): {words}."

"""A run of the probe as text for a terminal: the ladder, the figures, the machine."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from osaudit.probe.estimate import shown
from osaudit.probe.result import Figure, LevelResult, ProbeRun

_MARKS = {"pass": "pass", "fail": "FAIL", "not_attempted": "-"}
_INDENT = 19


def text(run: ProbeRun, width: int = 100) -> str:
    """The whole run, line by line; every text from outside is made printable."""
    at = f" @ {run.commit}" if run.commit else ""
    lines = [f"{run.model}{at}", ""]
    for result in run.levels:
        lines += _level(result, width)
    if run.answer is not None:
        lines += ["", *_wrapped(f"{'answer':<{_INDENT}}{run.answer.strip()}", width)]
    if run.figures:
        lines += ["", "figures (median, lowest to highest, runs)", *map(_figure, run.figures)]
    lines += list(_machine(run, width))
    if run.estimate is not None:
        lines += ["", "estimate", *(line for sum_ in run.estimate.arithmetic for line in _wrapped(f"  {sum_}", width))]
    return "\n".join(_printable(line).rstrip() for line in lines) + "\n"


def _level(result: LevelResult, width: int) -> Iterator[str]:
    failure = f"[{result.failure}] " if result.outcome == "fail" and result.failure else ""
    yield from _wrapped(f"{result.level:<11}{_MARKS[result.outcome]:<8}{failure}{result.because}", width)
    for place in result.where:
        shows = f": {place.quote}" if place.quote else ""
        yield from _wrapped(f"{'':<{_INDENT}}at {place.path}{shows}", width)
    for note in result.notes:
        yield from _wrapped(f"{'':<{_INDENT}}- {note}", width)


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, max(width, 40), subsequent_indent=" " * _INDENT, drop_whitespace=True) or [""]


def _figure(figure: Figure) -> str:
    value, low, high = (_number(one, figure.unit) for one in (figure.value, figure.low, figure.high))
    spread = f"{low} to {high}" if figure.runs > 1 and figure.low != figure.high else ""
    return f"  {figure.id.replace('_', ' '):<24}{value:>18}  {spread:<28}{figure.runs:>6}"


def _number(value: float, unit: str) -> str:
    if unit == "bytes":
        return shown(int(value))
    if unit == "bytes/s":
        return f"{shown(int(value))}/s"
    if unit == "s" and value < 1:
        return f"{value * 1000:.2f} ms"
    return f"{value:.1%}" if unit == "of 1" else f"{value:.4g} {unit}"


def _machine(run: ProbeRun, width: int) -> Iterator[str]:
    machine, cage = run.machine, run.cage
    if machine is not None:
        yield ""
        yield from _wrapped(
            f"machine            {machine.cpu}, {machine.cores} cores, {shown(machine.memory_bytes)}, "
            f"{machine.system}; {run.backend} on {machine.device} in {machine.dtype}; load {machine.load_average:.1f}"
            + (" (noisy)" if machine.noisy else ""),
            width,
        )
        libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries)
        yield from _wrapped(f"libraries          {libraries}, Python {machine.python}", width)
    if cage is not None:
        held = f"network {cage.network}, files {cage.files}, {cage.processes}, {shown(cage.memory_limit)} of memory"
        yield from _wrapped(f"cage               {held}, {cage.wall_seconds:.0f} s", width)
        for gap in cage.gaps:
            yield from _wrapped(f"{'':<{_INDENT}}- {gap}", width)


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in line)

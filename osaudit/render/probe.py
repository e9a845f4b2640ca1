"""A run of the probe in words: what `osaudit probe` prints, and what every report's section on it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from osaudit.evidence import Where
from osaudit.frozen import dataclass
from osaudit.proberun import LEVELS, Cage, Figure, Level, LevelResult, Machine, ProbeRun, shown
from osaudit.render.neutral import plain, unordered
from osaudit.render.words import MARKS, Mark, place_words, short
from osaudit.render.wrap import width_of, wrap

_ANSWER = 500
_NOTE = 400
_PLACES = 8
_INDENT = 19
_NARROWEST = 40
_NOT_TOLD = Mark("not attempted", "?", "asked for, and could not be told")
_NOT_ASKED = Mark("not asked", "–", "not asked for")
_MEANINGS: Mapping[Level, str] = MappingProxyType(
    {
        "access": "the files can be read",
        "integrity": "they are whole, and what the listing says",
        "structure": "names, shapes and types are the architecture’s",
        "loads": "a library loads every weight",
        "infers": "what comes out is sound",
        "performs": "how fast, and with what memory",
    }
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One level as it is shown; `kind` is the look of an outcome that the other marks have too."""

    level: str
    meaning: str
    kind: str
    mark: Mark
    failure: str
    because: str
    where: tuple[Where, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure as it is shown; `start`, `middle` and `end` are percent of its highest value, for a drawing."""

    name: str
    value: str
    spread: str
    runs: int
    start: float
    middle: float
    end: float


def rungs(run: ProbeRun) -> tuple[Rung, ...]:
    """Return the levels, lowest first."""
    return tuple(_rung(result, run.asked) for result in run.levels)


def _rung(result: LevelResult, asked: Level) -> Rung:
    kind, mark = _look(result, asked)
    return Rung(
        level=result.level,
        meaning=_MEANINGS[result.level],
        kind=kind,
        mark=mark,
        failure=plain(result.failure or "", 60) if result.outcome == "fail" else "",
        because=plain(result.because),
        where=result.where[:_PLACES],
        notes=tuple(plain(note, _NOTE) for note in result.notes),
    )


def _look(result: LevelResult, asked: Level) -> tuple[str, Mark]:
    match result.outcome:
        case "pass" | "fail":
            return result.outcome, MARKS[result.outcome]
        case "not_attempted":
            was_asked = LEVELS.index(result.level) <= LEVELS.index(asked)
            return ("review", _NOT_TOLD) if was_asked else ("not_applicable", _NOT_ASKED)


def summary(run: ProbeRun) -> str:
    """Say in a sentence how far the run came."""
    asked = [result for result in run.levels if LEVELS.index(result.level) <= LEVELS.index(run.asked)]
    stop = next((result for result in asked if result.outcome != "pass"), None)
    if stop is None:
        return f"Passed every level that was asked for, up to “{run.asked}”."
    how = "failed at" if stop.outcome == "fail" else "could not be carried out at"
    why = f" ({plain(stop.failure, 60)})" if stop.failure else ""
    return f"Asked for up to “{run.asked}”, and {how} “{stop.level}”{why}."


def figures(run: ProbeRun) -> tuple[Measured, ...]:
    """Return the figures, in order."""
    return tuple(map(_measured, run.figures))


def _measured(figure: Figure) -> Measured:
    value, low, high = (_number(one, figure.unit) for one in (figure.value, figure.low, figure.high))
    most = max(figure.value, figure.high)
    start, middle, end = (
        round(min(max(100 * one / most, 0), 100), 1) if most > 0 else 0.0
        for one in (figure.low, figure.value, figure.high)
    )
    return Measured(
        name=plain(figure.id.replace("_", " "), 60),
        value=value,
        spread=_spread(low, high) if figure.runs > 1 and figure.low != figure.high else "",
        runs=figure.runs,
        start=start,
        middle=middle,
        end=end,
    )


def _spread(low: str, high: str) -> str:
    """Name the unit once where both have it."""
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.endswith(f' {unit}') else low} to {high}"


def _number(value: float, unit: str) -> str:
    match unit:
        case "bytes":
            return shown(int(value))
        case "bytes/s":
            return f"{shown(int(value))}/s"
        case "s" if value < 1:
            return f"{value * 1000:.2f} ms"
        case "of 1":
            return f"{value:.1%}"
        case _:
            return f"{value:.4g} {plain(unit, 20)}"


def facts(run: ProbeRun) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what was answered, what it ran on, and how it was held: a name and lines each."""
    rows = {
        "answer": (f"“{plain(run.answer, _ANSWER)}”",) if run.answer is not None else (),
        "machine": (_machine(run, run.machine),) if run.machine else (),
        "libraries": (_libraries(run.machine),) if run.machine else (),
        "cage": (_cage(run.cage), *run.cage.gaps) if run.cage else (),
        "estimate": run.estimate.arithmetic if run.estimate else (),
        "noted": run.notes,
    }
    return tuple((name, tuple(plain(line, _ANSWER) for line in lines)) for name, lines in rows.items() if lines)


def _machine(run: ProbeRun, machine: Machine) -> str:
    noisy = " (noisy: more than there are cores)" if machine.noisy else ""
    return (
        f"{machine.cpu}, {machine.cores} cores, {shown(machine.memory_bytes)}, {machine.system}; "
        f"{run.backend or 'no backend'} on {machine.device} in {machine.dtype}; load {machine.load_average:.1f}{noisy}"
    )


def _libraries(machine: Machine) -> str:
    return ", ".join([*(f"{name} {version}" for name, version in machine.libraries), f"Python {machine.python}"])


def _cage(cage: Cage) -> str:
    held = f"network {cage.network}, files {cage.files}, {cage.processes}"
    return f"{held}, {shown(cage.memory_limit)} of memory, {cage.wall_seconds:.0f} s"


def render_probe(run: ProbeRun, width: int = 100) -> str:
    """Return a run as text for a terminal: the model, the ladder, the figures, the machine."""
    at = f" @ {plain(run.commit)}" if run.commit else ""
    return unordered("\n".join([f"{plain(run.model, 300)}{at}", "", *probe_lines(run, max(width, _NARROWEST))])) + "\n"


def probe_lines(run: ProbeRun, width: int, pen: Callable[[str, str], str] | None = None) -> Iterator[str]:
    """Return a run without its head, line by line; `pen` colours the marks."""
    for rung in rungs(run):
        yield from _level(rung, run.model, width, pen)
    if run.figures:
        yield from ("", *wrap("figures (median, lowest to highest, runs)", width))
        yield from (line for one in figures(run) for line in _figure(one, width))
    told = facts(run)
    if told:
        yield ""
    for name, (first, *rest) in told:
        yield from _entry(name, first, width)
        yield from (line for more in rest for line in _entry("", f"- {more}", width))


def _level(rung: Rung, home: str, width: int, pen: Callable[[str, str], str] | None) -> Iterator[str]:
    failure = f"[{rung.failure}] " if rung.failure else ""
    word = rung.mark.word.upper() if rung.kind == "fail" else rung.mark.word if rung.kind == "pass" else "-"
    first, *rest = _entry(rung.level, f"{failure}{rung.because}", width, word)
    yield first.replace(word, pen(word, rung.kind), 1) if pen and rung.kind in {"pass", "fail"} else first
    yield from rest
    for where in rung.where:
        shows = f": {plain(where.quote, 300)}" if where.quote else ""
        at = f", at {short(where.commit)}" if where.commit else ""
        yield from _entry("", f"at {place_words(where, home)}{at}{shows}", width)
    for note in rung.notes:
        yield from _entry("", f"- {note}", width)


def _figure(one: Measured, width: int) -> list[str]:
    row = f"  {one.name:<24}{one.value:>18}  {one.spread:<28}{one.runs:>6}"
    if width_of(row) <= width:
        return [row]
    first, *rest = wrap(f"{one.name}: {', '.join(filter(None, (one.value, one.spread, str(one.runs))))}", width - 4)
    return [f"  {first}", *(f"    {line}" for line in rest)]


def _entry(name: str, words: str, width: int, mark: str = "") -> list[str]:
    """Lay words out beside a name, and beneath each other."""
    head = f"{name:<11}{mark:<8}" if mark else f"{name:<{_INDENT}}"
    first, *rest = wrap(words, max(width - _INDENT, 1))
    return [f"{head}{first}".rstrip(), *(f"{'':<{_INDENT}}{line}".rstrip() for line in rest)]

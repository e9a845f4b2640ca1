"""How a caged worker ended, as a failure class and a sentence."""

from __future__ import annotations

import signal

from osaudit.probe.cage import Caged
from osaudit.proberun import shown


def ended_badly(caged: Caged) -> tuple[str, str, str | None, str | None]:
    """Failure class, sentence, and the tensor and file that show it."""
    told = next((event for event in reversed(caged.events) if event.get("event") == "failed"), None)
    if told is not None and caged.end == "exit":
        because = " ".join(str(told.get("because", "")).split())[:600]
        return str(told.get("class", "library-error")), _sentence(because), _text(told, "quote"), _text(told, "path")
    return *_by_end(caged), None, None


def _text(event: object, key: str) -> str | None:
    value = event.get(key) if isinstance(event, dict) else None
    return str(value)[:300] if value is not None else None


def _by_end(caged: Caged) -> tuple[str, str]:  # noqa: PLR0911 - each return is one way to end
    limit, seconds = shown(caged.cage.memory_limit), caged.cage.wall_seconds
    match caged.end:
        case "timeout":
            return "timeout", f"The worker did not end within {seconds:.0f} seconds and was stopped."
        case "memory":
            return (
                "out-of-memory",
                f"The worker used {shown(caged.peak)} of memory, over the {limit} that it was given.",
            )
        case "processes":
            return (
                "too-many-processes",
                "The worker started more processes than loading a model needs, and was stopped.",
            )
        case "disk":
            return "disk-full", "The worker wrote more to disk than running a model needs, and was stopped."
        case "signal":
            return _by_signal(caged)
        case "exit":
            last = next((line for line in reversed(caged.log.splitlines()) if line.strip()), "nothing on its output")
            return "crashed", f"The worker ended with code {caged.code} and no result: {last.strip()[:200]}."
        case "keeper":
            return "cage-broken", "The cage could not be set up on this system."


def _by_signal(caged: Caged) -> tuple[str, str]:
    if caged.code in {signal.SIGSEGV, signal.SIGBUS}:
        return "segfault", "The library crashed (segmentation fault)."
    if caged.code == signal.SIGKILL:
        return "killed", "The worker was killed from outside, most likely by the system for lack of memory."
    try:
        name = signal.Signals(caged.code).name
    except ValueError:
        name = str(caged.code)
    return "crashed", f"The worker was ended by the signal {name}."


def _sentence(words: str) -> str:
    first = words.partition(" ")[0]
    opening = words[:1].upper() + words[1:] if first.isalpha() else words  # names of files and tensors stay as they are
    return opening + ("" if words.endswith(".") else ".")

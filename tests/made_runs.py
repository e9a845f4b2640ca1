"""Runs of the probe for tests: made, not measured."""

from __future__ import annotations

from dataclasses import replace

from osaudit.evidence import Where
from osaudit.proberun import (
    LEVELS,
    Cage,
    Estimate,
    Figure,
    Level,
    LevelResult,
    Machine,
    ProbeRun,
)


def made(*outcomes: str, asked: Level = "performs", failure: str = "truncated") -> ProbeRun:
    levels = tuple(
        LevelResult(
            level,
            outcome,  # type: ignore[arg-type]
            "A sentence.",
            failure if outcome == "fail" else None,
            (Where("org/m", "c" * 40, "model.safetensors", quote="lm_head.weight"),) if outcome == "fail" else (),
        )
        for level, outcome in zip(LEVELS, outcomes, strict=False)
    )
    rest = tuple(LevelResult(level, "not_attempted", "Not asked for.", "not-asked") for level in LEVELS[len(levels) :])
    return ProbeRun("org/m", None, "c" * 40, asked, "transformers", (*levels, *rest))


FULL = replace(
    made(*["pass"] * 6),
    figures=(
        Figure("cold_start", 4.25, "s", 4.0, 5.5, 3),
        Figure("decode", 12.5, "tokens/s", 11.0, 13.0, 10),
        Figure("inter_token_p99", 0.0825, "s", 0.08, 0.09, 10),
        Figure("memory_anonymous", 350e6, "bytes", 350e6, 350e6, 1),
        Figure("bandwidth_share", 0.2, "of 1", 0.2, 0.2, 1),
    ),
    machine=Machine("A CPU", 2, 8 * 10**9, "Linux", "3.11", "cpu", "float32", (("torch", "2"),), 3.5, noisy=True),
    cage=Cage("cut", "read-only", "own namespace", 10**9, 60.0, ("a gap",)),
    estimate=Estimate(1, 2, 3, ("1 + 2 = 3",)),
    answer="Paris",
    notes=("a note",),
)


def hostile_run(texts: tuple[str, ...], places: tuple[Where, ...]) -> ProbeRun:
    """A run in which every text is somebody's attack."""
    many = texts * 4
    levels = (
        LevelResult(level, "fail", many[at], many[at + 1], places[at : at + 1], texts)
        for at, level in enumerate(LEVELS)
    )
    words = dict(zip(("cpu", "system", "python", "device", "dtype"), many[3:], strict=False))
    libraries = tuple(zip(texts, texts, strict=True))
    return ProbeRun(
        model=texts[0],
        revision=texts[1],
        commit="c" * 40,
        asked="performs",
        backend=texts[2],
        levels=tuple(levels),
        figures=tuple(Figure(text, 1.5, text, 1.0, 2.0, 3) for text in texts),
        machine=Machine(**words, cores=2, memory_bytes=8, libraries=libraries, load_average=3.5, noisy=True),
        cage=Cage("open", "writable", "own session", 10**9, 60.0, texts),
        estimate=Estimate(1, 2, 3, texts),
        answer="".join(texts),
        notes=texts,
    )

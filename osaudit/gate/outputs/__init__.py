"""The gate's outputs: a report in, text out. Each format's module is imported when that format is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from osaudit.gate.findings import GateReport


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What the text format looks at, and what turned a failure into exit code 0 (`--exit-zero`), if anything did.

    `summary`: a line a model. `width` is in columns.
    """

    colour: bool = False
    width: int = 100
    summary: bool = False
    excuse: str = ""


GateOutput: TypeAlias = Callable[[GateReport, OutputOptions], str]


def _github(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.annotations import render_annotations  # noqa: PLC0415 - this format was asked for

    return render_annotations(report, options)


def _gitlab(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.codequality import render_codequality  # noqa: PLC0415 - likewise

    return render_codequality(report, options)


def _json(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.gatejson import render_gate_json  # noqa: PLC0415 - likewise

    return render_gate_json(report, options)


def _junit(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.junit import render_junit  # noqa: PLC0415 - likewise, and junitparser with it

    return render_junit(report, options)


def _markdown(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.stepsummary import render_step_summary  # noqa: PLC0415 - likewise

    return render_step_summary(report, options)


def _sarif(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.sarif import render_sarif  # noqa: PLC0415 - likewise

    return render_sarif(report, options)


def _text(report: GateReport, options: OutputOptions) -> str:
    from osaudit.gate.outputs.gatetext import render_gate_text  # noqa: PLC0415 - likewise

    return render_gate_text(report, options)


GATE_OUTPUTS: Mapping[str, GateOutput] = MappingProxyType(
    {
        "github": _github,
        "gitlab": _gitlab,
        "json": _json,
        "junit": _junit,
        "markdown": _markdown,
        "sarif": _sarif,
        "text": _text,
    }
)
GATE_FORMAT_BY_SUFFIX: Mapping[str, str] = MappingProxyType(
    {".json": "json", ".md": "markdown", ".sarif": "sarif", ".txt": "text", ".xml": "junit"}
)
"""The formats that a file's suffix names; those of GitHub's log and GitLab's widget are named by `--format` alone."""

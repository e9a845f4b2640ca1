"""Reports: scorecards in, text out. Each format's module is imported when that format is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from osaudit.frozen import dataclass
from osaudit.verdict import Failure, Scorecard

if TYPE_CHECKING:
    from osaudit.decision import Decision


@dataclass(frozen=True, slots=True)
class Options:
    """What the terminal can show, which the text format looks at; and what the run was, which JSON tells."""

    colour: bool = False
    width: int = 100
    failures: tuple[Failure, ...] = ()
    config: Mapping[str, str | None] | None = None
    decision: Decision | None = None
    max_age: int | None = None


Renderer: TypeAlias = Callable[[Sequence[Scorecard], Options], str]


def _csv(cards: Sequence[Scorecard], options: Options) -> str:
    from osaudit.render.csv import render_summary_csv  # noqa: PLC0415 - this format was asked for

    return render_summary_csv(cards, options.failures)


def _html(cards: Sequence[Scorecard], options: Options) -> str:
    from osaudit.render.html import render_html  # noqa: PLC0415 - likewise, and jinja2 with it

    return render_html(cards, options.decision, options.max_age)


def _json(cards: Sequence[Scorecard], options: Options) -> str:
    from osaudit.render.json import render_json  # noqa: PLC0415 - likewise

    return render_json(cards, options)


def _markdown(cards: Sequence[Scorecard], options: Options) -> str:
    from osaudit.render.markdown import render_markdown  # noqa: PLC0415 - likewise

    return render_markdown(cards, options.failures)


def _text(cards: Sequence[Scorecard], options: Options) -> str:
    from osaudit.render.text import render_text  # noqa: PLC0415 - likewise

    return render_text(cards, colour=options.colour, width=options.width, failures=options.failures)


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"csv": _csv, "html": _html, "json": _json, "markdown": _markdown, "text": _text}
)
FORMAT_BY_SUFFIX: Mapping[str, str] = MappingProxyType(
    {".csv": "csv", ".htm": "html", ".html": "html", ".json": "json", ".md": "markdown", ".txt": "text"}
)

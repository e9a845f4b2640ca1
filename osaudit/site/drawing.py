"""The only importer of matplotlib: a figure in the tokens' colours, and its bytes as SVG or PDF, the same every time.

Text stays text. The SVG's colours are those of the light page; a style in it gives each its dark one, so that it
follows the reader's scheme wherever a browser shows it; a program that knows no media queries shows the light picture.
"""

from __future__ import annotations

import functools
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any

from osaudit.resources import data_path

SALT = "osaudit"
"""Ids in an SVG are hashes with this salt: chance would make them others each time."""
_TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
_OPEN = re.compile(r"<svg\b[^>]*>")
_PROLOGUE = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_LEGIBLE = 9.0

Canvas = Any
"""A matplotlib figure: it is typed, and an extra."""


@functools.cache
def tokens() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The colours of `reports/tokens.css`, light and dark, as `#rrggbb`."""
    text = data_path("reports", "tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media", 1)
    return dict(_TOKEN.findall(light)), dict(_TOKEN.findall(dark))


def colour(token: str) -> str:
    """A token's colour on a light page."""
    return tokens()[0][token]


_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": SALT,
    "svg.image_inline": True,
    "pdf.fonttype": 42,
    "pdf.compression": 9,
    "path.simplify": False,
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],  # it comes with matplotlib: no layout hangs on a machine's fonts
    "font.size": _LEGIBLE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "figure.autolayout": False,
    "legend.frameon": False,
}


@contextmanager
def canvas(width: float, height: float) -> Iterator[Canvas]:
    """A figure of so many inches, with our settings in force."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra, which pictures alone need

    mpl.use("svg")
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    ink: dict[str, Any] = {
        name: colour("ink") for name in ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor")
    }
    lines = {name: colour("strong") for name in ("axes.edgecolor", "xtick.color", "ytick.color")}
    ground = {name: colour("sheet") for name in ("figure.facecolor", "axes.facecolor", "savefig.facecolor")}
    settings: Any = {**mpl.rcParamsDefault, **_SETTINGS, **ink, **lines, **ground}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a stranger's letters: a browser has them
        yield Figure(figsize=(width, height), layout="constrained")


def as_svg(drawn: Canvas, title: str, told: str) -> str:
    """The figure as SVG, with a title and a description for those who do not see it."""
    sink = io.BytesIO()
    drawn.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = _METADATA.sub("", _PROLOGUE.sub("", sink.getvalue().decode()), count=1)
    words = f'<title id="t">{escape(title)}</title><desc id="d">{escape(told)}</desc><style>{_dark(text)}</style>'
    named = _OPEN.sub(lambda tag: f'{tag[0][:-1]} role="img" aria-labelledby="t d">\n{words}', text, count=1)
    return "\n".join(line.rstrip() for line in named.splitlines()) + "\n"


def _dark(text: str) -> str:
    """The rules by which each colour that stands in the picture becomes its dark one."""
    light, dark = tokens()
    pairs = {light[name]: dark[name] for name in light if name in dark and light[name] in text}
    rules = [
        f'[style*="{what}: {value}"]{{{what}:{pairs[value]} !important}}'
        for value in sorted(pairs)
        for what in ("fill", "stroke")
        if f"{what}: {value}" in text
    ]
    return "@media screen and (prefers-color-scheme:dark){" + "".join(rules) + "}"


def as_pdf(drawn: Canvas) -> bytes:
    """The figure as PDF, its fonts in it and no date."""
    sink = io.BytesIO()
    drawn.savefig(sink, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return sink.getvalue()


Draw = Callable[[Canvas], None]
"""What puts a picture onto a canvas."""

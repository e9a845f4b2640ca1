"""Tables whose rows are read with their header: "Commercial use: no" of a line under "Use | Allowed"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osaudit.compiled import regex
from osaudit.reading.page.card import Layout
from osaudit.reading.page.markdown import flatten
from osaudit.reading.page.normal import normal_form
from osaudit.reading.page.topics import Topic

MAX_ROWS = 600
MAX_CELLS = 12
MAX_ANSWER = 24  # letters and marks: the longest cell that only says yes or no has fewer

_RULE = regex(r"[ \t]*\|?[ \t]*:?-+[-|: \t]*$")
_FIGURES = regex(r"[\W\d_]*[A-Za-z]{0,2}[\W\d_]*")
_NO = regex(r"(?i)[\W_]{0,3}(?:no|none|nope|n|never|not? (?:allowed|permitted)|false|forbidden|prohibited)[\W_]{0,3}")
_YES = regex(r"(?i)[\W_]{0,3}(?:yes|y|true|ok|okay|allowed|permitted|free)[\W_]{0,3}")
_SETTING = regex(r"(?i)[\W_]{0,3}(?:true|false|none|[ny])[\W_]{0,3}")
"""What a table of settings holds as well: no word on what is allowed, unless the row or its header speaks of use."""
_TECHNIQUE = regex(
    r"(?i)(?:GQA|MQA|MHA|MLA|SWA|MoE|RoPE|ALiBi|NoPE|FIM|KV cache|SFT|DPO|PPO|GRPO|KTO|ORPO|RLHF|RLAIF|LoRA|QLoRA|QAT|"
    r"(?:fp|bf|int)\d{1,2}|flash[- ]?attention|tied embeddings|bias|quantized)"
)
"""A column's title that names how a model is built or trained: what it has or lacks of that is no word on terms."""
_OF_USE = regex(
    r"(?i)\bus(?:e|es|age|ing)\b|commerc|\bsell|distribut|allow|permi|licen[cs]|\bterms\b|\bhost(?:ed|ing)?\b|modif|"
    r"商|许|用途|利用|kommerz|nutz|gewerb|comercial|коммерч|использ"
)
_CROSS, _TICK = regex(r"[\W_]{0,3}[❌🚫⛔✗✘✖🛑❎][\W_]{0,3}"), regex(r"[\W_]{0,3}[✅✔☑✓🆗][\W_]{0,3}")
_FORBIDS = regex(r"(?i)prohibit|forbid|disallow|banned|not (?:allowed|permitted)|restrict|verbot|interdit|禁|no-go")
_ROW = regex(r"(?is)<tr\b[^>]{0,200}>(.{1,4000}?)</tr>")
_CELL = regex(r"(?is)<t[hd]\b[^>]{0,200}>(.{0,2000}?)(?=</t[hd]>|<t[hd]\b|$)")
_TABLE_ENDS = regex(r"(?i)</?table\b")


def rows_with_headers(layout: Layout) -> dict[int, str]:
    """Give each row of words, by where it begins, as it is read with its header; rows of figures stay as they are."""
    found: dict[int, str] = {}
    header: tuple[str, ...] = ()
    text = layout.card.text
    for block, _ in layout.blocks:
        if block.kind != "row":
            header = ()
            continue
        line = text[block.start : block.end]
        end = text.find("\n", block.end + 1)
        if _RULE.match(text[block.end + 1 : end if end >= 0 else len(text)].rstrip()):
            header = _cells(line, layout)
        elif len(found) < MAX_ROWS and not _is_figures(line):
            words = row_words(header, _cells(line, layout))
            if words:
                found[block.start] = words
    return found


def _is_figures(line: str) -> bool:
    first, _, rest = line.strip().strip("|").partition("|")
    return bool(first) and _FIGURES.fullmatch(rest[:200]) is not None and rest.isascii() and not _NO.search(rest)


def _cells(line: str, layout: Layout) -> tuple[str, ...]:
    words, _ = flatten(line, layout.targets)
    inner = words.strip().removeprefix("|").removesuffix("|")  # one each: a cell may be empty
    return tuple(normal_form(cell.strip()) for cell in inner.split("|")[:MAX_CELLS])


def row_words(header: Sequence[str], cells: Sequence[str]) -> str:
    """Join a row's cells with their headers: as "label: not allowed" where one says no alone, else "header: cell"."""
    if len(cells) < 2:  # noqa: PLR2004 - one cell has no header to speak of
        return ""
    titles = [*header, *[""] * (len(cells) - len(header))][: len(cells)]
    of_use = _OF_USE.search("\n".join((*titles, *cells))) is not None
    answers = [
        None if not of_use and (_SETTING.fullmatch(cell) or _TECHNIQUE.fullmatch(title)) else _answer(title, cell)
        for title, cell in zip(titles, cells, strict=True)
    ]
    label = next((cell for cell, answer in zip(cells, answers, strict=True) if cell and answer is None), "")
    told = [number for number, answer in enumerate(answers) if answer]
    if label and len(told) > 1:  # columns of several models: each answer is its column's
        each = (
            _titled(title, answer or cell) for title, cell, answer in zip(titles, cells, answers, strict=True) if cell
        )
        return " | ".join(each)
    if label and told:
        own = next(number for number, cell in enumerate(cells) if cell == label)
        rest = [
            _titled(title, cell)
            for number, (title, cell) in enumerate(zip(titles, cells, strict=True))
            if cell and answers[number] is None and number != own
        ]
        return f"{label.rstrip(' :?')}: {' | '.join((answers[told[0]] or '', *rest))}"
    return " | ".join(_titled(title, cell) for title, cell in zip(titles, cells, strict=True) if cell)


def _titled(title: str, cell: str) -> str:
    return f"{title.rstrip(' :')}: {cell}" if title else cell


def _answer(title: str, cell: str) -> str | None:
    """Read a cell that only says yes or no, under its header; None for any other."""
    if len(cell) > MAX_ANSWER:
        return None
    denied = bool(_NO.fullmatch(cell) or _CROSS.fullmatch(cell))
    if not denied and not (_YES.fullmatch(cell) or _TICK.fullmatch(cell)):
        return None
    of_bans = _FORBIDS.search(title) is not None
    return "not allowed" if denied != of_bans else "allowed"


def html_rows(layout: Layout) -> Iterator[tuple[str, int, int, tuple[Topic, ...]]]:
    """Read the rows of HTML tables in the same way, each with its span; the first row of a table is its header."""
    text = layout.card.text
    if "<tr" not in text and "<TR" not in text:
        return
    header: tuple[str, ...] = ()
    before = layout.body
    for found, _ in zip(_ROW.finditer(text, layout.body), range(MAX_ROWS), strict=False):
        cells = tuple(_plain(cell) for cell in _CELL.findall(found.group(1))[:MAX_CELLS])
        if before == layout.body or _TABLE_ENDS.search(text, before, found.start()):
            header = cells if regex(r"(?i)<th\b").search(found.group(1)) else ()
        words = row_words(() if cells == header else header, cells)
        before = found.end()
        if words and cells != header:
            yield words, found.start(), found.end(), ()


def _plain(cell: str) -> str:
    return normal_form(" ".join(flatten(cell)[0].split()))

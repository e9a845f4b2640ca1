"""Commands that a card shows with their settings: the recipe by which this model was trained."""

from __future__ import annotations

from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.evidence import Statement, StatementKind
from osaudit.reading.making.training import trained_at
from osaudit.reading.page.card import Layout
from osaudit.reading.page.markdown import Block, flatten
from osaudit.reading.page.subjects import Own
from osaudit.reading.page.topics import Topic

MAX_COMMANDS = 10
MAX_CODE = 20_000  # characters of one block
MAX_LEAD = 1_500
MIN_SETTINGS = 2

_SCRIPT = regex(
    r"(?:python3?|torchrun|deepspeed|accelerate launch|torch\.distributed\.\w+)\b[^\n]{0,200}?\s"
    r"(?P<script>[\w./-]{0,80}(?:run_|train|fine_?-?tun)[\w-]{0,60}\.py)\b"
)
_SETTING = regex(
    r"--(do_train|learning[_-]rate|lr|num_train_epochs|num_epochs|epochs|(?:per_\w+_)?(?:train_)?batch[_-]size|train_file|"
    r"max_steps|model_name_or_path)\b"
)
_TRAINING: frozenset[Topic] = frozenset({"training", "training-procedure"})


def read_commands(layout: Layout, own: Own, *, derived: bool) -> Iterator[Statement]:
    """List the training scripts that the card runs with settings where it tells how this model was trained."""
    lead: Block | None = None
    found = 0
    for block, topics in layout.blocks:
        if block.kind == "code" and found < MAX_COMMANDS:
            told = (topics[0] if topics else "other") in _TRAINING or _is_told(layout, lead, own)
            for statement in _commands(layout, block, derived=derived) if told else ():
                found += 1
                yield statement
        lead = block


def _is_told(layout: Layout, lead: Block | None, own: Own) -> bool:
    """Tell whether the block above says that this model was trained so."""
    if lead is None or lead.kind in {"code", "heading"}:
        return False
    return trained_at(flatten(layout.card.text[lead.start : min(lead.end, lead.start + MAX_LEAD)])[0], own) is not None


def _commands(layout: Layout, block: Block, *, derived: bool) -> Iterator[Statement]:
    body = layout.card.text[block.start : min(block.end, block.start + MAX_CODE)]
    if "--" not in body or ".py" not in body:
        return
    runs = list(_SCRIPT.finditer(body))[:MAX_COMMANDS]
    for run, end in zip(runs, [*(later.start() for later in runs[1:]), len(body)], strict=False):
        settings = set(_SETTING.findall(body, run.end(), end))
        if len(settings) >= MIN_SETTINGS:
            kind: StatementKind = "fine-tuning-code" if derived or "model_name_or_path" in settings else "training-code"
            start = block.start + run.start("script")
            where = layout.card.where(start, block.start + run.end("script"))
            yield Statement(kind, run.group("script"), "code", "high", where)

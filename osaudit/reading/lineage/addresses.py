"""Addresses and settings that lead to a model: links to the Hub and ModelScope, names in commands and code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osaudit.compiled import regex
from osaudit.prefilter import first_needles
from osaudit.reading.lineage.bases import hub_model
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import folded, has_any

MAX_CODE = 20_000
MAX_NAMED = 12

_MODELSCOPE = regex(r"(?i)^https?://(?:www\.)?modelscope\.(?:cn|ai)/models/(?P<id>[\w.-]{1,96}/[\w.-]{1,96})")
_SETTING = regex(
    r"(?<![\w-])(?:--(?:base|from|init|parent|backbone|foundation|pretrained|checkpoint|ckpt)|"
    r"(?:--)?[\"']?(?:model_name_or_path|pretrained_model_name_or_path|base[_-]model(?:[_-](?:name|path|id|"
    r"name_or_path))?|pretrained[_-]model(?:[_-]name)?|model[_-]path|init[_-](?:from|checkpoint)|resume[_-]from)[\"']?)"
    r"[ \t]{0,4}[=: ][ \t]{0,4}[\"']?(?P<id>[A-Za-z0-9][\w.-]{0,95}(?:/[\w.-]{1,96})?)",
    re.IGNORECASE,
)
_SETTING_NEEDLES = first_needles("settings that name a model", _SETTING)
_SETTING_HINTS = ("model", "init", "resume", "--")


def pointed_model(url: str) -> str | None:
    """Read the id of the model that a link points to, on the Hub or on ModelScope."""
    elsewhere = _MODELSCOPE.match(url.strip())
    return elsewhere.group("id") if elsewhere else hub_model(url)


def models_in_code(layout: Layout) -> Iterator[tuple[str, int, int]]:
    """List the models that a card's commands and settings start from, each with its span."""
    for block, _ in layout.blocks:
        if block.kind != "code":
            continue
        body = layout.card.text[block.start : min(block.end, block.start + MAX_CODE)]
        if not any(hint in body for hint in _SETTING_HINTS) or not has_any(folded(body), _SETTING_NEEDLES):
            continue
        for found, _ in zip(_SETTING.finditer(body), range(MAX_NAMED), strict=False):
            yield found.group("id"), block.start + found.start("id"), block.start + found.end("id")

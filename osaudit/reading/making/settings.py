"""The hyperparameters that a card states: as a list, a table, settings in a code block, or in a sentence.

Only what the model of the card was trained with counts: advice, results and another model's settings do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from osaudit.compiled import regex
from osaudit.evidence import Setting
from osaudit.reading.making.training import speaks_of_own, trained_at
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints, has_any
from osaudit.reading.page.markdown import Block
from osaudit.reading.page.subjects import Own, Passage, calls_own, place
from osaudit.reading.page.whose import Under, enter, speaks_of_a_base

MAX_SETTINGS = 80
MAX_VALUE = 200
MAX_PLAIN = 60  # characters of a value whose name is not known
MAX_LABEL = 48
MAX_WORDS = 5
MAX_LINE = 600
MAX_CODE = 20_000

_PART = (
    r"(?:learning[ _-]?rate|lr|batch[ _-]?sizes?|batch|epochs|optimi[sz]er|adam[ _](?:beta ?[12]|epsilon)|"
    r"weight[ _-]?decay|warm-?up(?:[ _](?:steps|ratio|proportion|tokens))?|lr[ _]?schedule\w*|scheduler(?:[ _]type)?|"
    r"gradient[ _](?:accumulations?|clipping)(?:[ _]steps)?|max[ _]grad[ _]norm|label[ _]smoothing(?:[ _]factor)?|"
    r"dropout|(?:mixed[ _]|training[ _])?precision(?:[ _]training)?|seed|lora[ _](?:r|rank|alpha|dropout)|z-?loss|"
    r"(?:max(?:imum)?[ _])?seq(?:uence)?[ _-](?:len|length)|train(?:ing)?[ _]steps|max[ _]steps|"
    r"num(?:ber of)?[ _](?:train(?:ing)?[ _])?(?:epochs|steps)|学习率|批次大小|优化器|训练轮数)"
)
_KNOWN = regex(
    r"(?i)^(?:(?:number of|num|no\. of|peak|max(?:imum)?|initial|final|global|total|effective|train(?:ing)?|eval|valid|"
    rf"micro|mini|per|device|gpu|adam|attention|hidden|ppo|the)[ _-]){{0,3}}{_PART}"
    r"(?:[ _](?:type|steps|ratio|schedule\w*|per[ _]\w+|rate|size|value|factor))?(?: ?\([^()]{1,20}\))?$"
)
_LABELLED = regex(
    rf"^[\s>*|_`\"'(\[{{,-]*(?P<label>[^\W\d_][\w ./()-]{{0,{MAX_LABEL}}}?)[\s*_`\"']*(?:[:：|=]|(?<=['\"]),)[\s*|_`]*"
    r"(?P<value>[^\s|*`].*)$"
)
_CODE_LINE = regex(
    rf"[ \t]*+(?:OrderedDict\(\[|[{{\[(])*+[ \t]*+(?:--)?['\"]?(?P<label>[A-Za-z][\w.]{{0,{MAX_LABEL}}})['\"]?"
    r"[ \t]*+[:=,][ \t]*+(?P<value>[^\s#][^#\n]*)"
)
_ANNOUNCES = regex(
    r"(?i)\bhyper-? ?param\w*|\btraining (?:param\w*|arguments?|args|config\w*|settings?)\b|超参数|"
    r"ハイパーパラメータ"
)
_VALUE_COLUMN = regex(r"(?i)^\W*(?:values?|settings?|wert|valeur|valor|值|値)\W*$")
_NO_VALUE = regex(
    r"(?i)^\W*(?:\[?more information.*|n/?a|none|null|unknown|tbd|todo|see .*|values?|settings?|the following|"
    r"default\w*)?\W*$"
)
_NUMERIC_TYPE = regex(r"(?i)\b(?:[bt]?f(?:loat|p)?\d{1,2}|native amp|apex|mixed|full|half|int\d|o[012])\b")
_SAYS_VALUE = regex(
    r"(?i)\d|^\W*(?:true|false|linear|cosine|constant|polynomial|[a-z]*adam\w*|sgd|lamb|lion|adafactor|rmsprop|"
    r"adagrad|bf16|fp16|fp32|bfloat16)\b"
)
_QUIET = frozenset({"citation", "how-to-use", "licence", "evaluation", "uses", "out-of-scope", "limitations", "links"})
_TELLING = frozenset({"training", "training-procedure", "training-data"})

_NUMBER = (
    r"(?:\d{1,12}+(?:[.,]\d{1,12}+){0,4}+"
    r"(?:\s?[×x*⋅·]\s?10\s?\^?\s?\{?[-−–]\d+\}?|e[-−–+]?\d+|\s?[kKmM]\b)?|10\^\{?[-−–]\d+\}?)"
)
_COUNT = rf"(?:{_NUMBER}(?: (?:million|thousand))?|one million|half (?:a )?million|one|two|three|four|five|six|ten)"
_ABOUT = r"(?:about |around |~ ?)?"
_IS = rf"(?:\s*\([a-zA-Z]{{1,6}}\))?(?:\s*[:=]\s*|\s+(?:(?:is |was )?set to|of|is|was|at)\s+|\s+){_ABOUT}"
_OPTIMISER = r"(?:(?:Fused)?Adam[A-Z]?\w*|SGD|Ada[Ff]actor|LAMB|Lamb|Lion|RMS[Pp]rop|Adagrad|Shampoo)"
_SENTENCES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "learning_rate",
        regex(rf"(?i)(?<!minimum )(?<!min )(?<!final )\b(?:learning rate|lr){_IS}(?P<value>{_NUMBER})(?![\w%])"),
    ),
    ("learning_rate", regex(rf"(?i)(?<![\w.,])(?P<value>{_NUMBER}) learning rate\b(?! warm)")),
    ("batch_size", regex(rf"(?i)\bbatch[- ]size{_IS}(?P<value>{_NUMBER}(?: tokens)?)(?![\w.%]*\w)")),
    (
        "epochs",
        regex(rf"(?i)\b(?:for|over|in|with|during|of)\s+{_ABOUT}(?P<value>{_COUNT})[ -](?:full |training )?epochs?\b"),
    ),
    (
        "training_steps",
        regex(
            rf"(?i)\b(?<!up )(?:for|over|during)\s+{_ABOUT}(?P<value>{_COUNT})[ -]"
            r"(?:training |optimi[sz]ation |gradient |total )?steps\b"
        ),
    ),
    ("weight_decay", regex(rf"(?i)\bweight decay{_IS}(?P<value>{_NUMBER})(?![\w%])")),
    ("warmup_steps", regex(rf"(?i)\bwarm-? ?up (?:of|for|over) (?P<value>{_COUNT}) steps\b")),
    ("warmup_steps", regex(rf"(?i)(?<![\w.,])(?P<value>{_NUMBER}) warm-? ?up steps\b")),
    ("dropout", regex(rf"(?i)\bdropout(?: rate| probability)?{_IS}(?P<value>0?\.\d+)\b")),
    ("optimizer", regex(rf"\b(?P<value>{_OPTIMISER})\s[Oo]ptimi[sz]er\b")),
    ("optimizer", regex(rf"[Oo]ptimi[sz]er (?:used )?(?:is|was) (?P<value>{_OPTIMISER})\b")),
)
_SENTENCE_HINTS = Hints(("learning rate", "batch", "epoch", "steps", "decay", "dropout", "optimi", "lr "))
_LABEL_HINTS = Hints(
    (
        *("rate", "lr", "batch", "epoch", "optimi", "adam", "decay", "warm", "schedul", "grad", "smoothing", "dropout"),
        *("precision", "seed", "lora", "loss", "seq", "steps", "学习率", "批次", "优化器", "轮数"),
    )
)
_NOT_THIS = regex(
    r"(?i)\b(?:can|could|should|would|may|might|will|recommend\w*|suggest\w*|try|your?|instead of|in contrast|"
    r"previous(?:ly)?|earlier|originally|compared|unlike|evaluat\w+|inference|latency|throughput|calibrat\w+|comparison|baselines?)\b"
)
_NEXT = regex(r"\b\w+: ")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def read_settings(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[Setting, ...]:
    """List the hyperparameters, each name and value once, in the card's order."""
    found: dict[tuple[str, str], Setting] = {}
    for setting in _settings(layout, passages, own) if own.kind == "model" else ():
        found.setdefault((setting.name, setting.value), setting)
        if len(found) >= MAX_SETTINGS:
            break
    return tuple(sorted(found.values(), key=lambda setting: setting.where.lines or (0, 0)))


def _settings(layout: Layout, passages: Iterable[Passage], own: Own) -> Iterator[Setting]:
    under, announced, header = Under(), False, ""
    for passage in passages:
        kind = passage.sentence.kind
        header = (header or passage.text) if kind == "row" else ""
        if kind == "heading":
            under, announced = enter(passage.text, under, own), _announces(passage.text)
        elif not under.others and passage.topic not in _QUIET:
            labelled = _labelled(passage, header, announced=announced) if kind != "paragraph" or announced else None
            if labelled:
                yield Setting(*labelled, place(layout, passage))
            elif kind != "row":
                yield from _told(layout, passage, own)
    yield from _coded(layout, own)


def _announces(title: str) -> bool:
    return _ANNOUNCES.search(title) is not None


def _labelled(passage: Passage, header: str, *, announced: bool) -> tuple[str, str] | None:
    """Read `name: value` in an item or a line, or the first two cells of a row."""
    text = passage.text[:MAX_LINE]
    if not announced and not (passage.has(_LABEL_HINTS) and has_any(passage.plain[:MAX_LABEL], _LABEL_HINTS)):
        return None
    match = _LABELLED.match(text)
    if match is None:
        return None
    value = _second_cell(text, header) if passage.sentence.kind == "row" else match["value"]
    return _named(match["label"], value, announced=announced)


def _second_cell(row: str, header: str) -> str:
    """The value beside a name; nothing where further columns hold other models' values."""
    cells, titles = ([cell.strip(" *_`") for cell in line.strip(" |").split("|")] for line in (row, header))
    one = len(cells) == 2 or (len(titles) > 1 and _VALUE_COLUMN.match(titles[1]))  # noqa: PLR2004 - name and value
    return cells[1] if len(cells) > 1 and one else ""


def _named(label: str, value: str, *, announced: bool) -> tuple[str, str] | None:
    """Accept a hyperparameter's name, or any under a heading that announces them."""
    words, told = label.strip(" .*_`"), value.strip(" *_`|;,'\"")
    several = told[:1] != "{" and len(_NEXT.findall(told)) > 1
    if len(words) > MAX_LABEL or len(words.split()) > MAX_WORDS or several or _NO_VALUE.match(told):
        return None
    if _KNOWN.match(words):
        fits = bool(_NUMERIC_TYPE.search(told)) if "precision" in words.lower() else bool(_SAYS_VALUE.search(told))
        fits = fits or (announced and "precision" not in words.lower())
    else:
        fits = announced and "://" not in told and len(told) <= MAX_PLAIN and not told.endswith(".")
    name = regex(r"[\W_]+").sub("_", words.lower()).strip("_")
    return (name, told[:MAX_VALUE]) if fits and name else None


def _told(layout: Layout, passage: Passage, own: Own) -> Iterator[Setting]:
    """Read the settings out of a sentence on this model's training."""
    text = passage.text
    if not passage.has(_SENTENCE_HINTS) or _NOT_THIS.search(text):
        return
    found = [(name, match) for name, pattern in _SENTENCES for match in pattern.finditer(text)]
    telling = passage.topic in _TELLING or calls_own(text, own)
    if not found or speaks_of_a_base(text) or not (telling or trained_at(text, own) is not None):
        return
    for name, match in found:
        if speaks_of_own(text, match.start(), own):
            yield Setting(name, match["value"].strip()[:MAX_VALUE], place(layout, passage))


def _coded(layout: Layout, own: Own) -> Iterator[Setting]:
    """Read the code blocks under a heading that announces hyperparameters."""
    under = Under()
    for block, topics in layout.blocks:
        if block.kind == "heading":
            under = enter(block.title, under, own)
        elif block.kind == "code" and _announces(under.title) and not under.others and "how-to-use" not in topics:
            yield from _lines(layout, block)


def _lines(layout: Layout, block: Block) -> Iterator[Setting]:
    at = block.start
    for line in layout.card.text[at : min(block.end, at + MAX_CODE)].splitlines(keepends=True):
        found = _CODE_LINE.match(line) if len(line) <= MAX_LINE else None
        start, at = at, at + len(line)
        if found is None:
            continue
        value = _balanced(found["value"].rstrip(", \t\r"))
        named = _named(found["label"], value, announced=True) if len(value) <= MAX_VALUE else None
        if named:
            yield Setting(*named, layout.card.where(start, at))


def _balanced(value: str) -> str:
    """Leave out the brackets that close what was opened before the value; nothing where one stays open."""
    surplus = sum(map(value.count, _PAIRS.values())) - sum(map(value.count, _PAIRS))
    if surplus < 0:
        return ""
    for _ in range(surplus):
        value = value.rstrip(", \t")[:-1] if value.rstrip(", \t")[-1:] in _PAIRS.values() else value
    return value.rstrip(", \t")

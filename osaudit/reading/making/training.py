"""What a card says of the data that this model was trained on: published, named, vague or withheld.

Silence is no statement. Evaluation sets, other models' data and advice on training further are none either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from osaudit.compiled import regex
from osaudit.evidence import NOT_LOOKED, Confidence, DataRole, DatasetUse, Statement
from osaudit.prefilter import first_needles
from osaudit.reading.making.sources_named import (
    hub_dataset,
    is_data_link,
    may_hold_data,
    names_data,
    names_source,
    speaks_of_no_data,
)
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import Hints, folded, has_any
from osaudit.reading.page.markdown import Link
from osaudit.reading.page.subjects import Own, Passage, calls_own, foreign_in, names_family, normal, place
from osaudit.reading.page.wordlists import NO_DATA_NAMES

MAX_REMEMBERED = 2_048  # sentences: several readers ask the same, and cards share many
MAX_STATEMENTS = 40
MAX_USES = 60
MAX_GAP = 60
MAX_WORD = 8  # characters: "on", "using" and their like, which end the verb
MAX_AHEAD = 90  # characters after the verb in which its object stands
MIN_SENTENCE = 8
MIN_OWN = 3  # letters of a name
MAX_FIELD = 3  # words of a bare name
MAX_LINKS = 40  # of one sentence

_TRAINED = regex(
    r"(?i)\b(?:pre-?|fine-? ?|post-?|re-?|co-?)?(?:train(?:ed|s)?|tuned|training|tuning|pre-?training|finetun(?:ed|"
    r"ing)|distill?ed|aligned)\b"
    r"(?!\s+(?:[\w-]+ ){0,2}(?:models? (?:of|from|for)|encoders?|weights|checkpoints?|networks?|backbones?|"
    r"embeddings|tokeni[sz]ers?|agents?)\b)"
    r"[^.;]{0,140}?\b(?:on|using|with|over|from|upon)\b"
    r"|训练|預訓練|微调|精调|訓練|学習|ファインチューニング|학습|훈련|파인 ?튜닝|"
    r"\bentraîné\w*|\btrainiert|\bentrenad[oa]s?|\btreinad[oa]s?|\bобуч[её]н\w*|\baddestrat[oa]"
)
_MACHINE = regex(
    r"(?i)^\W*(?:an? |the |our |\d[\d,x×]*\s*)*(?:[\w-]+ ){0,3}?(?:[cgt]pus?|[gt]pu\w*|[avh]\d{2,3}\w*|rtx|colab|aws|"
    r"azure|clusters?|supercomputer\w*|cloud|machines?|"
    r"pods?|batch(?:es)?|epochs?|steps?|learning rates?|adamw?|optimi[sz]ers?|deepspeed|pytorch|tensorflow|keras|jax|"
    r"hyper-?parameters?|loss)\b"
)
_DATA_IS = regex(
    r"(?i)\b(?:pre-?|fine-? ?)?(?:training|train|tuning) (?:data|data ?sets?|set|corpus|corpora|examples|images|"
    r"material)\b"
    r"|\b(?:data|data ?sets?|corpus|corpora|images|texts?|sources?)\b[^.;]{0,40}\b(?:used|utili[sz]ed|collected|"
    r"created|prepared|employed|gathered)\b"
    r"[^.;]{0,40}\b(?:train|pre-?train|fine-?tun|finetun|training)|训练(?:数据|语料|集)|données d['’]entraînement|"
    r"trainingsdaten|datos de entrenamiento|"
    r"dados de trein|学習データ|訓練データ|"
    r"データ(?:セット)?[^。]{0,40}(?:用い|使用|使っ|利用)|데이터(?:셋)?[^.]{0,60}사용|"
    r"\b(?:for|during) (?:the )?(?:pre-?|fine-? ?)?(?:training|tuning)\b[^.;]{0,30}"
    r"\b(?:used?|utili[sz]ed?|employ(?:ed)?)\b"
)
_NOUN = regex(
    r"(?i)\b(?:data|data ?sets?|corpus|corpora|texts?|images?|tokens (?:of|from)|pairs|sentences|documents|"
    r"web ?pages|conversations|dialogu?es?|tweets|recordings|"
    r"speech|audio|articles|books|source code|samples|examples|instructions?|prompts?|posts|reviews|videos?|"
    r"transcripts?|hours|crawl\w*|photos|"
    r"pictures|lyrics|songs|novels|stories|comments|scripts|données|daten|datos|dados|textes?|данн\w+|текст\w*)\b|数据|"
    r"语料|样本|データ|コーパス|画像|데이터"
)
_FIELD = regex(
    r"(?i)^[|\s]*(?:(?:pre-?|fine-? ?)?(?:training|train|tuning)[ -](?:data|data ?sets?|corpus|corpora)|"
    r"data ?sets?(?: used)?(?: (?:for|in) (?:pre-?|fine-? ?)?"
    r"(?:training|tuning))?|corpus|corpora|trained (?:on|with)|训练(?:数据|语料|集)|预训练(?:数据|语料)|数据集|"
    r"学習データ|データセット|(?:사용된|사용한|학습|훈련) ?데이터(?:셋)?|trainingsdaten|datos de entrenamiento|"
    r"dados de treinamento|données d['’]entraînement|обучающие данные)(?: \w+)?\s*(?:\||"
    r"[:：])\s*(?P<value>\S.*)$"
)
_FIELD_HINTS = Hints(first_needles("fields of data", _FIELD))
_DATA_FIELD = regex(r"(?i)^[|\s]*data\s*[:：]\s*(?P<value>\S.*)$")
_SOURCES = regex(r"(?i)^[|\s]*sources\s*\|\s*(?P<value>\S.*)$")
_NO_VALUE = regex(
    r"(?i)^\W*(?:\[?more information.*|n/?a|none|unknown|tbd|todo|see .*|-+|private|custom|own|my own.*)?\W*$"
)
_OBJECT = regex(
    r"\W{0,3}(?:the )?(?P<name>[A-Z]\w*-?\d[\w-]*|[A-Z]{3,}[\w-]*|[A-Z]\w+-[A-Z]\w*)(?![\w-]*(?:based|"
    r"like))(?! tasks?\b)"
)
_SELF = regex(r"(?i)(?:(?:it|this model|the model) (?:is|was) )?(?:pre-?|fine-?)?(?:trained|tuned) on\b")
_AS = regex(r"(?i)\b(?:as|for)(?: the| our| a)?\s$")  # "X as training data": the source stands before
_ADDRESS = regex(r"\b(?:gs|s3|ftp)://[\w.-]+/\S")
_BEGINS = regex(r"[\W\d_]{0,12}$")
_ON = regex(r"(?i)(?<!based)(?<!built)(?<!initialized)(?<!finetuned version)\s(?:up)?on$")
_AMOUNT = regex(r"(?i)\d[\d.,]*\s?(?:[kmbt]\b|gb|tb|tokens|hours|million|billion|trillion)|\btokens\b")
_MODAL = regex(
    r"(?i)\b(?:can|could|may|might|should|would|will|must|to|how to|want to|let's|please|if you|need to|easily|"
    r"ready to|for|when|before|after|"
    r"not|n['’]t|never)\s+(?:be |been |further |also |only |then |easily |directly |have )*$"
)
_CUSTOM = regex(
    r"(?i)\b(?:your|you)\b (?:own |custom )?[^.;]{0,20}$|\byour (?:own |custom )?(?:data|corpus|images|task)"
    r"|自己的数据|您的数据"
)
# after another model's name: what is spoken of is one made from it
_PART_OF_OWN = regex(
    r"(?i)-?based\b|\bmodel\b|\bversion\b|\barchitecture\b|\bcheckpoint\b|"
    r"^[\s()]*(?:tiny|small|base|medium|large|xl|xxl|(?:un)?cased)[\s()]*$"
)
_COMPARED = regex(
    r"(?i)\b(?:compared|outperform\w*|baselines?|competitors?|unlike|better than|teacher|tokeni[sz]er|vocabulary|"
    r"sentencepiece|reward model)\b"
)
_WHICH = regex(
    r"(?i)\b(?:which|that|who|whose|model|itself|originally|previously)\s+(?:\w+ )?(?:is|are|was|were|has been|"
    r"have been|had been)\s+(?:\w+ )?$"
)
_UNKNOWN_DATA = regex(
    r"(?i)\bon (?:an? |the )?(?:unknown|none) data ?set\b|more information (?:is )?needed|\b(?:to be|"
    r"will be) (?:added|released|updated)\b"
)
_EVALUATION = regex(
    r"(?i)\b(?:evaluat\w*|benchmark\w*|tested|test ?sets?|dev ?sets?|validation sets?|scores?|accuracy|results?)\b|"
    r"评测|评估|测试集"
)
_TESTED = regex(r"(?i)\b(?:evaluated|tested|validated|benchmarked)\b(?: \w+){0,4} on\b[^.;]{0,60}$")
_EVALUATED = regex(r"(?i)\bevaluat(?:ion|ions|ing) (?:of|on|for)\b[^.;]{0,40}$")
_FINE = regex(
    r"(?i)fine-? ?tun|finetun|instruct|\bsft\b|\bdpo\b|\brlhf\b|\balign|preference|post-?train|\blora\b|dreambooth|"
    r"adapter|微调|精调|对齐|ファインチューニング"
)
_PRE = regex(r"(?i)pre-? ?train|from scratch|预训练|事前学習|pré-?entraîn|vortrainiert|preentren|pré-?trein|предобуч")
_VERB = regex(r"(?i)train|tuned|tuning|distil|训练|微调|精调|訓練|学習|entraîn|trainiert|entren|trein|обуч")
_WITHHELD = regex(
    r"(?i)\b(?:do not|don['’]t|will not|won['’]t|cannot|can['’]t|unable to|are not|not able to|"
    r"not allowed to)\b[^.;]{0,40}\b(?:releas|publish|shar|disclos|"
    r"open-?sourc|provid|distribut)\w*\b[^.;]{0,60}\b(?:training )?(?:data|data ?sets?|corpus|corpora)\b"
    r"|\b(?:training |pre-?training |fine-?tuning |the |our |this )(?:data|data ?sets?|corpus|corpora|"
    r"mixture)\b[^.;]{0,60}\b(?:(?:is|are|was|were|be|been) )?(?:currently )?"
    r"(?:not|cannot|never|no longer) (?:yet )?(?:be )?(?:publicly |openly |freely )?(?:releas|availab|public|disclos|"
    r"shar|open|distribut)\w*"
    r"|\b(?:proprietary|confidential|undisclosed|private|in-?house|internal|non-public|"
    r"closed)\b(?:,? (?:and )?\w+){0,3} (?:training )?(?:data|data ?sets?|corpus|corpora)\b"
    r"|(?:训练|微调|预训练)?(?:数据|语料)[^。；]{0,10}(?:不|未|暂不|尚未)(?:会|能|对外|予)?(?:公开|开源|发布)|内部数据|私有数据"
    r"|données[^.]{0,30}(?:ne sont pas|non) (?:publiques|publiées|divulguées)|données propriétaires"
)  # fmt: skip
_OPEN_HINTS = Hints(("unknown", "none", "more information", "be added", "be released", "be updated"))
TRAIN_HINTS = Hints(
    (
        *("train", "tun", "distil", "aligned", "entraîn", "entren", "trein", "обуч", "addestrat"),
        *("训练", "訓練", "微调", "精调", "学習", "ファインチューニング", "データ", "학습", "훈련", "튜닝", "데이터"),
    )
)
_DATA_HINTS = Hints(("data", "corpus", "corpora", "mixture", "donn", "数据", "语料"))
_CLOSED_HINTS = Hints(
    (
        *(
            "not",
            "n't",
            "n’t",
            "never",
            "no longer",
            "unable",
            "proprietary",
            "confidential",
            "closed",
            "private",
            "house",
        ),
        *("internal", "non-public", "不", "未", "内部", "私有", "pas", "non", "propri"),
    )
)
_ON_TRAINING = frozenset({"training", "training-procedure", "training-data"})
_QUIET = frozenset({"citation", "how-to-use", "out-of-scope", "licence", "links"})


def read_training(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[Statement, ...]:
    """List the statements on this model's training data."""
    found: list[Statement] = []
    for passage in passages if own.kind == "model" else ():
        if len(found) >= MAX_STATEMENTS:
            break
        found += _statements(layout, passage, own)
    return tuple(found)


def _statements(layout: Layout, passage: Passage, own: Own) -> Iterator[Statement]:
    title = passage.sentence.kind == "heading"
    quiet = passage.topic in _QUIET and not (passage.topic == "how-to-use" and _SELF.match(passage.text))
    if quiet or len(passage.text) < MIN_SENTENCE or (title and not _is_title(layout, passage)):
        return
    value, confidence = _value(passage, own)
    if title and value == "vague":
        return
    if value:
        yield Statement("training-data", value, "data", confidence, place(layout, passage))
    if not passage.has(_DATA_HINTS) or not passage.has(_CLOSED_HINTS):
        return
    if _WITHHELD.search(passage.text) and (value or passage.topic == "training-data" or _VERB.search(passage.text)):
        yield Statement("data-withheld", "training data", "data", "high" if value else "low", place(layout, passage))


def _is_title(layout: Layout, passage: Passage) -> bool:
    """Tell whether a heading is the card's first: "A model fine-tuned on X" names a source as a sentence does."""
    first = next((block for block, _ in layout.blocks if block.kind == "heading"), None)
    return first is not None and first.start == passage.sentence.start


def _value(passage: Passage, own: Own) -> tuple[str, Confidence]:
    """Judge a sentence: "published", "linked", "named", "vague", or nothing where it is not about the training data."""
    text = passage.text
    if passage.has(_OPEN_HINTS) and _UNKNOWN_DATA.search(text):
        return "", "low"
    field = (_FIELD.match(text) if passage.has(_FIELD_HINTS) else None) or (
        _SOURCES.match(text) if passage.sentence.kind == "row" else None
    )
    if field is None and passage.topic in _ON_TRAINING:
        field = _DATA_FIELD.match(text)
    if field and passage.topic != "evaluation":
        return _of_field(passage, field.group("value"), field.start("value"))
    start = trained_at(text, own) if passage.has(TRAIN_HINTS) else None
    listed = passage.topic == "training-data" and not _is_evaluation(text)
    return _told(passage, start, own) if start is not None or listed else ("", "low")


def _told(passage: Passage, start: int | None, own: Own) -> tuple[str, Confidence]:
    """Judge what a sentence tells after "trained on", or a line of a section on data."""
    text = passage.text
    told = text[start or 0 :]
    links = [link for link in passage.sentence.links[:MAX_LINKS] if link.at + len(link.text) >= (start or 0)]
    links = [link for link in links if not _is_tested_on(text[: link.at])]
    leads = [link for link in links if is_data_link(link, text)]
    if leads:
        return _reached(leads), "high"
    objects = start is not None and ends_on(text[:start])
    named_by_link = [
        link for link in links if objects and _is_object(text, start or 0, link) and not speaks_of_no_data(link)
    ]
    if start is None and _BEGINS.match(text[: links[0].at] if links else "-"):
        named_by_link = links[:1]
    if any(may_hold_data(link) for link in named_by_link) or _ADDRESS.search(told):
        return "linked", "high"
    named = objects and (_names_object(told) or bool(named_by_link))
    if named or names_data(_without_own(text[max(0, (start or 0) - MAX_WORD) :], own)):
        return "named", "high"
    vague = start is not None and passage.topic != "limitations" and passage.sentence.kind != "row"
    return ("vague", "high") if vague and _NOUN.search(told[:MAX_AHEAD]) else ("", "low")


def _reached(leads: Sequence[Link]) -> str:
    """Tell data sets of the Hub, which are looked into, from what stands elsewhere."""
    return "published" if all(hub_dataset(link.url) for link in leads) else "linked"


def _names_object(told: str) -> bool:
    """Tell whether the words right after "trained on" are a name by their form."""
    found = _OBJECT.match(told)
    return found is not None and found.group("name").lower() not in NO_DATA_NAMES and not names_family(found.group())


def _without_own(text: str, own: Own) -> str:
    """Leave out this model's own name: "the Sparrow data" names no source."""
    if own.name[:MIN_OWN] not in normal(text):
        return text
    return regex(r"[\w.-]+").sub(lambda found: "" if _is_own_word(found.group(), own) else found.group(), text)


def _is_own_word(word: str, own: Own) -> bool:
    plain = normal(word)
    return len(plain) >= MIN_OWN and own.name.startswith(plain)


def _of_field(passage: Passage, value: str, start: int) -> tuple[str, Confidence]:
    """Read "Dataset: ..." and its like."""
    cells = [cell for cell in regex(r"\s*\|\s*").split(value) if cell.strip()]
    if len(cells) != 1 or _NO_VALUE.match(value) or _EVALUATION.search(value[:40]):
        return "", "low"
    links = [link for link in passage.sentence.links[:MAX_LINKS] if link.at >= start - 1]
    leads = [link for link in links if is_data_link(link, passage.text)]
    if leads or any(may_hold_data(link) for link in links):
        return _reached(leads or links), "high"
    words = [word.strip("*`'\"()[].,;").lower() for word in cells[0].split()]
    bare = len(words) <= MAX_FIELD and not _NOUN.search(value) and not _AMOUNT.search(value)
    if names_source(value) or links or (bare and any(word and word not in NO_DATA_NAMES for word in words)):
        return "named", "high" if names_source(value) or links else "low"
    return "vague", "low"


def _is_object(text: str, start: int, link: Link) -> bool:
    """Tell whether a link names what follows "trained on", and not a tool or a model."""
    between = text[start : link.at]
    plain = len(between) < MAX_GAP and not regex(r"(?i)\b(?:using|with|by|via|from|of|in|for)\b").search(between)
    return plain and bool(regex(r"\s*[A-Z0-9]").match(link.text))


def _is_evaluation(text: str) -> bool:
    return bool(_EVALUATION.search(text)) and not _VERB.search(text)


@lru_cache(maxsize=MAX_REMEMBERED)
def trained_at(text: str, own: Own) -> int | None:
    """Find where a sentence tells what this model was trained on, after the verb; None where it does not."""
    if not has_any(folded(text), TRAIN_HINTS):
        return None
    return next((told for start, told in _told_in(text) if speaks_of_own(text, start, own)), None)


@lru_cache(maxsize=MAX_REMEMBERED)
def _told_in(text: str) -> tuple[tuple[int, int], ...]:
    """Find where words tell that something was trained on data, and where they tell on what."""
    trained = (
        (found.start(), found.end() if found.group().isascii() else 0)
        for found in _TRAINED.finditer(text)
        if not _MACHINE.match(text[found.end() : found.end() + 80])
    )
    data = (
        (found.start(), 0 if _AS.search(text[: found.start()]) else found.start())
        for found in _DATA_IS.finditer(text)
        if " not " not in found.group()
    )
    return (*trained, *data)


def ends_on(before: str) -> bool:
    """Tell whether words end in the "on" of "trained on", and not in that of "based on"."""
    return _ON.search(before) is not None


def speaks_of_own(text: str, start: int, own: Own) -> bool:
    """Rule out advice, negation, comparison, and what another model was trained on."""
    before = text[:start]
    if _MODAL.search(before) or _CUSTOM.search(text[max(0, start - 40) : start + 80]) or _COMPARED.search(before[-80:]):
        return False
    foreign = foreign_in(before, own)
    if foreign is None:
        return _EVALUATED.search(before) is None
    between = before[foreign.end :]
    if _WHICH.search(between) or not (between.strip() or calls_own(before[: foreign.start], own)):
        return False
    return calls_own(before, own) or _PART_OF_OWN.search(between) is not None


def _is_tested_on(before: str) -> bool:
    """Tell whether the words before a link say that it was tested on, also after "trained on": the last verb counts."""
    found = _TESTED.search(before)
    return found is not None and _VERB.search(found.group()) is None


def role_of(passage: Passage, own: Own, at: int = 0) -> DataRole:
    """Tell what a data set that a passage links, `at` a place in its words, is used for."""
    text = passage.text
    if _is_tested_on(text[:at]):
        return "evaluation"
    trained = trained_at(text, own) is not None
    if not trained and (passage.topic == "evaluation" or _is_evaluation(text)):
        return "evaluation"
    return stage_in(text)


def stage_in(text: str) -> DataRole:
    """Tell the stage of training that the words speak of."""
    if _FINE.search(text):
        return "fine-tuning"
    return "pre-training" if _PRE.search(text) else "unknown"


def read_uses(layout: Layout, passages: Iterable[Passage], own: Own) -> tuple[DatasetUse, ...]:
    """List the Hub data sets that the card links, with their role."""
    uses: dict[str, DatasetUse] = {}
    for passage in passages:
        if len(uses) >= MAX_USES:
            break
        for link in passage.sentence.links[:MAX_LINKS]:
            name = hub_dataset(link.url)
            if name and passage.topic not in {"citation", "how-to-use"}:
                telling = passage.topic in {"training-data", "evaluation"} or trained_at(passage.text, own) is not None
                sure: Confidence = "high" if telling else "low"
                use = DatasetUse(name, role_of(passage, own, link.at), sure, place(layout, passage), NOT_LOOKED)
                known = uses.get(name.lower())
                if known is None or (known.role == "unknown" and use.role in {"pre-training", "fine-tuning"}):
                    uses[name.lower()] = use
    return tuple(uses.values())

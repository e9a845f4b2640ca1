"""Links to code and papers, and what the words around them say that they are for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from osaudit.codehost import code_address
from osaudit.compiled import regex
from osaudit.evidence import Component, Confidence, Statement, StatementKind
from osaudit.licences.families import original_code
from osaudit.reading.making.sources_named import is_data_link, may_hold_data
from osaudit.reading.making.training import ends_on, trained_at
from osaudit.reading.page.card import Layout
from osaudit.reading.page.hints import folded, has_any
from osaudit.reading.page.markdown import Link, flatten
from osaudit.reading.page.subjects import Own, Passage, normal, place
from osaudit.reading.page.wordlists import FRAMEWORKS

MAX_LINKS = 80
MAX_URL = 500
MAX_LOOKED = 1_500
OWNER_AND_NAME = 2
MIN_LIKE = 3  # letters of a name that tell something
RECIPE_DEPTH = 5  # owner, name, tree, branch, and a path

_CODE_HOSTS = {
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "gitee.com",
    "codeberg.org",
    "colab.research.google.com",
    "gist.github.com",
    "kaggle.com",
    "huggingface.co",
}
_WITHIN = {"kaggle.com": ("code", "kernels"), "huggingface.co": ("spaces",)}  # where code stands on other hosts
_NO_CODE = regex(
    r"(?i)/(?:issues?|pulls?|discussions|releases|stargazers|wiki|assets|user-attachments|sponsors|actions|commits?|"
    r"graphs|network)(?:/|$)|"
    r"\.(?:png|jpe?g|gif|svg|webp|mp4|pdf|bib|txt|csv|json|jsonl|zip|gz|ico|wav|mp3|pt|pth|bin|ckpt)(?:[?#]|$)|"
    r"/licen[cs]es?\b|/(?:model_)?licen[cs]e|"
    r"acceptable_use|use_policy|/raw/|githubusercontent"
)
_PROFILE = regex(r"(?i)^/(?:features|topics|settings|marketplace|about|pricing|orgs)(?:/|$)")
_WORDS: dict[StatementKind, re.Pattern[str]] = {
    "evaluation-code": regex(
        r"(?i)\b(?:evaluat\w*|benchmark\w*|scor(?:e|ing)|reproduce (?:the |our )?(?:results|scores|numbers))\b|"
        r"评测|评估|"
        r"评价|évaluation"
    ),
    "fine-tuning-code": regex(
        r"(?i)\b(?:fine-? ?tun\w*|finetun\w*|instruction[- ]tun\w*|sft|dpo|rlhf|lora|dreambooth|adapters?)\b|微调|精调|"
        r"ファインチューニング|affinage"
    ),
    "training-code": regex(
        r"(?i)\b(?:pre-? ?train\w*|train(?:ed|ing|er)?|"
        r"recipes?(?! (?:for |on |to |how )*(?:how to )?us(?:e|ing)\b)|reproduc\w+|replicat\w+|hyper-?parameters?)\b|"
        r"训练|訓練|"
        r"学習|entraînement|entraîner|\btrainings|entrenamiento|treinamento|обучени|훈련|학습"
    ),
    "inference-code": regex(
        r"(?i)\b(?:inference|inferenc\w+|demos?|usage|use|using|run(?:ning)?|deploy\w*|serv(?:e|ing)|apps?|web ?ui|"
        r"install\w*|quick ?start|load\w*|"
        r"examples?|convert\w*|conversion|quanti[sz]\w*|tutorials?|chat|playground|generate|sample|try)\b|推理|部署|使用|"
        r"示例|安装|量化|使い方"
    ),
}
_RECIPE = regex(
    r"(?i)\b(?:codes?(?!(?-i: [A-Z][a-z]))|scripts?|recipes?|repo(?:sitory)?|notebooks?|pipelines?|config\w*|"
    r"implementation|codebase|github|"
    r"readme|(?<!language )instructions)\b|代码|脚本|仓库|コード|dépôt|코드|код\b"
)
_BOTH = regex(
    r"(?i)\b(?:pre-?)?train(?:ing)?\s*(?:,|/|and|&)\s*(?:[\w-]+\s*(?:,|/|and|&)\s*)*(?:fine|inference|evaluation)|"
    r"训练、|预训练(?:和|与|及)"
)
_BEGUN = regex(r"(?i)\bpre-? ?train|from scratch|\btraining\s*(?:,|/|and|&|\()|训练、|预训练|事前学習|pré-?entraîn")
_TRAINED_WITH = regex(
    r"(?i)\b(?:pre-? ?|fine-? ?)?(?:train(?:ed)?|tuned|finetuned)\b[^.;]{0,70}"
    r"\b(?:using|with|via|by|through|based on)\b"
    r"\s(?:[\w'’.-]+ ){0,4}$"
)
_TOOL = regex(r"(?i)\b(?:using|with|via|by|through|code|scripts?|library|framework|recipe|notebook)\b")
# what follows a link speaks of the code if it says what it is for or holds, not if it says what the model is
_CARRIES = regex(r"(?i)^\W{0,4}(?:for|to|contains?|includes?|provides?|has|holds|was used|were used|is used|で|用于)\b")
_HOLDS = regex(
    r"(?i)^\W*(?:(?:there|here|in it),? )?(?:you(?:['’]ll| will| can) (?:also )?find|it (?:also )?(?:contains|"
    r"includes|holds|"
    r"provides)|(?:this|the|that) (?:repo(?:sitory)?|project|codebase) (?:also )?(?:contains|includes|holds|"
    r"provides))\b"
    r"(?P<what>[^.]{0,140})"
)
_CLAUSE = regex(r"[,;.。，；]| and ")
_LOOSE = regex(
    r"(?i)\b(?:can(?! be (?:found|accessed|seen))|could|may|want|please(?! (?:find|see|refer|check|visit|look))|you|"
    r"your|how to|if|when)\b"
)
_PAPER = regex(
    r"(?i)^https?://(?:www\.)?(?:arxiv\.org/(?:abs|pdf|html)/|aclanthology\.org/|(?:www\.)?aclweb\.org/anthology|"
    r"openreview\.net/|(?:dx\.)?doi\.org/|"
    r"proceedings\.|papers\.n(?:eur)?ips\.cc|ieeexplore\.ieee|dl\.acm\.org|link\.springer\.com|"
    r"www\.nature\.com/articles|huggingface\.co/papers/|hf\.co/papers/|"
    r"biorxiv\.org|medrxiv\.org|cdn\.openai\.com/papers|storage\.googleapis\.com/deepmind-media/[^\s]*report|"
    r"semanticscholar\.org/paper)"
)
_REPORT = regex(
    r"(?i)\b(?:technical|tech|system|model|training)? ?(?:reports?|paper|datasheet|data ?card|data statement|"
    r"whitepaper)\b|技术报告|论文|論文"
)
_SUMMARY = regex(
    r"(?i)\b(?:training[- ](?:data|content) summary|public summary|summary of (?:the )?training (?:data|content)|"
    r"datasheet|data ?card|data statement)\b"
)
_ARXIV = regex(r"(?i)\b(?:arxiv[:\s]*(?:preprint )?(?:arxiv:)?|eprint ?= ?[{\"]?)(\d{4}\.\d{4,5})\b")
_CITES = ("arxiv", "eprint")
_CLONE = regex(r"(?m)^[ \t$!>%]*git clone (?:--?\S+ (?:\S+ )?)?(https?://\S{1,300})")
_TESTED_ON = regex(
    r"(?i)\b(?:evaluat\w+|tested|validated|results?|performance|scores?|benchmarks?)\b[^.;]{0,60}\b(?:on|using)\b"
    r"[^.;]{0,30}$"
)
_DATA_ROW = regex(r"(?i)[\W_]*(?:training )?(?:sources|data(?: ?sets?)?|corpus|corpora)\s*[|:：]")
_TRAINS: frozenset[StatementKind] = frozenset({"training-code", "fine-tuning-code"})
_PROJECTS = frozenset({"huggingface/olm-training", "huggingface/open-r1", "huggingface/distil-whisper"})
_DATA = regex(
    r"(?i)\b(?:data ?sets?|training data|corpus|corpora|data (?:collection|sources?|curation|processing|mixture))\b|"
    r"数据|语料"
)
_REMOTE = regex(r"trust_remote_code\s*=\s*True")


def read_links(
    layout: Layout, passages: Iterable[Passage], own: Own, *, derived: bool = False
) -> tuple[Statement, ...]:
    """List the links to code and papers, each once, with what they are said to be for.

    What trained a model that was made from another one (`derived`) is fine-tuning code.
    """
    found: dict[tuple[str, str], Statement] = {}
    spoken = tuple(passages)
    told = (*_all(layout, spoken, own, derived=derived), *_described(layout, spoken, own, derived=derived))
    for statement in (*told, *_cited(layout, derived=derived)):
        key = ("paper" if statement.kind == "paper" else "code", statement.value.rstrip("/").lower())
        known = found.get(key)
        if known is None or _rank(statement) > _rank(known):
            found[key] = statement
    return tuple(found.values())[:MAX_LINKS]


def read_further(
    layout: Layout, passages: Iterable[Passage], own: Own, hosts: Sequence[str], *, derived: bool = False
) -> tuple[Statement, ...]:
    """List the links to code on hosts that the user names beside the known ones, with what they are said to be for."""
    links = ((passage, link) for passage in passages for link in passage.sentence.links)
    told = (
        _code(layout, passage, link, own, derived=derived)
        for _, (passage, link) in zip(range(MAX_LOOKED), links if hosts else (), strict=False)
        if code_address(link.url, hosts) is not None
    )
    return tuple(told)[:MAX_LINKS]


def _described(layout: Layout, spoken: Sequence[Passage], own: Own, *, derived: bool) -> Iterator[Statement]:
    """Read the sentence after a link to a project that says what is found there: "It contains the training code"."""
    for before, passage in pairwise(spoken):
        holds = _HOLDS.match(passage.text) if before.sentence.links and passage.lead == before.lead else None
        what = holds.group("what") if holds else ""
        if not _RECIPE.search(what) or not _WORDS["training-code"].search(what):
            continue
        link = before.sentence.links[-1]
        repository = repository_of(link.url) if link.url.startswith("http") else None
        if repository and not _is_general(repository, own, derived=derived) and not _is_data(before, link, own):
            kind: StatementKind = "fine-tuning-code" if derived else "training-code"
            yield Statement(kind, link.url[:MAX_URL], "code", "high", place(layout, passage))


def _rank(statement: Statement) -> int:
    """A telling mention of a link before a bare one."""
    order = ["code", "inference-code", "evaluation-code", "training-tool", "fine-tuning-code", "training-code"]
    rank = order.index(statement.kind) if statement.kind in order else 0
    return rank + len(order) * ((statement.confidence == "high") + (statement.subject == "data"))


def _all(layout: Layout, passages: Iterable[Passage], own: Own, *, derived: bool) -> Iterator[Statement]:
    links = ((passage, link) for passage in passages for link in passage.sentence.links)
    for _, (passage, link) in zip(range(MAX_LOOKED), links, strict=False):
        if len(link.url) <= MAX_URL and link.url.startswith("http"):
            if _is_paper(link, passage):
                yield _paper(layout, passage, link)
            elif repository_of(link.url) and not _is_data(passage, link, own):
                statement = _code(layout, passage, link, own, derived=derived)
                tuned = derived and statement.kind == "training-code" and not _BEGUN.search(passage.text)
                yield replace(statement, kind="fine-tuning-code") if tuned else statement


@lru_cache(maxsize=1_024)  # one link is asked several times, and cards share many
def repository_of(url: str) -> str | None:
    """Name the code repository or notebook that a link leads into: `owner/name`, in lower case."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.")
    if host not in _CODE_HOSTS or _NO_CODE.search(url) or _PROFILE.match(parts.path):
        return None
    steps = [step for step in parts.path.split("/") if step]
    if host in _WITHIN:
        if steps[:1] not in [[first] for first in _WITHIN[host]]:
            return None
        steps = steps[1:]
    if host == "colab.research.google.com" and steps[:1] == ["github"]:
        steps = steps[1:]
    if host == "huggingface.co" and "train" not in steps[-1].lower():
        return None  # of the Hub's apps only those that train are code of a model
    if len(steps) < OWNER_AND_NAME:
        return None
    return f"{steps[0]}/{steps[1]}".lower().removesuffix(".git")


def _is_data(passage: Passage, link: Link, own: Own) -> bool:
    """Tell whether a link to a code host leads to data."""
    start = trained_at(passage.text, own)
    if start is not None and start <= link.at and ends_on(passage.text[:start]):
        return not _TOOL.search(passage.text[start : link.at])
    if _TESTED_ON.search(passage.text[: link.at]) or _is_score(passage, link):
        return may_hold_data(link)
    listed = passage.sentence.kind in {"row", "item"} and (
        passage.topic == "training-data" or _DATA_ROW.match(passage.text) is not None
    )
    if not is_data_link(link, passage.text) and not (listed and may_hold_data(link)):
        return False
    end = link.at + len(link.text)
    named = "" if link.text.startswith("http") else link.text  # an address holds the word "github"
    words = passage.text[max(0, link.at - 30) : link.at] + named + passage.text[end : end + 30]
    return not _RECIPE.search(words) or passage.topic == "training-data" or start is not None


def _is_score(passage: Passage, link: Link) -> bool:
    """Tell whether a row of results begins with the link: the set that was tested on."""
    first = (
        passage.topic == "evaluation" and passage.sentence.kind == "row" and not passage.text[: link.at].strip(" |*")
    )
    return first and regex(r"\d\.\d").search(passage.text[link.at :]) is not None


def _code(layout: Layout, passage: Passage, link: Link, own: Own, *, derived: bool) -> Statement:
    """Say what a link to code is for, from the words near it, else from the heading above it."""
    repository = repository_of(link.url) or ""
    where = place(layout, passage)
    kind, confidence = _purpose(passage, link)
    trains = kind in _TRAINS
    if _is_general(repository, own, derived=derived):
        steps = [step for step in urlsplit(link.url).path.split("/") if step]
        is_file = len(steps) >= RECIPE_DEPTH or repository in original_code()
        kind, confidence = (kind, confidence) if trains and is_file and confidence == "high" else ("framework", "high")
    elif trains and confidence == "low" and _has_trained(passage, link, own):
        kind, confidence = (kind if _leads_inside(link) or _is_owners(repository, own) else "training-tool"), "high"
    return Statement(kind, link.url[:MAX_URL], "code", confidence, where)


def _is_general(repository: str, own: Own, *, derived: bool) -> bool:
    """Tell a library, or the code of a whole kind of models, from the project that this model came out of."""
    if repository.startswith("huggingface/") and not own.owner.startswith(("huggingface", "bigscience", "bigcode")):
        return repository not in _PROJECTS
    if repository not in FRAMEWORKS and repository not in original_code():
        return False
    names_it = repository in original_code() and own.name.startswith(normal(repository.rpartition("/")[2]))
    return not _is_own(repository, own) and (derived or not names_it)


def _leads_inside(link: Link) -> bool:
    """Tell whether a link leads to a file or a folder of a project, or to a notebook, and not to the project alone."""
    return len([step for step in urlsplit(link.url).path.split("/") if step]) > OWNER_AND_NAME


def _is_owners(repository: str, own: Own) -> bool:
    """Tell whether a repository is the publisher's own, or named like the model."""
    owner, name = (normal(part) for part in repository.split("/"))
    publisher = normal(own.owner)
    return owner.startswith(publisher) or publisher.startswith(owner) or (len(name) > MIN_LIKE and name in own.name)


def _has_trained(passage: Passage, link: Link, own: Own) -> bool:
    """Tell whether the words before a link say that this model was trained with what it leads to."""
    told = _TRAINED_WITH.search(passage.text[max(0, link.at - 140) : link.at])
    advises = _LOOSE.search(passage.text[max(0, link.at - 140) : link.at])
    return told is not None and advises is None and trained_at(passage.text, own) is not None


def _is_own(repository: str, own: Own) -> bool:
    """Tell whether a well-known repository is this publisher's, and named like this model."""
    owner, _, name = repository.partition("/")
    return owner.split("-")[0] == own.owner.split("-")[0] and normal(name) in own.name


def _purpose(passage: Passage, link: Link) -> tuple[StatementKind, Confidence]:
    text = passage.text
    for other in passage.sentence.links:
        if other is not link or other.text.startswith("http"):
            text = text[: other.at] + " " * len(other.text) + text[other.at + len(other.text) :]
    end = link.at + len(link.text)
    after = _CLAUSE.split(text[end : end + 60])[0]
    near = text[max(0, link.at - 110) : end] + (after if _CARRIES.search(after) or _RECIPE.search(after) else "")
    path = regex(r"[/_.-]+").sub(" ", urlsplit(link.url).path.partition("/blob/")[2] or _below_tree(link.url))
    for words in (near, path):
        kind = next((kind for kind, pattern in _WORDS.items() if pattern.search(words)), None)
        if kind == "fine-tuning-code" and _BOTH.search(words):
            kind = "training-code"
        if kind is not None:
            return kind, _sure(kind, near)
    by_topic: dict[str, StatementKind] = {
        "training-procedure": "training-code",
        "evaluation": "evaluation-code",
        "how-to-use": "inference-code",
    }
    return by_topic.get(passage.topic, "code"), "low"


def _below_tree(url: str) -> str:
    return urlsplit(url).path.partition("/tree/")[2]


def _sure(kind: StatementKind, near: str) -> Confidence:
    """Be sure only where the words name code, and not advice on training further."""
    if kind not in {"training-code", "fine-tuning-code"}:
        return "high" if _RECIPE.search(near) else "low"
    advises = _LOOSE.search(near) is not None and regex(r"(?i)\b(?:we|our|was|were)\b|我们").search(near) is None
    return "high" if _RECIPE.search(near) and not advises else "low"


def _is_paper(link: Link, passage: Passage) -> bool:
    if _PAPER.match(link.url):
        return True
    documents = urlsplit(link.url).path.lower().endswith(".pdf") or bool(_SUMMARY.search(link.text))
    return documents and bool(
        _REPORT.search(f"{link.text} {passage.text[max(0, link.at - 60) : link.at]}") or _SUMMARY.search(link.text)
    )


def _paper(layout: Layout, passage: Passage, link: Link) -> Statement:
    """Say what a paper is cited for: data where its sentence or its section is about data."""
    near = passage.text[max(0, link.at - 120) : link.at + len(link.text) + 60]
    about_data = (
        passage.topic == "training-data" or _DATA.search(near) is not None or _SUMMARY.search(link.text) is not None
    )
    quiet = passage.topic in {"citation", "evaluation"}
    subject: Component = "data" if about_data and not quiet else "any"
    return Statement("paper", link.url[:MAX_URL], subject, "low" if quiet else "high", place(layout, passage))


def _cited(layout: Layout, *, derived: bool) -> Iterator[Statement]:
    """Read what only code blocks hold: cited preprints, cloned repositories, and `trust_remote_code`."""
    text = layout.card.text
    remote = _REMOTE.search(text, layout.body)
    if remote:
        yield Statement("remote-code", "trust_remote_code", "code", "high", layout.card.where(*remote.span()))
    for block, topics in layout.blocks:
        if block.kind != "code":
            continue
        body = text[block.start : min(block.end, block.start + 20_000)]
        for found in list(_ARXIV.finditer(body))[:10] if has_any(folded(body), _CITES) else ():
            where = layout.card.where(block.start + found.start(), block.start + found.end())
            yield Statement("paper", f"https://arxiv.org/abs/{found.group(1)}", "any", "low", where)
        for found in list(_CLONE.finditer(body))[:10] if "git clone" in body else ():
            url = flatten(found.group(1))[0].rstrip("\\")
            repository = repository_of(url)
            if repository:
                topic = topics[0] if topics else "other"
                trains: StatementKind = "fine-tuning-code" if derived else "training-code"
                kind: StatementKind = trains if topic in {"training", "training-procedure"} else "inference-code"
                kind = "framework" if repository in FRAMEWORKS else kind
                yield Statement(
                    kind, url, "code", "low", layout.card.where(block.start + found.start(), block.start + found.end())
                )

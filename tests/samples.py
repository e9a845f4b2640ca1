"""Invented scorecards for the report tests: no model, publisher or licence of this file exists."""

from __future__ import annotations

from dataclasses import replace

from made_runs import FULL, hostile_run, made

from osaudit.evidence import Unseen, Where
from osaudit.verdict import (
    FACETS,
    Answer,
    Attested,
    AttestedBy,
    DatasetLine,
    Duty,
    Facet,
    Finding,
    GoverningLicence,
    Label,
    Lineage,
    LineageEdge,
    LineageNode,
    Outcome,
    PackId,
    PackResult,
    Part,
    Score,
    Scorecard,
    UseAnswer,
    Verdict,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BASE_COMMIT = "fedcba9876543210fedcba9876543210fedcba98"
SHA = "5" * 64
HUB = "https://hub.example"

TITLES = (
    ("OSD-1", "Free redistribution"),
    ("OSD-2", "Source code"),
    ("OSD-3", "Derived works"),
    ("OSD-4", "Integrity of the author's source code"),
    ("OSD-5", "No discrimination against persons or groups"),
    ("OSD-6", "No discrimination against fields of endeavour"),
    ("OSD-7", "Distribution of licence"),
    ("OSD-8", "Licence not specific to a product"),
    ("OSD-9", "Licence must not restrict other software"),
    ("OSD-10", "Licence must be technology-neutral"),
)
PACK = PackId(
    "osd", "Open Source Definition", "1.0", "Open Source Definition 1.9, ten criteria asked of a model", TITLES
)

# One line a criterion, one letter a facet: p(ass), h(alf), f(ail), r(eview), n(ot applicable), 0 (nothing published).
OUTCOMES: dict[str, tuple[Outcome, bool]] = {
    "p": ("pass", True),
    "h": ("partial", True),
    "f": ("fail", True),
    "r": ("review", True),
    "n": ("not_applicable", False),
    "0": ("not_applicable", True),
}
OPEN_WEIGHTS = ("p00p", "pffp", "p00p", "pn0p", "p00p", "h00p", "p00p", "pnnp", "prrp", "h00p")
RESTRICTED = ("frrf", "phfp", "hrrr", "hn0h", "rhpf", "frrf", "fprf", "pn0r", "rppr", "ppph")
OPEN_ALL = ("pppp", "pppp", "pppp", "pnpp", "pppp", "pppp", "pppp", "ppnp", "pprp", "pppp")

SENTENCES: dict[Outcome, str] = {
    "pass": "The text of Acme Public Licence 2 in LICENSE grants this in section 2, without a condition on who asks.",
    "partial": "A gate opens by itself to everybody who fills in a form, and the form asks for a name and an address.",
    "fail": "Section 4(b) of the licence's text closes commercial use to whoever has more than 1,000 users.",
    "review": "The card cites a report on this that was not read, so that a person has to look.",
    "not_applicable": "No training code is named or published, so that there is nothing of which this could be asked.",
}


def place(
    path: str = "LICENSE", *, lines: tuple[int, int] | None = (12, 14), quote: str | None = None, **more: str
) -> Where:
    """Return a place in the sample's repository."""
    repo = more.get("repo", "acme/tiny-lm")
    url = more.get("url", f"{HUB}/{repo}/blob/{COMMIT}/{path}")
    return Where(repo, COMMIT, path, lines, more.get("pointer"), quote, SHA, url)


def verdicts(grid: tuple[str, ...], where: Where | None = None) -> tuple[Verdict, ...]:
    """Return the forty cells that a drawing like OPEN_WEIGHTS stands for."""
    where = where or place(quote="You may use the Model for any purpose,\nprovided that section 4(b) is met.")
    return tuple(
        _verdict(f"OSD-{number}", facet, OUTCOMES[letter], where)
        for number, line in enumerate(grid, 1)
        for facet, letter in zip(FACETS, line, strict=True)
    )


def _verdict(criterion: str, facet: Facet, outcome: tuple[Outcome, bool], seen: Where) -> Verdict:
    where = () if outcome[0] == "not_applicable" else (seen,)
    answer = Answer(outcome[0], SENTENCES[outcome[0]], where, "licence text" if where else "inferred", outcome[1])
    question = f"Does the {facet} facet meet {criterion}?"
    return Verdict("osd", criterion, facet, question, answer, 3, "Publish it under a licence that lets anyone do this.")


LICENCE = GoverningLicence(
    "acme-public-2",
    "LicenseRef-APL-2.0",
    "Acme Public Licence 2",
    "licence text",
    settled=True,
    where=(place(lines=(1, 201), quote="ACME PUBLIC LICENCE, version 2"),),
    steps=(
        "no file of the weights' own was listed",
        "LICENSE is the exact text of Acme Public Licence 2",
        "the tag says the same",
    ),
)
NO_LICENCE = GoverningLicence(
    None, None, "", "inferred", settled=False, where=(), steps=("nothing speaks of the data's licence",)
)

SELL = "Acme Public Licence 2, 2: No use that the terms close: unlawful use."
KEEP = "Keep the copyright, licence and attribution notices. (Acme Public Licence 2, 3)"
OPEN_USES = (
    UseAnswer("run", "yes", "Acme Public Licence 2 closes nothing of it.", (), (place(),), "licence text"),
    UseAnswer("sell", "yes-if", "Acme Public Licence 2 has conditions.", (SELL, KEEP), (place(),), "licence text"),
)

TINY = Scorecard(
    model="acme/tiny-lm",
    revision="main",
    commit=COMMIT,
    source="hub",
    collected_at="2026-11-20T08:30:00Z",
    evidence_sha256="a" * 64,
    tool_version="0.1.0",
    packs=(PACK,),
    label=Label(
        "open-weights",
        "Open Weights",
        candidate=False,
        basis="licence text",
        at_best="open-weights",
        blocks=(
            "Training data: the card names none of its sources (OSD-2 data). Publish it, or say where each part is.",
            "Training code: none is published (OSD-2 training).",
        ),
    ),
    score=Score(52.5, 54.5),
    licences=(("weights", LICENCE), ("code", LICENCE), ("data", NO_LICENCE)),
    verdicts=verdicts(OPEN_WEIGHTS),
    conflicts=(),
    obligations=(
        Duty(
            "keep-notices",
            "Pass on the licence's text and the notices with every copy.",
            (place(lines=(90, 92)),),
            "clause-table.duties.keep-notices",
            ("redistribute", "sell"),
            "whoever passes it on",
        ),
    ),
    risks=(
        Finding(
            "declared-only",
            "The code's licence rests on a tag alone.",
            (place("README.md", lines=None, pointer="/license"),),
        ),
    ),
    unseen=(),
    lineage=Lineage(),
    datasets=(),
    uses=OPEN_USES,
)

CLAUSE = "4(b) Licensee shall not use the Model, or any Output, commercially where it serves more than 1,000 users."
CHAT_ID = "acme/tiny-lm-chat"
CHAT = replace(
    TINY,
    model=CHAT_ID,
    revision=None,
    label=Label(
        "weights-available",
        "Weights Available",
        candidate=False,
        basis="licence text",
        at_best="weights-available",
        blocks=("OSD-5 and OSD-6 fail on section 4(b) of LICENSE: use a licence without a user threshold.",),
    ),
    score=Score(31.0, 58.25),
    licences=(
        ("weights", replace(LICENCE, key="acme-community", spdx=None, name="Acme Community Licence")),
        ("code", replace(LICENCE, basis="declared by publisher", settled=False)),
        ("data", NO_LICENCE),
    ),
    verdicts=verdicts(RESTRICTED, place(quote=CLAUSE, repo=CHAT_ID)),
    conflicts=(
        Finding(
            "tag-text",
            "The tag says Apache-2.0, the text in LICENSE is another.",
            (
                place("README.md", lines=(3, 3), quote="license: apache-2.0", repo=CHAT_ID),
                place(lines=(40, 41), quote=CLAUSE, repo=CHAT_ID),
            ),
        ),
        Finding(
            "lineage-dropped",
            "The base model's limit on users is not carried on.",
            (place(repo="acme/base-lm", quote=CLAUSE),),
        ),
    ),
    unseen=(Unseen("https://acme.example/report.pdf", "a report that the card cites; osaudit reads no papers"),),
    lineage=Lineage(
        nodes=(
            LineageNode("acme/tiny-lm-chat", COMMIT, "Acme Community Licence", "weights-available", seen=True),
            LineageNode("acme/base-lm", BASE_COMMIT, "Acme Community Licence", "weights-available", seen=True),
            LineageNode("other/older-lm", None, "", "", seen=False),
        ),
        edges=(
            LineageEdge(
                "acme/tiny-lm-chat",
                "acme/base-lm",
                "finetune",
                "front matter",
                "high",
                ("user threshold (section 4b)",),
            ),
            LineageEdge("acme/base-lm", "other/older-lm", "merge", "card", "low", ()),
        ),
    ),
    datasets=(
        DatasetLine(
            "acme/talk-1m",
            "fine-tuning",
            "CC-BY-4.0",
            "open",
            BASE_COMMIT,
            (place("README.md", lines=(5, 5)),),
            ("CC-BY-4.0", "ODC-By-1.0"),
            ("else/pages", "c4"),
            "made from c4, which holds crawled pages",
        ),
        DatasetLine("crawl-of-everything", "pre-training", "", "unknown", None, ()),
    ),
    uses=(
        UseAnswer("run", "not-known", "The card adds words of its own.", (), (place(quote=CLAUSE),), "inferred"),
        UseAnswer("sell", "no", "Section 4(b) closes it to whoever has more than 1,000 users.", (), (), "licence text"),
    ),
)

CANDIDATE = replace(
    TINY,
    model="lab/glass-box",
    label=Label(
        "open-source-ai",
        "Open Source AI",
        candidate=True,
        basis="licence text",
        at_best="open-source-ai-open-data",
        blocks=(
            "Three of the named data sets were not seen in full: publish them, or say by which law they are withheld.",
        ),
    ),
    score=Score(96.0, 97.0),
    verdicts=verdicts(OPEN_ALL),
    risks=(),
)

GATED = replace(
    TINY,
    model="acme/locked-lm",
    commit=None,
    revision="v2",
    label=Label(
        "not-available", "Could not be told", candidate=False, at_best="open-weights", blocks=(), determined=False
    ),
    score=Score(0.0, 100.0),
    licences=(("weights", NO_LICENCE),),
    verdicts=verdicts(("rrrr",) * 10),
    obligations=(),
    risks=(),
    uses=(UseAnswer("sell", "not-known", "The files could not be seen.", (), (), "inferred"),),
    unseen=(Unseen("acme/locked-lm", "the repository is gated and no token was given"),),
    incomplete=True,
)

EMPTY = replace(
    TINY,
    model="folder",
    source="folder",
    commit=None,
    revision=None,
    packs=(),
    label=Label("unlicensed", "Unlicensed", candidate=False, at_best="unlicensed", blocks=()),
    score=Score(0.0, 0.0),
    licences=(),
    verdicts=(),
    obligations=(),
    risks=(),
    uses=(),
)

HOSTILE_TEXTS = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]> --> </style></title></textarea><!--",
    "\x1b[2J\x1b]0;owned\x07\x9b31m red",
    "\u202emoc.live\u202c \u2066x\u2069 zero\u200bwidth \ufeffbom",
    "word" * 2_500,
    "| pipe | `tick` **bold** _it_ [link](https://evil.example) ![i](https://evil.example/p.png) <https://evil.example>",
    "@acme/team @root #12 acme/tiny-lm#3 GH-7 :white_check_mark: https://evil.example www.evil.example a@evil.example",
    "=cmd|' /C calc'!A0",
    "+1+1\r\n# Heading\n\n- [x] done\n\n---\n\n```\ncode",
    "{{ 7 * 7 }} {% raw %} ${x} %s %n &lt;b&gt; &#60;i&#62;",
    "许可证：仅供研究使用，不得用于商业目的。" * 20,
    "lone \ud800 surrogate, zalgo a" + "\u0301" * 400,
)
HOSTILE_URLS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://user@evil.example/",
    'https://hub.example/a b"><script>',
    "//evil.example/x",
    "https://hub.example/ok)](https://evil.example",
    "vbscript:x",
    "https://hub.example/\u202egnp.exe",
)


def hostile() -> Scorecard:
    """Return a scorecard in which every text is somebody's attack."""
    texts, urls = HOSTILE_TEXTS * 40, HOSTILE_URLS * 40
    places = tuple(
        Where(texts[i], COMMIT, texts[i + 1], (1, 2), texts[i + 2], texts[i + 3], SHA, urls[i]) for i in range(12)
    )
    findings = tuple(Finding(text, text, places[i : i + 1]) for i, text in enumerate(HOSTILE_TEXTS))
    cells = tuple(
        replace(
            cell,
            question=texts[i],
            remedy=texts[i + 1],
            answer=replace(cell.answer, because=texts[i + 2], where=places[i % 12 : i % 12 + 1]),
        )
        for i, cell in enumerate(CHAT.verdicts)
    )
    evil = GoverningLicence(texts[0], texts[1], texts[6], "inferred", settled=False, where=places, steps=HOSTILE_TEXTS)
    return replace(
        CHAT,
        model=HOSTILE_TEXTS[0],
        revision=HOSTILE_TEXTS[2],
        collected_at=HOSTILE_TEXTS[3],
        tool_version=HOSTILE_TEXTS[9],
        packs=(
            replace(
                PACK,
                name=texts[5],
                definition=texts[6],
                titles=tuple((key, texts[i]) for i, (key, _) in enumerate(TITLES)),
            ),
        ),
        label=replace(CHAT.label, name=HOSTILE_TEXTS[5], blocks=HOSTILE_TEXTS),
        licences=(("weights", evil), ("code", evil), ("data", evil)),
        verdicts=cells,
        conflicts=findings,
        obligations=tuple(
            Duty(found.kind, found.because, found.where, found.rule, (), found.kind) for found in findings
        ),
        risks=findings,
        unseen=tuple(Unseen(text, text) for text in HOSTILE_TEXTS),
        lineage=Lineage(
            nodes=tuple(LineageNode(text, None, text, text, seen=True) for text in HOSTILE_TEXTS),
            edges=tuple(LineageEdge(text, text, text, text, text, (text,)) for text in HOSTILE_TEXTS),
        ),
        datasets=tuple(
            DatasetLine(text, text, text, text, None, places[:2], (text, text), (text,), text) for text in HOSTILE_TEXTS
        ),
        probe=hostile_run(HOSTILE_TEXTS, places),
        uses=tuple(UseAnswer(text, "yes-if", text, HOSTILE_TEXTS, places[:2], "inferred") for text in HOSTILE_TEXTS),
    )


CLASSES = PackId(
    "acme-classes",
    "Acme Classes",
    "2.0",
    "Acme Classes 2.0, three components",
    (("AC-WEIGHTS", "Weights"), ("AC-DATA", "Data"), ("AC-EXTRA", "Extras")),
)


def _cell(criterion: str, facet: Facet, outcome: Outcome, weight: int = 5) -> Verdict:
    answer = Answer(outcome, SENTENCES[outcome], (place(quote="Data: from the open web."),), "licence text")
    question = f"Is {criterion} there, and under an open licence?"
    return Verdict("acme-classes", criterion, facet, question, answer, weight, "Publish it.")


SIDES = replace(
    CHAT,
    model="acme/two-views",
    packs=(PACK, CLASSES),
    verdicts=(
        *CHAT.verdicts,
        _cell("AC-WEIGHTS", "weights", "pass"),
        _cell("AC-WEIGHTS", "licence", "pass"),
        _cell("AC-DATA", "data", "review"),
        _cell("AC-EXTRA", "training", "fail", 0),
    ),
    results=(
        PackResult(
            "acme-classes",
            "review",
            "Second class",
            "The first class lacks its data, of which a person has to judge.",
            (
                Part("Second class", "pass", "2 of 2 components are there.", 100.0, 100.0),
                Part("First class", "review", "1 of 2 components is there.", 50.0, 100.0),
                Part("Extras", "fail", "None is there."),
            ),
            (Finding("still-binds", "Another duty binds whatever the class.", (place(),)),),
        ),
    ),
)


def _attested(verdict: Verdict, by: Attested) -> Verdict:
    word = Answer("pass", f"{by.who} attests this ({by.date}): {by.reason}.", (place("attested.yaml"),), "attested")
    return replace(verdict, answer=word, attestation=replace(by, machine=verdict.answer))


_BY = Attested(
    "data-1",
    "A. Reader",
    "2026-11-01",
    "2027-11-01",
    "The report names every source",
    f"sha256:{SHA}",
    Answer("fail", SENTENCES["fail"]),
)
ATTESTED = replace(
    SIDES,
    model="lab/glass-box",
    label=replace(CANDIDATE.label, candidate=False),
    verdicts=tuple(
        _attested(cell, _BY)
        if (cell.criterion, cell.facet) in {("OSD-2", "data"), ("OSD-2", "training"), ("AC-DATA", "data")}
        else cell
        for cell in SIDES.verdicts
    ),
    conflicts=(Finding("attestation-overrides", "A. Reader attests pass, where the machine found fail.", (place(),)),),
    attestations=AttestedBy("attested.yaml", "b" * 64, "not signed", "2026-11-20"),
)


def hostile_sides() -> Scorecard:
    """Return a scorecard in which every text of definitions and attestations is somebody's attack."""
    evil = hostile()
    texts = HOSTILE_TEXTS * 3
    by = Attested(*texts[:6], Answer("fail", texts[6]))
    pack = PackId(texts[0], texts[1], texts[2], texts[3], tuple((text, text) for text in HOSTILE_TEXTS))
    cells = tuple(
        Verdict(pack.id, text, FACETS[i % 4], text, Answer("fail", text, evil.conflicts[i % 12].where), 1, text)
        for i, text in enumerate(HOSTILE_TEXTS)
    )
    parts = tuple(Part(text, "review", text, 1.5, 2.5) for text in HOSTILE_TEXTS)
    return replace(
        evil,
        packs=(*evil.packs, pack),
        verdicts=(*(_attested(cell, by) for cell in evil.verdicts), *cells),
        results=(PackResult(pack.id, "fail", texts[4], texts[5], parts, evil.risks),),
        attestations=AttestedBy(texts[6], "c" * 64, texts[7], texts[8]),
    )


PROBED = replace(TINY, probe=replace(FULL, model=TINY.model, commit=COMMIT))
DAMAGED = replace(
    CHAT,
    probe=replace(made("pass", "pass", "fail", asked="infers", failure="missing-tensors"), model=CHAT.model),
)

SAMPLES: dict[str, Scorecard] = {
    "open-weights": TINY,
    "restricted": CHAT,
    "candidate": CANDIDATE,
    "gated": GATED,
    "empty": EMPTY,
    "hostile": hostile(),
    "sides": SIDES,
    "attested": ATTESTED,
    "hostile-sides": hostile_sides(),
    "probed": PROBED,
    "damaged": DAMAGED,
}

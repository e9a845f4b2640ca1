"""The licence texts of the outside folder, and the ways in which tests bend them. No text of others stands here."""

from __future__ import annotations

import functools
import hashlib
import os
import random
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from osaudit.licences.heads import load_listed

ROOT = Path(__file__).resolve().parents[1]
TEXTS = Path(os.environ.get("OSAUDIT_LICENCE_TEXTS", ROOT / "../shared/licence-texts")).resolve()
CORPUS = Path(os.environ.get("OSAUDIT_CORPUS", ROOT / "../shared/corpus")).resolve()
JUDGED = Path(os.environ.get("OSAUDIT_JUDGED", ROOT / "../shared/judged")).resolve()

needs_texts = pytest.mark.skipif(not TEXTS.is_dir(), reason="no folder of licence texts (OSAUDIT_LICENCE_TEXTS)")
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="no recorded repositories (OSAUDIT_CORPUS)")

Bend = Callable[[str, random.Random], str]


@dataclass(frozen=True)
class Sample:
    name: str
    key: str | None
    text: str

    def bent(self, bend: Bend) -> str:
        return bend(self.text, random.Random(f"{self.name} {bend.__name__}"))  # noqa: S311 a repeatable choice


@functools.cache
def samples() -> tuple[Sample, ...]:
    """Every text of the folder, with its key where the project lists it."""
    listed = {row["sha256"]: row["key"] for row in load_listed()["texts"]}
    paths = sorted(TEXTS.rglob("*.txt"))
    return tuple(
        Sample(
            path.relative_to(TEXTS).as_posix(),
            listed.get(hashlib.sha256(path.read_bytes()).hexdigest()),
            path.read_text("utf-8"),
        )
        for path in paths
    )


@functools.cache
def known() -> tuple[Sample, ...]:
    """One sample for each listed text that differs from the others, the collectors' own headers left out."""
    seen: set[str] = set()
    found: list[Sample] = []
    for sample in samples():
        plain = " ".join(sample.text.split())
        if sample.key and plain not in seen:
            seen.add(plain)
            found.append(sample)
    return tuple(found)


def whitespace(text: str, rng: random.Random) -> str:
    return re.sub(r"[ \t]+", lambda _: rng.choice([" ", "  ", "\t"]), text).replace("\n", "\r\n")


def rewrapped(text: str, rng: random.Random) -> str:
    width = rng.choice([60, 78, 100])
    return "\n\n".join(textwrap.fill(" ".join(part.split()), width) for part in re.split(r"\n\s*\n", text))


def refilled(text: str, rng: random.Random) -> str:
    return textwrap.fill(" ".join(text.split()), rng.choice([60, 90, 400]))


def requoted(text: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        return re.sub(r'"([^"\n]{1,60})"', r"“\1”", text).replace("'", "’")
    return text.replace("“", '"').replace("”", '"').replace("’", "'")


def as_markdown(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at == 0 and line.strip():
            lines[at] = f"# {line.strip()}"
        elif line.strip() and line.isupper():
            lines[at] = f"**{line.strip()}**"
        elif line.strip() and rng.random() < 0.1:
            lines[at] = f"> {line}"
    return "```\n" + "\n".join(lines) + "\n```\n" if rng.random() < 0.3 else "\n".join(lines)


def with_copyright(text: str, rng: random.Random) -> str:
    line = rng.choice(
        ["Copyright (c) 2024 Example Corp", "Copyright 2021 The Foo Authors. All rights reserved.", "© 2022 Jane Doe"]
    )
    return f"{line}\n\n{text}"


def with_appendix(text: str, rng: random.Random) -> str:
    return f"{text}\n\n" + rng.choice(
        ["You may not use this at sea.", "Ask us first.", "A fee is due each month, payable in advance."]
    )


def truncated(text: str, rng: random.Random) -> str:
    return text[: int(len(text) * rng.choice([0.5, 0.7, 0.9]))]


def misspelt(text: str, rng: random.Random) -> str:
    letters = list(text)
    places = [at for at, letter in enumerate(letters) if letter.isalpha()]
    for at in rng.sample(places, max(1, len(places) // 100)):
        letters[at] = rng.choice("bcdfghklmnpqrtvwxz")
    return "".join(letters)


LOSSLESS: tuple[Bend, ...] = (whitespace, rewrapped, refilled, requoted, as_markdown, with_copyright)
LOSSY: tuple[Bend, ...] = (with_appendix, truncated, misspelt)


def _at(text: str, share: float, words: str) -> str:
    places = [match.start() for match in re.finditer(r"(?<=[a-z,]) (?=[a-z])", text)]
    at = places[int(len(places) * share)]
    return f"{text[:at]} {words}{text[at:]}"


def _without(text: str, pattern: str) -> str:
    found = list(re.finditer(pattern, text))
    return text[: found[len(found) // 2].start()] + text[found[len(found) // 2].end() :]


def _moved(text: str) -> str:
    """A sentence taken from its place and put to the end."""
    found = [match for match in re.finditer(r"[^.;]{40,}?[.;]\s", text) if match.start() > len(text) // 3]
    return text[: found[0].start()] + text[found[0].end() :] + "\n" + found[0][0]


def _first_line(text: str, ending: str) -> str:
    return re.sub(r"^(.*\w.*)$", lambda match: match[1] + ending, text, count=1, flags=re.MULTILINE)


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "word appended": lambda text: text.rstrip() + " non-commercial",
    "line appended": lambda text: text + "\nFor research purposes only.\n",
    "section appended": lambda text: text + "\n\n## Additional terms\n\nNot for military use.\n",
    "page appended": lambda text: (
        text + "\n\n" + "\n".join(f"({n}) No use by group {n} and no use in the EU." for n in range(40))
    ),
    "tail": lambda text: text.rstrip() + " only",
    "line prepended": lambda text: "For research purposes only.\n\n" + text,
    "word prepended": lambda text: "NON-COMMERCIAL\n" + text,
    "head": lambda text: "Not " + text.lstrip(),
    "commons clause": lambda text: (
        '"Commons Clause" License Condition v1.0\n\nNo right to Sell the Software is granted.\n\n' + text
    ),
    "good not evil": lambda text: _at(text, 0.5, "(for Good, not Evil)"),
    "one word early": lambda text: _at(text, 0.1, "noncommercial"),
    "one word in the middle": lambda text: _at(text, 0.5, "academic"),
    "one word late": lambda text: _at(text, 0.9, "non-profit"),
    "negation": lambda text: _at(text, 0.4, "not"),
    "clause inserted": lambda text: _at(text, 0.6, "provided that no fee is charged and no weapon is built"),
    "in the copyright line": lambda text: "Copyright 2024 X. Non-commercial use only.\n\n" + text,
    "in brackets of the copyright line": lambda text: "Copyright (c) 2024 Acme (not for military)\n\n" + text,
    "behind all rights reserved": lambda text: (
        "Copyright (c) 2024 Acme. All rights reserved. Academic only.\n\n" + text
    ),
    "in the copyright's address": lambda text: (
        "Copyright (c) 2024 Acme <https://acme.example/research-only>\n\n" + text
    ),
    "behind rights reserved": lambda text: "All rights reserved, commercial use excluded.\n\n" + text,
    "in the title line": lambda text: _first_line(text, " (non-commercial)"),
    "before the title": lambda text: "Research " + text.lstrip(),
    "licence heading": lambda text: "License: non-commercial\n\n" + text,
    "spdx line": lambda text: "SPDX-License-Identifier: LicenseRef-NonCommercial\n\n" + text,
    "html comment": lambda text: "<!-- Non-commercial use only -->\n" + text,
    "html comment inside": lambda text: _at(text, 0.5, "<!-- no military use -->"),
    "markdown comment": lambda text: text + "\n[//]: # (Non-commercial use only)\n",
    "html attribute": lambda text: f'<p title="non-commercial only">{text}</p>',
    "struck through": lambda text: _at(text, 0.5, "~~") + "~~",
    "hidden by style": lambda text: f'<div style="display:none">{text}</div>',
    "signs": lambda text: text + "\n\n\U0001f6ab\U0001f4b0\n",
    "entities": lambda text: "&#78;&#111;&#110;-commercial\n" + text,
    "code fence": lambda text: f"```non-commercial\n{text}\n```",
    "link target": lambda text: _at(text, 0.5, "[x](https://acme.example/non-commercial)"),
    "front matter": lambda text: f"---\nterms: non-commercial\n---\n{text}",
    "footnote": lambda text: text + "\n---\nEU residents excluded",
    "chinese": lambda text: text + "\n\n仅供学术研究使用，禁止商业用途。\n",
    "threshold": lambda text: text + "\n9. More than 100 users: ask.\n",
    "name slot": lambda text: (
        re.sub(r"(?i)(in no event shall|provided that)", r"\1 commercial users and", text, count=1)
        if re.search(r"(?i)in no event shall|provided that", text)
        else text + " evil"
    ),
    "word removed": lambda text: _without(text, r"\b[a-z]{5,}\b"),
    "sentence removed": lambda text: _without(text, r"(?<=[a-z])[,;.]\s[^,;.]{25,}?(?=[,;.]\s)"),
    "sentence moved": _moved,
    "word replaced": lambda text: (
        re.sub(r"\b(any|all|each|every)\b", "some", text, count=1, flags=re.IGNORECASE)
        if re.search(r"(?i)\b(any|all|each|every)\b", text)
        else text + " some"
    ),
    "strokes over a sentence": lambda text: _struck(text, "\u0336"),
    "slashes over a sentence": lambda text: _struck(text, "\u0338"),
    "struck through by a class": lambda text: f'<span class="strike">{text}</span>',
    "deleted": lambda text: f"<del>{text}</del>",
    "in a picture's words": lambda text: '<img alt="Ask Acme first">\n' + text,
    "in a link's title": lambda text: text + '\n<a title="Ask Acme first" href="x">',
    "in a field": lambda text: text + '\n<input value="no commerce">',
    "under another's heading": lambda text: "Acme Community License Agreement\n\n" + text,
    "under a licence's name": lambda text: "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\n\n" + text,
    "a reference to a policy": lambda text: text + "\nSee USE_POLICY.md\n",
    "a footnote's words": lambda text: _at(text, 0.5, "[^1]") + "\n\n[^1]: Only here.\n",
    "german": lambda text: text + "\n\nDie Nutzung zu gewerblichen Zwecken ist untersagt.\n",
    "wide letters": lambda text: text + "\nＮＣ\n",
    "a letter of another script": lambda text: (
        text[: 3 * len(text) // 4]
        + re.sub(r"(?<=[a-z])[aA](?=[a-z])|A(?=[A-Z])", "а", text[3 * len(text) // 4 :], count=1)
    ),
}


def _struck(text: str, stroke: str) -> str:
    """Strike a stretch out, letter by letter."""
    found = re.search(r"(?<=\. )[^.]{30,120}\.|(?<=\n)[^.\n]{30,80}", text) or re.search(r"\w{4,}", text)
    assert found is not None
    return text[: found.start()] + "".join(letter + stroke for letter in found[0]) + text[found.end() :]


# what looks like a copyright notice and says more than who and when
FALSE_NOTICES = (
    "Copyright 2024 Acme. Nur zur Forschung.",
    "Copyright 2024 Acme. Nur Zur Forschung.",
    "Copyright (c) 2024 Acme, Nicht Gewerblich",
    "Copyright 2024 Acme, Interne Zwecke",
    "Copyright 2024 Acme. Keine Waffen",
    "Copyright 2024 Acme. Solo Para Investigación",
    "Copyright 2024 Acme. Sin Lucro",
    "Copyright 2024 Acme. Proibido Lucro",
    "Copyright 2024 Acme. Vietato Il Lucro",
    "Copyright 2024 Acme Uniquement Recherche",
    "Copyright 2024 Acme. Interdit Aux Entreprises",
    "Copyright 2024 Acme. Только Для Исследований",
    "Copyright 2024 Acme 研究専用",
    "Copyright 2024 某公司仅供研究",
    "Copyright 2024 Acme 版权所有不得商用",
    "Copyright 2024 Acme 연구 전용",
    "Copyright (c) 2024 Acme CC BY-NC",
    "Copyright 2024 Acme NC",
    "Copyright 2024 Acme AGPL",
    "Copyright 2024 Acme RAIL",
    "Copyright 2024 Acme (NonCom)",
    "Copyright 2024 Acme. Unlicensed.",
    "Copyright 2024 Acme. Universities",
    "Copyright 2024 Acme: Universities",
    "Copyright 2024 Acme - Universities",
    "Copyright 2024 Acme, Ask First",
    "Copyright 2024 Acme. Behave Responsibly",
    "Copyright 2024 Acme. Scientists Welcome",
    "Copyright 2024 Acme\nVersion 9.9",
)
# unusual forms of notices that say no more than who and when
NOTICES = (
    "Copyright (c) 2020-present, Acme, Inc. and its affiliates.",
    "Copyright 2018- The Acme team. All rights reserved.",
    "Copyright © 2023 张三",
    "版权所有 (c) 2024 某大学",
    "(c) Copyright 2021 Acme",
    "Copyright Acme Corporation.",
    "Copyright (c) Acme Corporation.",
    "Copyright (c) 2022, Jane Doe, jane@acme.example.",
    "Copyright (c) 2021 Jane Doe <jane@acme.example> (https://acme.example)",
    "Copyright (c) 2019–2024 Éric Müller",
    "Copyright (c) 2024 Acme Institute for AI",
    "Copyright (c) 2024 Academy of Artificial Intelligence",
    "Copyright (c) 2024 The President and Fellows of Acme College",
    "Copyright (c) 2024 Acme Research",
    "Copyright (c) 2024 Acme e.V.",
    "Copyright (c) 2024 Acme, L.L.C.",
    "Copyright (c) <year> <copyright holders>",
    "Copyright [yyyy] [name of copyright owner]",
    "Copyright (c) 2024 Acme\nCopyright (c) 2023 Heron",
    "SPDX-FileCopyrightText: Copyright (c) 2024 ACME & AFFILIATES. All rights reserved.",
    "© 2024 Acme, Inc.",
)

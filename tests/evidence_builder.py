"""Evidence from a few plain keys, so that a case file reads as a sentence about a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osaudit.evidence import (
    NOT_PROBED,
    Absent,
    Base,
    Card,
    ClauseSeen,
    Config,
    DatasetUse,
    Evidence,
    Fact,
    Files,
    FrontMatter,
    Gate,
    LicenceClaim,
    LicenceText,
    ModelRef,
    RepoFile,
    Restriction,
    Section,
    Seen,
    Statement,
    TextMatch,
    Unknown,
    Unseen,
    Where,
)
from osaudit.licences.expressions import Tag, tag_of
from osaudit.proberun import LEVELS, LevelResult, ProbeRun
from osaudit.reading.licensing.found import with_findings
from osaudit.reading.version import READERS

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHA = "f" * 64
KEYS = frozenset(
    [
        "what",
        "repo",
        "kind",
        "commit",
        "files",
        "partial",
        "bare",
        "tag",
        "license_name",
        "license_link",
        "claims",
        "statements",
        "texts",
        "gate",
        "card",
        "front",
        "sections",
        "datasets",
        "bases",
        "config",
        "library",
        "pipeline",
        "unseen",
        "probe",
        "args",
        "expect",
        "says",
    ]
)


def evidence_of(case: Mapping[str, Any]) -> Evidence:
    """Build evidence; a key that is not given means: looked for, and not there."""
    unknown = set(case) - KEYS
    assert not unknown, f"a case has no key {unknown}"
    repo = case.get("repo", "acme/tiny-lm")
    made = Evidence(
        ref=ModelRef(repo, None, case.get("kind", "model")),
        source="hub",
        collected_at="2026-11-23T00:00:00Z",
        commit=Unknown("the API did not say")
        if case.get("commit") == "unknown"
        else Seen(COMMIT, (_api(repo, "/sha"),)),
        last_modified=Absent(),
        licence_index="test",
        files=_files(repo, case),
        card=_card(repo, case),
        gate=_gate(repo, case.get("gate", "open")),
        config=_config(repo, case.get("config")),
        parameters=Absent(),
        licence_claims=tuple(_claims(repo, case)),
        licence_texts=tuple(_text(repo, text) for text in case.get("texts", ())),
        datasets=tuple(_dataset(repo, row) for row in case.get("datasets", ())),
        bases=tuple(_base(repo, row) for row in case.get("bases", ())),
        unseen=tuple(Unseen(**row) for row in case.get("unseen", ())),
        probe=_probe(repo, case["probe"]) if "probe" in case else NOT_PROBED,
        readers=READERS,
    )
    return with_findings(made)


def place(repo: str, path: str, **more: Any) -> Where:
    return Where(repo, COMMIT, path, sha256=SHA, url=f"https://huggingface.co/{repo}/blob/{COMMIT}/{path}", **more)


def _api(repo: str, pointer: str) -> Where:
    return place(repo, "api", pointer=pointer)


def _files(repo: str, case: Mapping[str, Any]) -> Fact[Files]:
    listed = case.get("files", ["model.safetensors", "config.json", "tokenizer.json"])
    if listed == "unknown":
        return Unknown("the listing was refused")
    if listed == "absent":
        return Absent()
    own = () if case.get("bare") else (".gitattributes",)  # which every repository of the Hub has
    entries = tuple(RepoFile(path) for path in (*own, *listed))
    return Seen(Files(entries, complete=not case.get("partial")), (place(repo, "(file list)"),))


def _card(repo: str, case: Mapping[str, Any]) -> Fact[Card]:
    where = place(repo, "README.md")
    if case.get("card") == "absent":
        return Absent((where,))
    if case.get("card") == "unread":
        return Unknown("gated: the files are refused without access")
    said = tuple(_statement(repo, row) for row in case.get("statements", ()))
    front: Fact[FrontMatter] = Seen(_front(case), (where,))
    if "front" in case:
        front = Unknown("it is no mapping") if case["front"] == "unread" else Absent((where,))
    sections = tuple(
        Section(topic.title(), 2, topic, (20 + at, 21 + at)) for at, topic in enumerate(case.get("sections", ()))
    )
    return Seen(Card(where, 100, case.get("card") == "cut", front, sections, said), (where,))


def _front(case: Mapping[str, Any]) -> FrontMatter:
    values: dict[str, Any] = dict.fromkeys(FrontMatter.__dataclass_fields__, Absent())
    values.pop("problems")
    for key, name in (("library", "library_name"), ("pipeline", "pipeline_tag")):
        if key in case:
            values[name] = Seen(case[key])
    return FrontMatter(**values)


def _statement(repo: str, row: Mapping[str, Any]) -> Statement:
    line = row.get("line", 10)
    where = place(repo, "README.md", lines=(line, line), quote=row.get("quote", "its words"))
    return Statement(row["kind"], row.get("value", ""), row.get("subject", "any"), row.get("confidence", "high"), where)


def _claims(repo: str, case: Mapping[str, Any]) -> list[LicenceClaim]:
    rows = list(case.get("claims", ()))
    if "tag" in case:
        rows.append({"source": "front matter", "name": case["tag"]})
    if "license_name" in case:
        rows.append({"source": "licence name", "name": case["license_name"]})
    if "license_link" in case:
        rows.append({"source": "licence link", "name": case["license_link"]})
    return [_claim(repo, row) for row in rows]


def _claim(repo: str, row: Mapping[str, Any]) -> LicenceClaim:
    tag = Tag(tuple(row["keys"])) if "keys" in row else tag_of(row["name"])
    where = place(repo, "README.md", lines=(2, 2), quote=row["name"])
    return LicenceClaim(
        row.get("component", "any"), row["source"], row["name"], tag.keys, where, tag.choices, row.get("links", "")
    )


def _text(repo: str, row: Mapping[str, Any]) -> LicenceText:
    where = place(repo, row.get("path", "LICENSE"), lines=(1, 40))
    keys = row.get("keys", [row["key"]] if "key" in row else [])
    match = row.get("match", "exact")
    return LicenceText(
        component=row.get("component", "any"),
        where=where,
        text=Seen(row["text"]) if "text" in row else Unknown("recorded facts keep no text"),
        matches=tuple(TextMatch(key, None, match, 1.0 if match == "exact" else 0.9, (1, 40)) for key in keys),
        residue_words=row.get("residue", 0 if match == "exact" else 7),
        restrictions=tuple(
            Restriction(flag, place(repo, where.path, lines=(5, 5), quote=quote))
            for flag, quote in map(_worded, row.get("restrictions", ()))
        ),
        clauses=tuple(
            ClauseSeen(
                keys[0],
                number,
                f"s{number}",
                row.get("verbatim", True),
                place(repo, where.path, lines=(9, 9), quote="a clause"),
            )
            for number in row.get("clauses", ())
        ),
    )


def _worded(row: str | list[str]) -> tuple[str, str]:
    """A restriction's flag, with its words where they matter."""
    return (row, f"words on {row}") if isinstance(row, str) else (row[0], row[1])


def _gate(repo: str, row: Any) -> Fact[Gate]:
    if row == "unknown":
        return Unknown("the API did not say")
    if row == "absent":
        return Absent()
    if isinstance(row, str):
        row = {"mode": row}
    where = (_api(repo, "/gated"),)
    return Seen(
        Gate(row["mode"], _prompt(repo, row), tuple(row.get("fields", ())), row.get("eu_disallowed", False)), where
    )


def _prompt(repo: str, row: Mapping[str, Any]) -> Fact[str]:
    if row.get("prompt") == "unknown":
        return Unknown("the card's metadata was refused")
    where = () if row.get("prompt_unplaced") else (_api(repo, "/cardData/extra_gated_prompt"),)
    return Seen(row["prompt"], where) if "prompt" in row else Absent()


def _config(repo: str, row: Any) -> Fact[Config]:
    if row is None:
        return Absent()
    if row == "unknown":
        return Unknown("the API did not say")
    quantization = Seen(row["quantization"]) if "quantization" in row else Absent()
    made = tuple(row.get("architectures", ["TinyForCausalLM"]))
    config = Config(made, Seen("tiny"), row.get("remote_code", False), quantization, Absent(), Absent())
    return Seen(config, (place(repo, "config.json"),))


def _probe(repo: str, row: Mapping[str, Any]) -> Fact[ProbeRun]:
    """A run that passed every level below the one at which it stopped, if it did."""
    stopped = row.get("stopped")
    asked = row.get("asked", stopped or "performs")
    levels = []
    for level in LEVELS:
        known = LEVELS.index(level) < LEVELS.index(stopped) if stopped else LEVELS.index(level) <= LEVELS.index(asked)
        levels.append(LevelResult(level, "pass" if known else "not_attempted", "A sentence on it."))
    if stopped:
        where = (place(repo, "model.safetensors", quote="lm_head.weight"),)
        because = row.get("because", "lm_head.weight shows it.")
        outcome = row.get("outcome", "fail")
        levels[LEVELS.index(stopped)] = LevelResult(stopped, outcome, because, row["class"], where)
    return Seen(ProbeRun(repo, None, COMMIT, asked, "transformers", tuple(levels)))


def _nested(row: Mapping[str, Any], **defaults: Any) -> Fact[Evidence]:
    if "unseen" in row:
        return Unknown(row["unseen"])
    if "is" not in row:
        return Absent()
    return Seen(evidence_of({**defaults, **row["is"]}))


def _dataset(repo: str, row: Mapping[str, Any]) -> DatasetUse:
    nested = _nested(row, repo=row["name"], kind="dataset", files=["data/train.parquet"])
    where = place(repo, "README.md", lines=(4, 4), quote=row["name"])
    return DatasetUse(row["name"], row.get("role", "unknown"), row.get("confidence", "high"), where, nested)


def _base(repo: str, row: Mapping[str, Any]) -> Base:
    where = place(repo, "README.md", lines=(3, 3), quote=row["name"])
    nested = _nested(row, repo=row["name"])
    named_by = row.get("named_by", "front matter")
    return Base(row["name"], row.get("relation", "finetune"), named_by, row.get("confidence", "high"), where, nested)

"""A saved scorecard read back: checked against its schema first, so that what is built from it is whole."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from osaudit.errors import OsauditError, UsageError
from osaudit.evidence import Unseen
from osaudit.holding import is_checkable, misfits
from osaudit.render.neutral import plain
from osaudit.render.places import places_in
from osaudit.render.probejson import run_from_dict
from osaudit.resources import data_path
from osaudit.verdict import (
    SCORECARD_SCHEMA,
    Answer,
    Attested,
    AttestedBy,
    AttestedCell,
    DatasetLine,
    Duty,
    Finding,
    GoverningLicence,
    Label,
    Lineage,
    LineageEdge,
    LineageNode,
    LinkedLine,
    PackId,
    PackResult,
    Part,
    Score,
    Scorecard,
    UseAnswer,
    Verdict,
)

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

MAX_CHARACTERS = 256 * 1024 * 1024
_REMEDY = "write it again with `osaudit judge EVIDENCE -o FILE`"


def scorecards_from_json(text: str) -> tuple[Scorecard, ...]:
    """Read a JSON report of one model or of several; UsageError (one line) where it is none."""
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the scorecard is over {MAX_CHARACTERS // 2**20} MB: {_REMEDY}")
    try:
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the scorecard is not JSON ({plain(str(error), 120)}): {_REMEDY}") from error
    if isinstance(data, list):
        return tuple(scorecard_from_dict(row) for row in data if not _is_failure(row))
    return (scorecard_from_dict(data),)


def scorecard_from_dict(data: Any) -> Scorecard:  # noqa: ANN401 - JSON enters here
    """Build the scorecard that `scorecard_to_dict` wrote; UsageError (one line) where the data is no such thing."""
    _check(data)
    return Scorecard(
        model=data["model"],
        revision=data["revision"],
        commit=data["commit"],
        source=data["source"],
        collected_at=data["collected_at"],
        evidence_sha256=data["evidence_sha256"],
        tool_version=data["tool"]["version"],
        packs=tuple(_pack(pack) for pack in data["packs"]),
        label=_label(data["label"]),
        score=Score(low=float(data["score"]["low"]), high=float(data["score"]["high"])),
        licences=tuple((component, _licence(licence)) for component, licence in data["licence"].items()),
        verdicts=tuple(_verdict(verdict) for verdict in data["verdicts"]),
        conflicts=_findings(data["conflicts"]),
        obligations=tuple(map(_duty, data["obligations"])),
        risks=_findings(data["risks"]),
        unseen=tuple(Unseen(**unseen) for unseen in data["unseen"]),
        lineage=_lineage(data["lineage"]),
        datasets=tuple(map(_dataset, data["datasets"])),
        incomplete=data["incomplete"],
        results=tuple(map(_result, data.get("results", ()))),
        attestations=AttestedBy(**data["attestations"]) if data.get("attestations") else None,
        probe=data["probe"] and run_from_dict(data["probe"]),
        reread=data.get("reread", ""),
        unverified=tuple(data.get("unverified", ())),
        uses=tuple(map(_use, data.get("uses", ()))),
        linked=tuple(map(_linked, data.get("linked", ()))),
    )


def held(card: Scorecard, name: str = "the scorecard") -> Scorecard:
    """Hold a scorecard that was read to its verdicts: OsauditError where label or score are others.

    One of another version is marked, since it may have counted otherwise.
    """
    if not is_checkable(card):
        told = f"written by osaudit {plain(card.tool_version, 40)}: label and score stand as they were recorded"
        return card if told in card.unverified else replace(card, unverified=(*card.unverified, told))
    for words in misfits(card):
        raise OsauditError(f"{name}: {plain(card.model, 200)}: {words}: it was changed since it was written; {_REMEDY}")
    return card


def unjudged_in(text: str) -> tuple[str, ...]:
    """The models of a list that could not be judged, with what was told of each."""
    data = json.loads(text.removeprefix("\ufeff"))
    rows = [row for row in data if _is_failure(row)] if isinstance(data, list) else []
    return tuple(f"{row.get('model')}: {row['error'].get('message')}" for row in rows)


def _is_failure(row: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(row, dict) and isinstance(row.get("error"), dict) and "verdicts" not in row


def _label(data: dict[str, Any]) -> Label:
    attested = tuple(AttestedCell(**one) for one in data.get("attested", ()))
    lists = {"blocks": tuple(data["blocks"]), "asks": tuple(data.get("asks", ()))}
    return Label(**{**data, **lists, "attested": attested})


def _dataset(line: dict[str, Any]) -> DatasetLine:
    lists = {key: tuple(line.get(key, ())) for key in ("licences", "sources")}
    return DatasetLine(**{**line, **lists, "where": places_in(line["where"])})


def _linked(line: dict[str, Any]) -> LinkedLine:
    lists = {key: tuple(line[key]) for key in ("found", "lacks", "notes")}
    return LinkedLine(**{**line, **lists, "where": places_in(line["where"])})


def _check(data: Any) -> None:  # noqa: ANN401 - JSON
    if not isinstance(data, dict) or "schema" not in data or "verdicts" not in data:
        raise UsageError("this JSON is not a scorecard: write one with `osaudit audit MODEL -o FILE.json`")
    schema = data["schema"]
    if isinstance(schema, bool) or schema != SCORECARD_SCHEMA:
        shown = plain(str(schema), 40)
        raise UsageError(f"scorecard schema {shown} is not known here, {SCORECARD_SCHEMA} is: judge its evidence again")
    try:
        errors = sorted(_validator().iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
    except RecursionError as error:
        raise UsageError(f"the scorecard is nested too deeply: {_REMEDY}") from error
    if errors:
        raise UsageError(f"the scorecard is damaged ({_first_words(errors[0])}): {_REMEDY}")


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a tenth of a second, for those who read one back

    return Draft202012Validator(json.loads(data_path("reports", "scorecard.schema.json").read_text(encoding="utf-8")))


def _first_words(error: ValidationError) -> str:
    place = "/".join(str(part) for part in error.absolute_path)
    return plain(f"{place or 'top level'}: {plain(error.message, 160)}", 240)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _pack(data: dict[str, Any]) -> PackId:
    return PackId(**{**data, "titles": tuple(data["titles"].items())})


def _licence(data: dict[str, Any]) -> GoverningLicence:
    return GoverningLicence(**{**data, "where": places_in(data["where"]), "steps": tuple(data["steps"])})


def _result(data: dict[str, Any]) -> PackResult:
    progress = tuple(
        Part(**{**part, "low": _share(part["low"]), "high": _share(part["high"])}) for part in data["progress"]
    )
    return PackResult(**{**data, "progress": progress, "remarks": _findings(data["remarks"])})


def _share(percent: float | None) -> float | None:
    return None if percent is None else float(percent)


def _answer(data: dict[str, Any]) -> Answer:
    return Answer(
        outcome=data["outcome"],
        because=data["because"],
        where=places_in(data["where"]),
        basis=data["basis"],
        counted=data["counted"],
    )


def _attested(data: dict[str, Any] | None) -> Attested | None:
    return Attested(**{**data, "machine": _answer(data["machine"])}) if data else None


def _verdict(data: dict[str, Any]) -> Verdict:
    return Verdict(
        pack=data["pack"],
        criterion=data["criterion"],
        facet=data["facet"],
        question=data["question"],
        answer=_answer(data),
        weight=int(data["weight"]),
        remedy=data["remedy"],
        attestation=_attested(data.get("attestation")),
    )


def _findings(data: list[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**{**finding, "where": places_in(finding["where"])}) for finding in data)


def _duty(data: dict[str, Any]) -> Duty:
    """A duty; of scorecards from before there were ids, the finding that it was."""
    if "kind" in data:
        return Duty(data["kind"], data["because"], places_in(data["where"]), data.get("rule", ""))
    places = places_in(data["where"])
    return Duty(data["id"], data["text"], places, data["rule"], tuple(data["uses"]), data["who"])


def _use(data: dict[str, Any]) -> UseAnswer:
    return UseAnswer(**{**data, "conditions": tuple(data["conditions"]), "where": places_in(data["where"])})


def _lineage(data: dict[str, Any]) -> Lineage:
    return Lineage(
        nodes=tuple(LineageNode(**node) for node in data["nodes"]),
        edges=tuple(LineageEdge(**{**edge, "dropped": tuple(edge["dropped"])}) for edge in data["edges"]),
    )

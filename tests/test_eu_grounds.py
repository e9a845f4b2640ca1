"""Why the EU's exemption is off: each licence with a bar tells its own ground, with the clause, by its limits."""

from __future__ import annotations

import pytest
from evidence_builder import evidence_of

from osaudit.judge import judge
from osaudit.licences.grounds import grounds_of
from osaudit.licences.table import Licence, load_table
from osaudit.packs import load_pack

BARRED = ("non_commercial", "user_threshold", "revenue_threshold", "geographic_exclusion", "field_of_use_restriction")
LICENCES = [one for one in load_table().licences if one.limits and any(one.flags.get(flag) for flag in BARRED)]


@pytest.mark.parametrize("licence", LICENCES, ids=lambda one: one.key)
def test_every_bar_has_a_ground_of_its_own(licence: Licence) -> None:
    told = grounds_of(licence.limits)
    assert licence.eu.why == told or licence.eu.why not in {one.eu.why for one in LICENCES if one.key != licence.key}
    for limit in licence.limits:
        if limit.id in {"purpose", "threshold", "territory", "field", "hosting"}:
            assert f"({limit.clause})" in told, (licence.key, limit.id)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("llama2", "above 700,000,000 monthly active users"),
        ("cc-by-nc-4.0", "use for non-commercial purposes alone"),
        ("hunyuan-dit", "EU shut out (header, s1.l, s5.c)"),
        ("tii-falcon-llm-1.0", "only by permission and against a royalty"),
        ("falcon-180b", "hosting by an agreement of its own alone (s9.1-9.4)"),
        ("stabilityai-community", "revenue gate"),
    ],
)
def test_a_report_tells_the_ground(key: str, words: str) -> None:
    evidence = evidence_of({"texts": [{"path": "LICENSE", "keys": [key]}]})
    card = judge(evidence, load_pack(), load_table(), further=(load_pack("eu-ai-act"),))
    [found] = [v.answer for v in card.verdicts if v.criterion == "EU-83"]
    assert found.outcome == "fail"
    assert words in found.because


def test_closed_fields_alone_are_left_to_a_person() -> None:
    licence = load_table().get("openrail++")
    assert licence
    assert (licence.eu.v, licence.eu.para) == ("review", "80/84")
    assert licence.eu.why.startswith("fields of use closed, to be weighed as safety terms: unlawful use")

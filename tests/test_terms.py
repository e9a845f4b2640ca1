"""Who governs what: the order of the places, rivals, families, several licences, variants, and what bases hand down."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from evidence_builder import evidence_of
from made_evidence import FLAGS
from test_judge import OPEN, answer, judged, outcome

from osaudit.checks.flagged import FLAG_CRITERIA
from osaudit.checks.ruling import _passes_too, names_approved, ruling, worst
from osaudit.checks.terms import Terms, resolve
from osaudit.evidence import Component, Unclear
from osaudit.licences.table import load_table
from osaudit.verdict import Answer

APACHE, LLAMA = {"key": "apache-2.0"}, {"key": "llama2"}
MODEL_FILE = {"path": "LICENSE-MODEL", "component": "weights"}
CODE_FILE = {"path": "LICENSE-CODE", "component": "code"}


def terms(component: Component = "weights", **case: Any) -> Terms:
    return resolve(evidence_of(case), component, load_table())


def keys(found: Terms) -> list[str]:
    return [licence.key for licence in found.licences]


def said(name: str, component: str = "any", source: str = "card statement") -> dict[str, Any]:
    return {"source": source, "component": component, "name": name}


# --- the order of the places

ORDER: list[tuple[str, dict[str, Any]]] = [
    ("the component's own file", {"texts": [{**MODEL_FILE, "key": "llama2"}]}),
    ("the card's words about the component", {"claims": [said("gemma", "weights")]}),
    ("the repository's licence file", {"texts": [{"key": "mit"}]}),
    ("the gate's prompt", {"claims": [said("mrl-0.1", source="gate prompt")]}),
    ("the metadata", {"tag": "cc-by-4.0"}),
]
GOVERNING = ["llama2", "gemma", "mit", "mrl-0.1", "cc-by-4.0"]


@pytest.mark.parametrize("first", range(len(ORDER)), ids=[name for name, _ in ORDER])
def test_the_first_place_that_speaks_governs(first: int) -> None:
    case: dict[str, Any] = {"texts": [], "claims": []}
    for _, places in ORDER[first:]:
        for key, value in places.items():
            case[key] = [*case[key], *value] if key in case else value
    found = terms(**case)
    assert keys(found) == [GOVERNING[first]]
    assert found.steps[0].endswith("This governs.")
    assert len(found.steps) == len(ORDER) - first


def test_nothing_said_is_silence_and_a_place_that_could_not_be_read_is_not() -> None:
    assert terms().state == "silent"
    assert terms(card="unread").state == "unseen"
    assert terms(files="unknown").state == "unseen"
    assert terms(unseen=[{"what": "LICENSE", "why": "503"}]).state == "unseen"
    assert terms(unseen=[{"what": "paper.pdf", "why": "no paper is read"}]).state == "silent"
    assert terms(unseen=[{"what": "front matter", "why": "it is no YAML"}]).state == "unseen"
    assert terms(unseen=[{"what": "front matter", "why": "it is no YAML"}], claims=[said("mit", "weights")]).unread
    assert terms(unseen=[{"what": "https://maker.example/terms", "why": "the card refers to it"}]).state == "unseen"


@pytest.mark.parametrize(
    ("case", "state", "basis"),
    [
        ({"texts": [APACHE]}, "read", "licence text"),
        ({"tag": "apache-2.0"}, "declared", "declared by publisher"),
        ({"texts": [{"key": "mit", "match": "variant"}]}, "variant", "licence text"),
        ({"texts": [{"key": "mit", "residue": 1}]}, "variant", "licence text"),
        ({"texts": [{"residue": 80}]}, "unrecognised", "inferred"),
        ({"tag": "other"}, "unrecognised", "inferred"),
        ({"tag": "openrail"}, "several", "declared by publisher"),
    ],
)
def test_how_it_is_known(case: dict[str, Any], state: str, basis: str) -> None:
    found = terms(**case)
    assert (found.state, found.basis) == (state, basis)
    assert found.settled == (state in {"read", "declared"})


# --- rivals and conflicts

CONFLICTS: list[tuple[str, dict[str, Any], str]] = [
    ("tag against text", {"texts": [APACHE], "tag": "mit"}, "tag-text"),
    ("card against file", {"texts": [APACHE], "claims": [said("mit")]}, "card-text"),
    (
        "card's words on the weights against the file",
        {"texts": [APACHE], "claims": [said("mit", "weights")]},
        "card-text",
    ),
    ("card against tag", {"tag": "mit", "claims": [said("apache-2.0")]}, "card-tag"),
    ("gate against tag", {"tag": "mit", "claims": [said("llama2", source="gate prompt")]}, "gate-tag"),
    ("link against tag", {"tag": "mit", "license_link": "https://ai.google.dev/gemma/terms"}, "card-tag"),
    ("name against text", {"texts": [APACHE], "tag": "other", "license_name": "acme-research"}, "tag-text"),
    ("text against text", {"texts": [APACHE, {"path": "LICENSE.2", "key": "mit"}]}, "text-text"),
    ("a family and no version", {"tag": "gpl"}, "tag-family"),
]


@pytest.mark.parametrize(("case", "kind"), [pytest.param(*row[1:], id=row[0]) for row in CONFLICTS])
def test_sources_that_disagree_are_a_finding_with_both_places_and_no_pass(case: dict[str, Any], kind: str) -> None:
    found = terms(**case)
    assert kind in [finding.kind for finding in found.conflicts]
    assert not found.settled
    assert all(len(finding.where) >= 2 or kind == "tag-family" for finding in found.conflicts)
    for criterion in range(1, 11):
        passes = ruling(found, criterion).outcome == "pass"
        rivals = all(_passes_too(rival, found, criterion) for rival in found.rivals)
        assert not (passes and (not rivals or kind == "tag-family")), criterion
        assert not passes or {licence.verdict(criterion).v for licence in found.licences} == {"pass"}, criterion
    card = judged(**{"library": "transformers", **case})
    free = all(names_approved(rival, found) for rival in found.rivals) and all(
        licence.osi.approved for licence in found.licences
    )
    assert card.label.id == ("open-weights" if free and kind != "tag-family" else "weights-available")


AGREE: list[tuple[str, dict[str, Any]]] = [
    ("tag and text", {"texts": [APACHE], "tag": "apache-2.0"}),
    ("family tag and a member's text", {"texts": [{"key": "creativeml-openrail-m"}], "tag": "openrail"}),
    ("`other` points to the file", {"texts": [APACHE], "tag": "other"}),
    ("a name explained by the link", {"texts": [APACHE], "license_name": "x-1", "license_link": "./LICENSE"}),
    ("a component's file beside the other", {"texts": [{**MODEL_FILE, **LLAMA}, {"key": "mit"}], "tag": "llama2"}),
    ("a notice of others' licences", {"texts": [APACHE, {"path": "NOTICE", "component": "docs", "key": "gpl-3.0"}]}),
    ("the licence of the code alone", {"texts": [{**CODE_FILE, "key": "mit"}], "tag": "llama2"}),
    ("words on the code", {"tag": "llama2", "claims": [said("mit", "code")]}),
    ("an unknown name beside a licence that is closed anyway", {"texts": [LLAMA], "license_name": "acme-llama"}),
]  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(row[1], id=row[0]) for row in AGREE])
def test_sources_that_agree_raise_no_conflict(case: dict[str, Any]) -> None:
    found = terms(**case)
    assert found.conflicts == ()
    assert found.settled


def test_a_contradicted_fail_stands_and_a_contradicted_pass_does_not() -> None:
    found = terms(texts=[LLAMA], tag="apache-2.0")
    assert [ruling(found, n).outcome for n in (5, 6, 7)] == ["fail"] * 3
    assert ruling(found, 3).outcome == "pass", "the rival is approved and passes too"
    closed = terms(texts=[APACHE], tag="cc-by-nc-4.0")
    assert ruling(closed, 1).outcome == "review"
    assert "open until they agree" in ruling(closed, 1).because
    assert len(ruling(closed, 1).where) == 2


# --- names and texts


def test_a_permissive_tag_cannot_raise_an_unknown_text() -> None:
    card = judged(texts=[{"residue": 700}], tag="mit", library="transformers")
    assert {outcome(card, f"L{n}") for n in range(1, 11)} == {"review"}
    assert (card.label.id, card.label.at_best) == ("weights-available", "open-weights")


def test_a_restrictive_tag_lowers_an_unknown_text() -> None:
    card = judged(texts=[{"residue": 700}], tag="llama2")
    assert [outcome(card, cell) for cell in ("L5", "L6", "L7")] == ["fail"] * 3
    assert outcome(card, "L3") == "review"
    assert answer(card, "L6").basis == "declared by publisher"


def test_a_restrictive_text_outranks_a_permissive_tag() -> None:
    card = judged(texts=[LLAMA], tag="apache-2.0", library="transformers")
    assert [outcome(card, cell) for cell in ("L5", "L6", "L7", "W6")] == ["fail"] * 4
    assert card.label.at_best == "weights-available"


@pytest.mark.parametrize(("verbatim", "expected"), [(True, "fail"), (False, "review")])
def test_a_variant_keeps_a_fail_only_where_the_deciding_clause_stands_word_for_word(
    *,
    verbatim: bool,
    expected: str,
) -> None:
    found = terms(texts=[{"key": "llama2", "match": "variant", "clauses": [6], "verbatim": verbatim}])
    assert ruling(found, 6).outcome == expected
    assert {ruling(found, n).outcome for n in (1, 2, 3, 4, 5, 7, 8, 9, 10)} == {"review"}
    if verbatim:
        assert ruling(found, 6).where[0].quote == "a clause"


def test_a_clause_found_in_the_text_is_what_is_quoted() -> None:
    found = ruling(terms(texts=[{**LLAMA, "clauses": [6]}]), 6)
    assert found.basis == "osi-stated"
    assert [(place.quote, place.lines) for place in found.where] == [("a clause", (9, 9))]
    assert ruling(terms(texts=[{**LLAMA, "clauses": [6]}]), 7).basis == "licence text"


def test_no_variant_of_a_permissive_licence_passes_anything() -> None:
    for key in ("mit", "apache-2.0", "bsd-3-clause", "cc0-1.0", "openmdw-1.0"):
        found = terms(texts=[{"key": key, "match": "variant", "residue": 1}])
        assert {ruling(found, n).outcome for n in range(1, 11)} == {"review"}, key


def test_code_under_one_licence_and_weights_under_another() -> None:
    """Pitfall 4, both ways round."""
    case = {"texts": [{**CODE_FILE, "key": "mit"}, {**MODEL_FILE, "key": "deepseek"}], "tag": "other"}
    assert keys(terms("weights", **case)) == ["deepseek"]
    assert keys(terms("code", **case)) == ["mit"]
    card = judged(**case, library="transformers")
    assert (outcome(card, "L6"), card.label.id) == ("fail", "weights-available")
    only_code = {"texts": [{**CODE_FILE, "key": "mit"}]}
    assert terms("weights", **only_code).state == "silent"
    assert terms("weights", claims=[said("mit", "code")]).state == "silent"
    assert keys(terms("weights", **only_code, claims=[said("gemma", "weights")])) == ["gemma"]


def test_the_text_of_a_part_or_of_a_folder_neither_frees_the_rest_nor_is_overlooked() -> None:
    flux = {"path": "LICENSE.md", "key": "flux-1-dev-nc"}
    for path in ("vae/LICENSE", "text_encoder/LICENSE.txt", "LICENSE-VAE"):
        part = {"path": path, "key": "mit", "component": "weights"}
        assert terms(texts=[part, flux]).state == "several", path
        assert judged(texts=[part, flux], library="diffusers").label.id == "weights-available"
    hidden = {"path": "legal/LICENSE", "key": "llama2"}
    assert outcome(judged(texts=[hidden], tag="apache-2.0"), "L6") == "fail"


# --- several licences at once


@pytest.mark.parametrize("tag", ["mit or apache-2.0", "(MIT AND Apache-2.0)", "mit, apache-2.0", "mit/apache-2.0"])
def test_a_choice_of_approved_licences_is_open_whichever_is_taken(tag: str) -> None:
    card = judged(**{**OPEN, "tag": tag})
    assert (outcome(card, "L6"), card.label.id) == ("pass", "open-weights")


EXPRESSIONS = {
    "Apache-2.0 OR MIT": ("declared", ["apache-2.0"], "open-weights", "pass"),
    "CC-BY-NC-4.0 OR MIT": ("declared", ["mit"], "open-weights", "pass"),
    "LicenseRef-acme OR MIT": ("declared", ["mit"], "open-weights", "pass"),
    "(MIT AND CC-BY-NC-4.0) OR (Apache-2.0 AND ISC)": ("joint", ["apache-2.0", "isc"], "open-weights", "pass"),
    "(Apache-2.0 OR MIT) AND CC-BY-NC-4.0": ("joint", ["apache-2.0", "cc-by-nc-4.0"], "weights-available", "fail"),
    "Apache-2.0 AND MIT": ("joint", ["apache-2.0", "mit"], "open-weights", "pass"),
    "Apache-2.0 AND CC-BY-4.0": ("joint", ["apache-2.0", "cc-by-4.0"], "weights-available", "pass"),
    "Apache-2.0 AND CC-BY-NC-4.0": ("joint", ["apache-2.0", "cc-by-nc-4.0"], "weights-available", "fail"),
    "MIT AND LicenseRef-acme": ("unrecognised", ["mit"], "weights-available", "review"),
    "CC-BY-NC-4.0 AND LicenseRef-acme": ("unrecognised", ["cc-by-nc-4.0"], "weights-available", "fail"),
    "MIT AND LicenseRef-llama3": ("joint", ["mit", "llama3"], "weights-available", "fail"),
    "LicenseRef-MIT": ("unrecognised", [], "weights-available", "review"),
    "EPL-2.0 WITH Classpath-exception-2.0": ("declared", ["epl-2.0"], "open-weights", "pass"),
    "EPL-2.0 WITH Acme-exception-1.0": ("unrecognised", [], "weights-available", "review"),
    "EPL-2.0 WITH Acme-exception-1.0 OR MIT": ("declared", ["mit"], "open-weights", "pass"),
}


@pytest.mark.parametrize("source", ["front matter", "licence name", "card statement", "file header"])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_or_leaves_a_choice_and_and_makes_all_hold(expression: str, source: str) -> None:
    state, governing, label, uses = EXPRESSIONS[expression]
    claims = [said(expression, source=source)]
    found = terms(claims=claims)
    assert (found.state, keys(found)) == (state, governing)
    card = judged(**{**OPEN, "tag": "other"}, claims=claims)
    assert (card.label.id, outcome(card, "L6")) == (label, uses)


def test_a_choice_is_said_in_sentence_name_and_steps() -> None:
    found = terms(tag="CC-BY-NC-4.0 OR MIT")
    assert "chosen from CC-BY-NC-4.0 OR MIT" in found.name
    assert "CC-BY-NC-4.0 OR MIT leaves the choice" in found.steps[-1]
    assert ruling(found, 6).because.startswith("By the choice that CC-BY-NC-4.0 OR MIT leaves, MIT")
    joint = terms(tag="MIT AND CC-BY-NC-4.0")
    assert "strictest" in joint.steps[-1]
    assert ruling(joint, 6).because.startswith("CC BY-NC 4.0")


def test_one_alternative_is_taken_for_all_criteria() -> None:
    """Nobody may sell by one licence what another, which forbids to sell, leaves him to alter."""
    found = terms(tag="CC-BY-NC-4.0 OR CC-BY-ND-4.0")
    outcomes = [ruling(found, n).outcome for n in (1, 3, 6)]
    assert keys(found) == ["cc-by-nc-4.0"] or keys(found) == ["cc-by-nd-4.0"]
    assert "fail" in outcomes


def test_an_expression_explains_the_texts_that_it_names() -> None:
    both = [{"key": "mit", "path": "LICENSE-MIT"}, {"key": "apache-2.0", "path": "LICENSE-APACHE"}]
    found = terms(texts=both, tag="MIT OR Apache-2.0")
    assert (found.state, found.basis, found.conflicts) == ("read", "licence text", ())
    assert terms(texts=both, tag="MIT AND Apache-2.0").state == "joint"
    assert terms(texts=both).state == "several"
    assert [finding.kind for finding in terms(texts=both).conflicts] == ["text-text"]
    altered = [both[0], {**both[1], "match": "variant", "residue": 3}]
    assert terms(texts=altered, tag="MIT OR Apache-2.0").state == "variant"


def test_a_choice_with_a_text_is_no_conflict_and_what_holds_beside_the_text_is() -> None:
    assert not terms(texts=[APACHE], tag="MIT OR Apache-2.0").rivals
    assert not terms(texts=[APACHE], tag="MIT AND Apache-2.0").rivals
    for tag in ("Apache-2.0 AND CC-BY-NC-4.0", "apache-2.0, cc-by-nc-4.0", "Apache-2.0 AND LicenseRef-acme"):
        found = terms(texts=[APACHE], tag=tag)
        assert ruling(found, 6).outcome == "review", tag
        assert [finding.kind for finding in found.conflicts] == ["tag-text"]


def test_a_name_without_a_version_contradicts_no_version() -> None:
    text = {"texts": [{"key": "llama3.1"}]}
    assert not terms(**text, claims=[{**said("the LLaMA license"), "keys": ["llama1"]}]).rivals
    assert terms(**text, claims=[{**said("the LLaMA 1 license"), "keys": ["llama1"]}]).rivals
    assert terms(**text, claims=[{**said("the Gemma license"), "keys": ["gemma"]}]).rivals


def test_a_choice_that_somebody_contradicts_is_none() -> None:
    found = terms(tag="MIT OR CC-BY-NC-4.0", license_name="CC-BY-NC-4.0 OR Apache-2.0")
    assert found.state == "several"
    assert ruling(found, 6).outcome == "review"


@pytest.mark.parametrize("tag", ["apache-2.0, llama2", "mit, openrail", "mit OR"])
def test_a_list_with_one_closed_licence_is_for_a_person(tag: str) -> None:
    card = judged(**{**OPEN, "tag": tag})
    assert (outcome(card, "L6"), card.label.id) == ("review", "weights-available")


@pytest.mark.parametrize(
    "tag",
    [
        "Apache-2.0 WITH Commons-Clause",
        "apache-2.0-nc",
        "MIT (research only)",
        "apache-2.0 non-commercial",
        "mit + acme",
        "modified-mit",
    ],
)
def test_a_name_with_something_added_is_no_known_licence(tag: str) -> None:
    card = judged(**{**OPEN, "tag": tag})
    assert terms(tag=tag).state == "unrecognised"
    assert (outcome(card, "L6"), card.label.id) == ("review", "weights-available")


@pytest.mark.parametrize("tag", ["gpl", "lgpl", "bsd", "cc", "gfdl", "openrail"])
def test_a_family_is_never_read_as_one_of_its_versions(tag: str) -> None:
    found = terms(tag=tag)
    assert found.state == "several"
    assert {ruling(found, n).outcome for n in range(1, 11)} <= {"review", "fail"}


def test_hub_bsl_is_boost() -> None:
    assert keys(terms(tag="bsl-1.0")) == ["bsl-1.0"]
    assert judged(**{**OPEN, "tag": "bsl-1.0"}).label.id == "open-weights"


def test_the_models_own_text_explains_a_generic_name() -> None:
    text = {"texts": [{**MODEL_FILE, "key": "mit"}], "claims": [said("Model License", "weights")]}
    assert terms(**text).rivals == ()
    other = {**text, "claims": [said("Sparrow Licence", "weights")]}
    assert terms(**other).rivals != ()


# --- what bases hand down


def derived(base: dict[str, Any], **more: Any) -> Any:
    return judged(**OPEN, bases=[{"name": "else/base-lm", **more, "is": base}])


def test_a_bases_terms_come_along_where_the_metadata_names_it() -> None:
    card = derived({"tag": "llama2"})
    assert [outcome(card, cell) for cell in ("L5", "L6", "L7", "W6", "W7")] == ["fail"] * 5
    assert card.label.at_best == "weights-available"
    assert answer(card, "L6").where[0].path == "README.md"
    (conflict,) = [finding for finding in card.conflicts if finding.kind.startswith("lineage")]
    assert "else/base-lm" in conflict.because
    assert [node.id for node in card.lineage.nodes] == ["acme/tiny-lm", "else/base-lm"]
    assert card.lineage.edges[0].dropped


def test_a_licence_that_is_named_beside_another_is_not_dropped() -> None:
    base = {"name": "else/base-lm", "is": {"tag": "creativeml-openrail-m"}}
    both = [said("creativeml-openrail-m", "weights"), said("Sparrow Licence", "weights")]
    kinds = [finding.kind for finding in judged(**{**OPEN, "claims": both}, bases=[base]).conflicts]
    assert "card-tag" in kinds
    assert "lineage-drops-terms" not in kinds
    deeper = {"tag": "creativeml-openrail-m", "bases": [{"name": "first/base", "is": {"tag": "llama2"}}]}
    found = judged(**{**OPEN, "claims": both}, bases=[{"name": "else/base-lm", "is": deeper}]).conflicts
    (dropped,) = [finding for finding in found if finding.kind == "lineage-drops-terms"]
    assert "OSD-5" in dropped.because


def test_a_guessed_base_lowers_to_review_at_most() -> None:
    card = derived({"tag": "llama2"}, confidence="low", named_by="card")
    assert [outcome(card, cell) for cell in ("L5", "L6", "L7")] == ["review"] * 3
    assert (card.label.id, card.label.at_best) == ("weights-available", "open-weights")
    assert answer(card, "L6").basis == "inferred"


@pytest.mark.parametrize("relation", ["finetune", "merge", "adapter", "quantized", "unknown"])
def test_every_relation_hands_down(relation: str) -> None:
    assert outcome(derived({"tag": "gemma"}, relation=relation), "L6") == "fail"


def test_the_strictest_of_several_bases_counts() -> None:
    bases = [{"name": "else/one", "is": {"tag": "mit"}}, {"name": "else/two", "is": {"tag": "cc-by-nc-4.0"}}]
    card = judged(**OPEN, bases=bases)
    assert [outcome(card, cell) for cell in ("L1", "L6", "L5")] == ["fail", "fail", "pass"]


def test_a_base_without_a_licence_grants_nothing() -> None:
    assert outcome(derived({}), "L3") == "fail"
    assert derived({}).label.id == "weights-available"


def test_an_unseen_base_of_another_owner_holds_down_and_the_owners_own_does_not() -> None:
    others = judged(**OPEN, bases=[{"name": "else/base-lm", "unseen": "gated"}])
    assert (outcome(others, "W3"), others.label.id, others.label.at_best) == (
        "review",
        "weights-available",
        "open-weights",
    )
    assert others.conflicts == ()
    assert "the base model else/base-lm" in [item.what for item in others.unseen]
    own = judged(**OPEN, bases=[{"name": "Acme/base-lm", "unseen": "gated"}])
    assert (outcome(own, "W3"), own.label.id) == ("pass", "open-weights")


def test_the_owners_own_base_may_have_other_terms_but_not_what_it_was_made_from() -> None:
    own = judged(**OPEN, bases=[{"name": "acme/base-lm", "is": {"tag": "cc-by-nc-4.0"}}])
    assert own.label.id == "open-weights"
    through = {"tag": "apache-2.0", "bases": [{"name": "else/base-lm", "is": {"tag": "llama2"}}]}
    card = judged(**OPEN, bases=[{"name": "acme/base-lm", "is": through}])
    assert (outcome(card, "L6"), card.label.id) == ("fail", "weights-available")


def test_what_a_bases_card_gate_and_policy_add_comes_along() -> None:
    words = {"tag": "mit", "statements": [{"kind": "restriction", "value": "non_commercial"}]}
    assert outcome(derived(words), "L6") == "review"
    policy = {
        "tag": "mit",
        "texts": [{"path": "USE_POLICY.md", "component": "policy", "restrictions": ["acceptable_use_policy"]}],
    }
    assert outcome(derived(policy), "L6") == "review"
    assert derived(policy).label.id == "weights-available"


@pytest.mark.parametrize("flag", FLAGS)
def test_no_closing_words_of_card_or_policy_leave_the_weights_open(flag: str) -> None:
    card = judged(**OPEN, statements=[{"kind": "restriction", "value": flag}])
    assert (card.label.id, card.label.at_best) == ("weights-available", "open-weights")
    policy = {"path": "USE_POLICY.md", "component": "policy", "restrictions": [flag], "text": "short"}
    assert judged(**OPEN, texts=[{"key": "apache-2.0"}, policy]).label.id == "weights-available"


def test_share_alike_terms_of_a_base_are_not_cleared_by_a_tag() -> None:
    card = derived({"tag": "cc-by-sa-4.0"})
    assert card.label.id == "weights-available"
    assert [finding.kind for finding in card.obligations].count("share-alike") == 1


# --- small parts


def test_every_flag_of_the_table_that_closes_something_touches_a_criterion() -> None:
    closing = (
        "non_commercial field_of_use_restriction acceptable_use_policy output_use_restriction user_threshold "
        "revenue_threshold geographic_exclusion registration_required hosting_restriction"
    )
    assert set(closing.split()) <= set(FLAG_CRITERIA)
    flags = {name for licence in load_table().licences for name in licence.flags}
    of_words = {"no_derivatives", "no_redistribution", *get_args(Unclear)}
    assert set(FLAG_CRITERIA) - flags == of_words, "flags of words, not of the table"
    for licence in load_table().licences:
        for flag, criteria in FLAG_CRITERIA.items():
            if criteria and licence.flags.get(flag) and licence.verified == "text":
                assert any(licence.verdict(n).v != "pass" for n in criteria), (licence.key, flag)


def test_answers_combine_to_the_worst_with_every_sentence_once() -> None:
    one, two = Answer("review", "One."), Answer("review", "Two.")
    assert worst([one, Answer("pass", "Fine.")]) == one
    assert worst([one, two, one]).because == "One. Two."
    assert worst([Answer("fail", "No."), one]).because == "No."
    assert worst([Answer("partial", "Half."), Answer("not_applicable", "None.", counted=False)]).outcome == "partial"

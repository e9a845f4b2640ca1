"""Words that close a use bind wherever they stand in a card; advice, and words on data or tests, do not."""

from __future__ import annotations

import pytest
from made_snapshots import WHEN, snapshot_of

from osaudit.evidence import Evidence, Seen
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot

OLMO_LIKE = (
    "This model was tuned on a mix that holds outputs of third party models and is subject to additional terms: those "
    "of Acme."
)

CLOSING = {
    "## Out-of-scope use\nCommercial use is prohibited.": "non_commercial",
    "# Restrictions\nThis model may only be used for non-commercial purposes.": "non_commercial",
    "# Usage restrictions\nYou may not use the model for commercial purposes.": "non_commercial",
    "# Prohibited uses\nCommercial use is prohibited.": "non_commercial",
    "## Prohibited uses\nYou may not use this model for surveillance.": "field_of_use_restriction",
    "## Restrictions\nYou may not use this model in the European Union.": "geographic_exclusion",
    "# Out-of-Scope Use\nUse of this model for commercial purposes is not licensed.": "non_commercial",
    "# Evaluation\nThe model is licensed for non-commercial use only.": "non_commercial",
    "# Citation\nPlease cite us. Commercial use is not permitted.": "non_commercial",
    "# Training data\nThe model may only be used for non-commercial purposes.": "non_commercial",
    "## Training data\nThe data are crawled, the model weights are therefore for non-commercial use only.": (
        "non_commercial"
    ),
    "# Wren\nFree for companies with less than 100 employees.": "user_threshold",
    "# Wren\nCompanies with more than 100 employees need a commercial licence.": "user_threshold",
    "# Wren\nUse is free for individuals; businesses need to contact us for a license.": "registration_required",
    "# Wren\nProhibited: commercial use, military use.": "non_commercial",
    "# Wren\nAccess to weights is granted upon request and signing of an agreement.": "registration_required",
    "# Wren\nAccess requires signing a licence agreement with us.": "registration_required",
    "# Wren\nUso exclusivamente académico; prohibido su uso comercial.": "non_commercial",
    "# Wren\nThe model may not be used\n\n- for military purposes\n- by companies": "field_of_use_restriction",
    f"# Wren\n{OLMO_LIKE}": "acceptable_use_policy",
    "# Wren\nYou are free to use this model for personal projects only.": "field_of_use_restriction",
    "# Wren\nWeights are shared for reproducibility of our paper only.": "field_of_use_restriction",
    "# Wren\nNo military use.": "field_of_use_restriction",
    "# Wren\nThis is a preview; it must not be used in production.": "field_of_use_restriction",
    "# Wren\nUse in medical devices is strictly forbidden.": "field_of_use_restriction",
    "# Wren\nLicensed to academic institutions only.": "field_of_use_restriction",
    "# Wren\nSolo para uso académico y de investigación.": "field_of_use_restriction",
    "# Wren\nEndast för forskningsändamål.": "field_of_use_restriction",
    "# Wren\nUsage non commercial uniquement.": "non_commercial",
    "# Wren\nThe model is open for research. Commercial users: email us.": "registration_required",
    "# Wren\nFor commercial licensing see our page.": "registration_required",
    "# Wren\nCommercial licence available on request.": "registration_required",
    "# Wren\nAny use by companies requires prior approval.": "registration_required",
    "# Wren\nA fee applies to commercial use.": "registration_required",
    "# Wren\nRoyalties are due for commercial deployments.": "registration_required",
    "# Wren\nContact sales for production use.": "registration_required",
    "# Wren\nCommercial use allowed for companies below $1M revenue.": "revenue_threshold",
    "# Wren\nFree for startups under 10 employees.": "user_threshold",
    "# Wren\nOnly users in the United States may download the model.": "geographic_exclusion",
    "# Wren\nNot available to persons under 18.": "geographic_exclusion",
    "# Wren\nUse is subject to our Terms of Service.": "acceptable_use_policy",
    "# Wren\nUse for training competing models is not allowed.": "output_use_restriction",
    "# Wren\nYou can't use outputs to train other LLMs.": "output_use_restriction",
    "# Wren\nYou may not reverse engineer or modify the model.": "no_derivatives",
}
OPEN = (
    "## Out-of-scope use\nThe model should not be used for harmful purposes. Do not use it for medical advice.",
    "## Out-of-scope use\nThe model may not be used:\n\n- to harm minors",
    "## Evaluation\nThe benchmark may not be used commercially; the model scores 80.",
    "## Training data\nThe dataset is for non-commercial use only.",
    "## Training data\nThe images are licensed for research only.",
    "## Citation\nThe paper is licensed under CC BY-NC 4.0 and may not be used commercially.",
    "# Wren\nThe model was tested by companies with more than 100 employees.",
    "# Wren\nCommercial use is allowed, without a fee.",
    "# Wren\nUse of the model in production is described below.",
    "# Wren\nThe model may be used by anyone, companies included.",
    "# Wren\nOnly the encoder is available.",
    "# Wren\nAccess to the weights requires a recent version of the library.",
)


def read(body: str) -> Evidence:
    return read_snapshot(snapshot_of(f"---\nlicense: apache-2.0\n---\n{body}\n", repo="maker/wren"), collected_at=WHEN)


def restrictions(evidence: Evidence) -> list[str]:
    assert isinstance(evidence.card, Seen)
    return [statement.value for statement in evidence.card.value.statements if statement.kind == "restriction"]


@pytest.mark.parametrize(("body", "flag"), CLOSING.items())
def test_words_that_bind_are_read_under_any_heading(body: str, flag: str) -> None:
    evidence = read(body)
    assert flag in restrictions(evidence)
    card = judge(evidence, load_pack(), load_table())
    assert any("adds words of its own" in verdict.answer.because for verdict in card.verdicts)


@pytest.mark.parametrize("body", OPEN)
def test_advice_and_words_on_something_else_do_not(body: str) -> None:
    assert restrictions(read(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        "Delta weights; apply on top of original LLaMA weights.",
        "These are delta weights. They must be applied on top of the original LLaMA-13B weights.",
    ],
)
def test_delta_weights_stand_on_the_model_that_they_are_applied_to(body: str) -> None:
    assert [base.name.partition("-")[0] for base in read(f"# Wren\n{body}").bases] == ["LLaMA"]


@pytest.mark.parametrize(
    ("words", "touched"),
    [
        ("Commercial use requires a separate licence from us.", {"OSD-6", "OSD-7"}),
        ("For commercial use, please contact us to obtain a license.", {"OSD-6", "OSD-7"}),
        ("Access requires signing a licence agreement with us.", {"OSD-7"}),
    ],
)
def test_an_agreement_for_trade_alone_closes_a_field_of_use_too(words: str, touched: set[str]) -> None:
    card = judge(read(f"# Wren\n{words}"), load_pack(), load_table())
    told = {verdict.criterion for verdict in card.verdicts if "adds words of its own" in verdict.answer.because}
    assert told == touched

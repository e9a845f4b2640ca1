"""Words of a card that close a use, a place or the passing on, in the wordings and languages that cards have."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of

from osaudit.evidence import Seen, Statement

CLOSED = [
    ("Research use only.", "field_of_use_restriction"),
    ("Research only.", "field_of_use_restriction"),
    ("Commercial use: not permitted.", "non_commercial"),
    ("Commercial use: \N{CROSS MARK}", "non_commercial"),
    ("| Property | Value |\n|---|---|\n| Commercial use | No |", "non_commercial"),
    ("本モデルの商用利用はご遠慮ください。", "non_commercial"),
    ("Model này không được dùng cho mục đích thương mại.", "non_commercial"),
    ("Model ini tidak boleh dipakai secara komersial.", "non_commercial"),
    ("Military use is forbidden.", "field_of_use_restriction"),
    ("We do not permit surveillance applications of this model.", "field_of_use_restriction"),
    ("We prohibit the use of this model for surveillance.", "field_of_use_restriction"),
    ("Use of the model for illegal or harmful purposes is prohibited.", "field_of_use_restriction"),
    ("Unauthorized voice cloning is strictly prohibited.", "field_of_use_restriction"),
    ("By using this model, you agree to only speak with voices of your own.", "field_of_use_restriction"),
    ("Free for personal and academic use.", "field_of_use_restriction"),
    ("Only universities may use this model.", "field_of_use_restriction"),
    ("Ce modèle est réservé à la recherche.", "field_of_use_restriction"),
    ("Este modelo é apenas para uso acadêmico.", "field_of_use_restriction"),
    ("Companies need a paid licence.", "registration_required"),
    ("Enterprises must purchase a license.", "registration_required"),
    ("Production use requires a licence from the authors.", "registration_required"),
    ("You need to register before using this model.", "registration_required"),
    ("Use with more than 100 million users requires a separate licence.", "user_threshold"),
    ("The weights are bound by the use-based restrictions of a RAIL licence.", "acceptable_use_policy"),
    ("This model may not be redistributed.", "no_redistribution"),
    ("You may not create derivative works of this model.", "no_derivatives"),
    ("Modification of the model is not permitted.", "no_derivatives"),
    ("Due to the license of the dataset, commercial use is not allowed.", "non_commercial"),
    ("Since it was trained on scraped data, this model cannot be used commercially.", "non_commercial"),
    ("The data are for non-commercial use only, so the model inherits this restriction.", "non_commercial"),
    ("Licensed for evaluation only.", "field_of_use_restriction"),
    ("Use in weapons is forbidden.", "field_of_use_restriction"),
    ("研究目的でのみ使用できます。", "field_of_use_restriction"),
    ("연구 목적으로만 사용하세요.", "field_of_use_restriction"),
    ("Commercial use requires a paid license.", "registration_required"),
    ("If you want to use it commercially, you need our permission.", "registration_required"),
    ("A commercial license is available on request.", "registration_required"),
    ("Commercial usage needs prior written approval.", "registration_required"),
    ("Only registered users may use the model.", "registration_required"),
    ("Companies with more than $1M in annual revenue must buy a license.", "revenue_threshold"),
    ("Organisations with revenue above 10 million USD need a separate agreement.", "revenue_threshold"),
    ("Residents of the European Union may not use this model.", "geographic_exclusion"),
    ("The rights granted do not extend to entities in the EU.", "geographic_exclusion"),
    ("You may not redistribute the weights.", "no_redistribution"),
    ("Redistribution is prohibited.", "no_redistribution"),
    ("Derivatives are not allowed.", "no_derivatives"),
    ("You may not fine-tune this model.", "no_derivatives"),
    ("As it was trained with GPT-4 outputs, it cannot be used to compete with OpenAI.", "output_use_restriction"),
    ("Subject to OpenAI's terms of use on outputs.", "output_use_restriction"),
    ("This model inherits the license of LLaMA, which is for non-commercial research.", "non_commercial"),
    ("Questo modello è solo per uso non commerciale.", "non_commercial"),
    ("L'uso commerciale è vietato.", "non_commercial"),
    ("Uso comercial não é permitido.", "non_commercial"),
    ("Kommerzielle Nutzung ist untersagt.", "non_commercial"),
    ("Utilisation commerciale interdite.", "non_commercial"),
    ("Alleen voor niet-commercieel gebruik.", "non_commercial"),
    ("Tylko do użytku niekomercyjnego.", "non_commercial"),
    ("Ticari kullanım yasaktır.", "non_commercial"),
    ("Chỉ dành cho mục đích phi thương mại.", "non_commercial"),
    ("Hanya untuk penggunaan non-komersial.", "non_commercial"),
    ("Коммерческое использование запрещено.", "non_commercial"),
    ("商用利用は禁止です。", "non_commercial"),
    ("상업적 사용을 금지합니다.", "non_commercial"),
    ("للاستخدام غير التجاري فقط.", "non_commercial"),
    ("केवल गैर-व्यावसायिक उपयोग के लिए।", "non_commercial"),
]
OPEN = [
    "It may be used commercially.",
    "Commercial use is allowed.",
    "Commercial use: yes",
    "| Use | Twig | Reed |\n|---|---|---|\n| Commercial use | No | Yes |",
    "This licence does not restrict commercial use.",
    "Free for research and commercial use.",
    "Companies need a fast model.",
    "Military history questions are answered well.",
    "Users must comply with applicable laws and regulations.",
    "Users are required to comply with all applicable laws in their country.",
    "It was evaluated on texts of the European Union; others were not available.",
    "The data set is for non-commercial use only, so we left it out.",
    "The model was trained on research papers only.",
    "Fine-tuning is not needed for most tasks.",
    "It was evaluated on EU legislation, which may not be in the training data.",
    "Do not redistribute the twig corpus.",
    "The company had revenue of $10 million.",
    "This model can compete with much larger ones.",
    "We only study research code.",
    "Modifications of the tokenizer are described below.",
]


def restrictions(text: str) -> list[Statement]:
    card = evidence_of(f"# Sparrow\n\n{text}\n", repo="maker/sparrow-7b").card
    assert isinstance(card, Seen)
    return [statement for statement in card.value.statements if statement.kind == "restriction"]


@pytest.mark.parametrize(("text", "flag"), CLOSED)
def test_words_that_close(text: str, flag: str) -> None:
    assert flag in {statement.value for statement in restrictions(text)}


@pytest.mark.parametrize("text", OPEN)
def test_words_that_close_nothing(text: str) -> None:
    assert restrictions(text) == []


@pytest.mark.parametrize(
    "text", ["LLaMA may not be redistributed, nor its weights.", "The twig corpus: research use only."]
)
def test_words_of_something_else_close_nothing(text: str) -> None:
    assert all(statement.subject == "data" for statement in restrictions(f"## Training data\n\n{text}"))

"""Weights under one licence and code under another: in files, folders and sentences, in English, Chinese and French."""

from __future__ import annotations

from pathlib import Path

import pytest
from licence_samples import TEXTS, needs_texts

from osaudit.checks.terms import Terms, resolve
from osaudit.codec import digest
from osaudit.evidence import Component
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.sources.folder import fetch_folder

MIT, APACHE, NC = "spdx/MIT.txt", "spdx/Apache-2.0.txt", "spdx/CC-BY-NC-4.0.txt"
LLAMA, RAIL = "ai/llama3.1.txt", "ai/creativeml-openrail-m.txt"
BARE = "# Heron\n"


def governing(folder: Path, component: Component, files: dict[str, str]) -> Terms:
    for path, words in {"model.safetensors": "x", **files}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        text = (TEXTS / words).read_text("utf-8") if words in {MIT, APACHE, NC, LLAMA, RAIL} else words
        (folder / path).write_text(text, encoding="utf-8")
    evidence = read_snapshot(fetch_folder(folder), collected_at="2026-01-01T00:00:00Z")
    return resolve(evidence, component, load_table())


def keys(terms: Terms) -> list[str]:
    return [licence.key for licence in terms.licences]


FILES = [
    ({"LICENSE-CODE": MIT, "LICENSE-MODEL": LLAMA}, "llama3.1", "mit"),
    ({"LICENSE": APACHE, "MODEL_LICENSE": LLAMA}, "llama3.1", "apache-2.0"),
    ({"LICENSE.code": MIT, "LICENSE.weights": NC}, "cc-by-nc-4.0", "mit"),
    ({"LICENSE_CODE": MIT, "LICENSE": NC}, "cc-by-nc-4.0", "mit"),
    ({"code/LICENSE": MIT, "weights/LICENSE": NC}, "cc-by-nc-4.0", "mit"),
    ({"LICENSE": MIT, "model/LICENSE.txt": NC}, "cc-by-nc-4.0", "mit"),
    ({"licenses/CODE_LICENSE.md": APACHE, "licenses/WEIGHTS_LICENSE.md": RAIL}, "creativeml-openrail-m", "apache-2.0"),
    ({"LICENSE": MIT, "DATA_LICENSE": NC}, "mit", "mit"),
    ({"LICENSE": MIT, "third_party/x/LICENSE": NC}, "mit", "mit"),
]


@needs_texts
@pytest.mark.parametrize(("files", "weights", "code"), FILES)
def test_files_and_folders(files: dict[str, str], weights: str, code: str, tmp_path: Path) -> None:
    made = {"README.md": "---\nlicense: other\n---\n" + BARE, **files}
    terms = governing(tmp_path / "heron", "weights", made)
    assert keys(terms) == [weights]
    assert any("This governs" in step for step in terms.steps)
    assert keys(governing(tmp_path / "heron", "code", made)) == [code]


SENTENCES = [
    "The code is licensed under MIT, the model weights under CC BY-NC 4.0.",
    "The weights are licensed under CC BY-NC 4.0 and the code is licensed under MIT.",
    "The source code is distributed under the MIT license; the pretrained models are distributed under CC BY-NC 4.0.",
    "While our code is MIT-licensed, use of the model weights is subject to CC BY-NC 4.0.",
    "- Code: MIT\n- Weights: CC-BY-NC-4.0",
    "| Component | License |\n|---|---|\n| Code | MIT |\n| Weights | CC-BY-NC-4.0 |",
    "### Model License\n\nCC BY-NC 4.0\n\n### Code License\n\nMIT",
    "Code License: MIT\n\nModel License: CC-BY-NC 4.0",
    "代码采用 MIT 许可证，模型权重采用 CC BY-NC 4.0 许可证。",
    "本仓库的代码依照 MIT 协议开源，模型的权重的使用则需要遵循 CC BY-NC 4.0。",
    "Le code est sous licence MIT, les poids du modèle sous licence CC BY-NC 4.0.",
    "Le code source est distribué sous licence MIT. Les poids sont distribués sous licence CC BY-NC 4.0.",
]


@pytest.mark.parametrize("words", SENTENCES)
def test_sentences_of_a_card(words: str, tmp_path: Path) -> None:
    made = {"README.md": f"---\nlicense: mit\n---\n{BARE}\n## License\n\n{words}\n"}
    assert keys(governing(tmp_path / "heron", "weights", made)) == ["cc-by-nc-4.0"]
    assert keys(governing(tmp_path / "heron", "code", made)) == ["mit"]


def test_a_short_verb_under_a_licence_heading(tmp_path: Path) -> None:
    words = "Our code is Apache 2.0 while the checkpoints are CC-BY-NC-SA 4.0."
    made = {"README.md": f"{BARE}\n## License\n\n{words}\n"}
    assert keys(governing(tmp_path / "heron", "weights", made)) == ["cc-by-nc-sa-4.0"]


@needs_texts
def test_a_link_within_the_repository_leads_to_the_text(tmp_path: Path) -> None:
    front = "---\nlicense: other\nlicense_name: heron\nlicense_link: {}\n---\n"
    for number, link in enumerate(("docs/terms.txt", "https://huggingface.co/x/heron/blob/main/docs/terms.txt")):
        made = {"README.md": front.format(link) + BARE, "docs/terms.txt": NC}
        assert keys(governing(tmp_path / str(number) / "heron", "weights", made)) == ["cc-by-nc-4.0"]


# --- a use policy beside the licence, or behind an address in it

POLICY = (
    "Use policy. You agree not to use Heron for weapons. The rights to any multimodal models are not granted to "
    "persons domiciled in the European Union.\n"
)


@needs_texts
def test_a_policy_that_adds_a_territory_is_a_conflict_and_quoted(tmp_path: Path) -> None:
    """The EU exclusion of Llama 3.2 stands in its policy and not in its licence."""
    licence = (TEXTS / "ai/llama3.2.txt").read_text("utf-8")
    made = {"README.md": BARE, "LICENSE.txt": licence, "USE_POLICY.md": POLICY}
    governing(tmp_path / "heron", "weights", made)
    evidence = read_snapshot(fetch_folder(tmp_path / "heron"), collected_at="2026-01-01T00:00:00Z")
    card = judge(evidence, load_pack(), load_table())
    (added,) = [one for one in card.conflicts if one.kind == "policy-adds-terms"]
    assert [place.path for place in added.where] == ["USE_POLICY.md", "LICENSE.txt"]
    assert "European Union" in (added.where[0].quote or "")
    assert not [item for item in card.unseen if item.what.startswith("http")]


@needs_texts
@pytest.mark.parametrize("name", ["ai/llama3.2.txt", "ai/gemma-2025-03.txt", "ai/llama2.txt"])
def test_a_policy_known_by_its_address_is_unseen_with_the_day(name: str, tmp_path: Path) -> None:
    made = {"README.md": BARE, "LICENSE": (TEXTS / name).read_text("utf-8")}
    governing(tmp_path / "heron", "weights", made)
    evidence = read_snapshot(fetch_folder(tmp_path / "heron"), collected_at="2026-01-01T00:00:00Z")
    (item,) = [item for item in judge(evidence, load_pack(), load_table()).unseen if "polic" in item.what]
    assert item.what.startswith("https://")
    assert "2026-01-01" in item.why
    later = read_snapshot(fetch_folder(tmp_path / "heron"), collected_at="2026-02-01T00:00:00Z")
    assert digest(evidence) == digest(later)


@needs_texts
@pytest.mark.parametrize("name", [MIT, APACHE, NC, "spdx/CC-BY-4.0.txt"])
def test_an_address_in_a_licence_without_a_policy_is_none(name: str, tmp_path: Path) -> None:
    governing(tmp_path / "heron", "weights", {"README.md": BARE, "LICENSE": (TEXTS / name).read_text("utf-8")})
    evidence = read_snapshot(fetch_folder(tmp_path / "heron"), collected_at="2026-01-01T00:00:00Z")
    assert not [item for item in evidence.unseen if item.what.startswith("http")]

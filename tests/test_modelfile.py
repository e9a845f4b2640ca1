"""Ollama's Modelfile: what it builds on and its licence count, its prompts do not."""

from __future__ import annotations

import pytest
from made_snapshots import evidence_of, fetched

from osaudit.evidence import Seen, Statement
from osaudit.files import texts_to_read

CARD = "---\nlicense: apache-2.0\n---\n# A model\n"


def said(modelfile: str) -> list[Statement]:
    evidence = evidence_of(CARD, texts={"Modelfile": fetched(modelfile)}, listed=("README.md", "Modelfile", "m.gguf"))
    assert isinstance(evidence.card, Seen)
    kinds = {"base", "restriction", "unclear-terms", "words-not-understood"}
    return [one for one in evidence.card.value.statements if one.kind in kinds]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("FROM llama2:7b-q4_0", "llama2"),
        ("from gemma", "gemma"),
        ("FROM hf.co/meta-llama/Llama-2-7b-hf:Q4_K_M", "meta-llama/Llama-2-7b-hf"),
        ("FROM https://huggingface.co/meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-7b-hf"),
        ("FROM somebody/llama2-uncensored:latest", "llama2-uncensored"),
    ],
)
def test_what_it_builds_on_is_a_base_with_its_line(line: str, name: str) -> None:
    (base,) = said(f"# a comment\n{line}\nPARAMETER temperature 0.7\n")
    assert (base.kind, base.value, base.rule) == ("base", name, "modelfile-from")
    assert base.where.lines == (2, 2)
    assert base.where.quote == line


@pytest.mark.parametrize("line", ["FROM ./m.gguf", "FROM /models/llama2.gguf", "FROM m.gguf", "FROM", "# FROM llama2"])
def test_files_of_its_own_are_no_base(line: str) -> None:
    assert said(f"{line}\n") == []


def test_the_words_of_its_licence_count_and_its_prompts_do_not() -> None:
    prompts = (
        'TEMPLATE """{{ .Prompt }}\nFROM llama2\n"""\n'
        'SYSTEM """You may not discuss commercial use.\nCommercial use is prohibited."""\n'
        "MESSAGE user Is commercial use allowed?\nMESSAGE assistant Commercial use is not allowed.\n"
    )
    assert said(f"FROM ./m.gguf\n{prompts}") == []
    (closed,) = said(f'FROM ./m.gguf\n{prompts}LICENSE """\nFor non-commercial use only.\n"""\n')
    assert (closed.kind, closed.value) == ("restriction", "non_commercial")
    assert closed.where.quote == "For non-commercial use only."


def test_it_is_read_at_the_root_and_in_the_bounds_of_further_pages() -> None:
    assert "Modelfile" in texts_to_read(("README.md", "Modelfile", "deep/er/Modelfile"), None)
    assert "deep/er/Modelfile" not in texts_to_read(("README.md", "Modelfile", "deep/er/Modelfile"), None)
    kinds = [one.kind for one in said("FROM x\n" * 50_000 + "LICENSE For non-commercial use only.\n")]
    assert sorted(kinds) == ["base", "restriction"], "what stands far down counts as well"

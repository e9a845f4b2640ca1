"""What linked code repositories make of a model's cells: they fill them where they are tied, and may lower them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from githost import Entry, GitHost
from licence_samples import needs_texts
from linked_repos import (
    FILLING,
    README,
    STRANGER,
    card,
    cell,
    judged,
    linked,
    outcomes,
    text_of,
    whole_path,
    with_code,
)
from made_snapshots import COMMIT, WHEN, snapshot_of

from osaudit import codec
from osaudit.evidence import NOT_LINKED, Evidence, Seen, Unknown, Where
from osaudit.reading import read_snapshot
from osaudit.reading.making.linking import links_of
from osaudit.render.html import render_html
from osaudit.render.json import render_json
from osaudit.render.jsonread import scorecards_from_json
from osaudit.render.markdown import render_markdown
from osaudit.render.text import render_text
from osaudit.verdict import Scorecard

CODE = "https://github.com/acme/sparrow"
LISTED = ("model.safetensors", "config.json", "tokenizer.json", ".gitattributes")


def model(text: str, repo: str = "acme/sparrow-7b") -> Evidence:
    made = snapshot_of(text, repo=repo, listed=LISTED, config={"architectures": ["SparrowForCausalLM"]})
    gate = Seen("open", (Where(repo, COMMIT, f"api/models/{repo}", pointer="/gated"),))
    return read_snapshot(replace(made, gated=gate), collected_at=WHEN)


def seen(
    host: GitHost, root: Path, files: dict[str, str | Entry], text: str = "", at: str = "acme/sparrow"
) -> Scorecard:
    host.add(f"github.com/{at}", files)
    return judged(with_code(model(text or card(f"https://github.com/{at}")), root))


def test_a_whole_path_of_the_owners_fills_the_training_cells(git_hosted: GitHost, tmp_path: Path) -> None:
    before = judged(model(card(CODE)))
    after = seen(git_hosted, tmp_path, whole_path())
    assert cell(before, "C2-T").outcome == "review"
    assert cell(after, "C2-T").outcome == "pass"
    told = {place.path: place for place in cell(after, "C2-T").where}
    assert told["scripts/train.py"].lines == (2, 2)
    assert told["scripts/train.py"].quote == "loss = model(batch)"
    assert (told["scripts/train.py"].url or "").startswith(f"{CODE}/blob/")
    filled = outcomes(after, "training")
    assert set(filled.values()) == {"pass", "not_applicable"}
    assert filled["OSD-8"] == "not_applicable"
    assert cell(after, "C1-T").basis == "licence text"
    assert "LICENSE" in {place.path for place in cell(after, "C1-T").where}


@pytest.mark.parametrize(
    ("left_out", "outcome", "lacks"),
    [
        ("scripts/prepare_data.py", "partial", "preprocessing code"),
        ("scripts/evaluate.py", "partial", "evaluation code"),
        ("configs/sparrow-7b.yaml", "partial", "settings"),
        ("scripts/train.py", "partial", "training code"),
    ],
)
def test_a_part_is_told_with_what_it_lacks(
    git_hosted: GitHost, tmp_path: Path, left_out: str, outcome: str, lacks: str
) -> None:
    files = whole_path()
    del files[left_out]
    answer = cell(seen(git_hosted, tmp_path, files), "C2-T")
    assert answer.outcome == outcome
    assert lacks in answer.because


@pytest.mark.parametrize("readme", [README, STRANGER])
def test_a_path_in_several_repositories_of_the_owners_is_one(git_hosted: GitHost, tmp_path: Path, readme: str) -> None:
    """Some publish how they prepared, trained and measured in a repository each, as LLM360 does."""
    whole = whole_path()
    parts = {
        "acme/sparrow-train": (README, "scripts/train.py", "configs/sparrow-7b.yaml"),
        "acme/sparrow-data-prep": (readme, "scripts/prepare_data.py"),
        "acme/analysis": (readme, "scripts/evaluate.py"),
    }
    for name, (told, *paths) in parts.items():
        kept = {path: whole[path] for path in ("LICENSE", *paths)}
        git_hosted.add(f"github.com/{name}", {**kept, "README.md": told})
    more = (
        "The data preparation code is at https://github.com/acme/sparrow-data-prep.\n"
        "The evaluation code is at https://github.com/acme/analysis.\n"
    )
    evidence = model(card("https://github.com/acme/sparrow-train", more=more))
    answer = cell(judged(with_code(evidence, tmp_path)), "C2-T")
    assert answer.outcome == ("pass" if readme == README else "partial"), answer.because
    if readme == README:
        assert {place.repo for place in answer.where} == {f"github.com/{name}" for name in parts}


def test_a_strangers_tool_that_names_the_model_is_no_part_of_its_path(git_hosted: GitHost, tmp_path: Path) -> None:
    whole = whole_path()
    own = {path: text for path, text in whole.items() if path != "scripts/evaluate.py"}
    theirs = {path: whole[path] for path in ("README.md", "LICENSE", "scripts/evaluate.py")}
    git_hosted.add("github.com/acme/sparrow", own)
    git_hosted.add("github.com/stranger/bench", theirs)
    more = "The evaluation code is at https://github.com/stranger/bench.\n"
    evidence = model(card("https://github.com/acme/sparrow", more=more))
    answer = cell(judged(with_code(evidence, tmp_path)), "C2-T")
    assert (answer.outcome, "evaluation code" in answer.because) == ("partial", True)


def test_inference_code_alone_fails_what_the_card_promises(git_hosted: GitHost, tmp_path: Path) -> None:
    files = {"README.md": README, "LICENSE": text_of("apache-2.0"), "src/generate.py": FILLING["inference"]}
    after = seen(git_hosted, tmp_path, files)
    assert cell(after, "C2-T").outcome == "fail"
    assert "holds no code or settings that train" in cell(after, "C2-T").because
    assert set(outcomes(after, "training").values()) == {"fail", "not_applicable"}


def test_names_alone_leave_a_question(git_hosted: GitHost, tmp_path: Path) -> None:
    files = {path: text if path in {"README.md", "LICENSE"} else "" for path, text in whole_path().items()}
    answer = cell(seen(git_hosted, tmp_path, files), "C2-T")
    assert answer.outcome == "review"
    assert "nothing in what was read shows" in answer.because


def test_a_strangers_repository_raises_nothing(git_hosted: GitHost, tmp_path: Path) -> None:
    link = "https://github.com/stranger/tool"
    before = judged(model(card(link)))
    after = seen(git_hosted, tmp_path, whole_path(STRANGER), at="stranger/tool")
    assert outcomes(after, "training") == outcomes(before, "training")
    assert after.score == before.score
    assert "card's words alone" in cell(after, "C2-T").because
    [line] = after.linked
    assert (line.role, line.tie) == ("named by the card alone", "")
    assert "its owner, stranger, is not the model's, acme" in line.notes


def test_a_readme_that_names_the_model_ties_it(git_hosted: GitHost, tmp_path: Path) -> None:
    after = seen(git_hosted, tmp_path, whole_path(README), at="stranger/tool")
    assert cell(after, "C2-T").outcome == "pass"
    assert after.linked[0].tie == "its README names this model or its family"


@pytest.mark.parametrize(
    "readme",
    [
        "# Sparrow\n\nSparrow-7B is ours.\n",
        "See https://huggingface.co/else/sparrow-7b.\n",
        "See https://huggingface.co/acme/heron-7b.\n",
        "See https://github.com/acme/sparrow-7b.\n",
        "See not-acme/sparrow-7b and x/acme/sparrow-7b.\n",
    ],
)
def test_what_names_another_model_ties_nothing(git_hosted: GitHost, tmp_path: Path, readme: str) -> None:
    after = seen(git_hosted, tmp_path, whole_path(readme), at="stranger/tool")
    assert cell(after, "C2-T").outcome == "review"


def test_another_model_of_the_family_ties_too(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = "The weights: `acme/Sparrow2-13B-base`.\n"
    assert cell(seen(git_hosted, tmp_path, whole_path(readme), at="lab/code"), "C2-T").outcome == "pass"


def test_a_fork_tells_nothing_of_this_model(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = "# Sparrow\n\n```sh\ngit clone https://github.com/first/sparrow\n```\n"
    after = seen(git_hosted, tmp_path, whole_path(readme))
    assert cell(after, "C2-T").outcome == "review"
    assert after.linked[0].role == "a fork of another owner's repository"


@pytest.mark.parametrize("link", ["https://github.com/NVIDIA/Megatron-LM", "https://github.com/hiyouga/LLaMA-Factory"])
def test_a_framework_is_told_apart_and_not_asked(git_hosted: GitHost, tmp_path: Path, link: str) -> None:
    git_hosted.add(link.removeprefix("https://"), whole_path())
    evidence = with_code(model(card(link, CODE)), tmp_path)
    git_hosted.asked.clear()
    [framework] = [one for one in linked(evidence) if one.address == link]
    assert framework.role == "framework"
    assert isinstance(framework.evidence, Unknown)
    assert not [path for _, path in git_hosted.asked if "Megatron" in path or "Factory" in path]


def test_an_owners_own_framework_counts_where_its_settings_name_the_model(git_hosted: GitHost, tmp_path: Path) -> None:
    files = whole_path(STRANGER)
    files["configs/finch/7B.yml"] = files.pop("configs/sparrow-7b.yaml")
    git_hosted.add("github.com/EleutherAI/gpt-neox", files)
    text = card("https://github.com/EleutherAI/gpt-neox")
    assert cell(judged(with_code(model(text, "EleutherAI/finch-7b"), tmp_path / "a")), "C2-T").outcome == "pass"
    assert cell(judged(with_code(model(text, "EleutherAI/wren-7b"), tmp_path / "b")), "C2-T").outcome == "fail"


def test_a_bases_repository_is_told_apart(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.add("github.com/first/heron", whole_path())
    text = card("https://github.com/first/heron").replace("license:", "base_model: first/heron-7b\nlicense:")
    evidence = model(text)
    assert links_of(evidence)[0].role == "base"
    assert with_code(evidence, tmp_path) == evidence


def test_fine_tuning_code_is_no_evidence_of_pre_training(git_hosted: GitHost, tmp_path: Path) -> None:
    files = {
        "README.md": README,
        "LICENSE": text_of("apache-2.0"),
        "finetune.py": FILLING["fine-tuning"],
        "configs/sparrow.yaml": FILLING["settings"],
        "examples/train.py": FILLING["training"],
        "tests/train.py": FILLING["training"],
    }
    del files["configs/sparrow.yaml"]
    after = seen(git_hosted, tmp_path, files)
    assert cell(after, "C2-T").outcome in {"fail", "review"}
    assert set(outcomes(after, "training").values()) <= {"fail", "review", "not_applicable"}


@pytest.mark.parametrize("name", ["sparrow-finetune", "sparrow-recipes", "sparrow_inference", "sparrow-cookbook"])
def test_a_repository_for_users_trained_nothing(git_hosted: GitHost, tmp_path: Path, name: str) -> None:
    after = seen(git_hosted, tmp_path, whole_path(), at=f"acme/{name}")
    assert cell(after, "C2-T").outcome in {"fail", "review"}
    assert "pass" not in outcomes(after, "training").values()


def test_licences_of_folders_govern_what_lies_in_them(git_hosted: GitHost, tmp_path: Path) -> None:
    """A monorepo: the licence of the folder that trains decides, not that of a dependency."""
    files = {f"train-code/{path}" if "/" in path else path: text for path, text in whole_path().items()}
    files["train-code/LICENSE"] = "Nobody may use this without asking first.\n" * 30
    files["vendor/other/LICENSE"] = "Nobody may use this.\n"
    files["site/LICENSE"] = "Nobody may use this.\n"
    answer = cell(seen(git_hosted, tmp_path, files), "C1-T")
    assert answer.outcome == "review"
    assert {place.path for place in answer.where} == {"train-code/LICENSE"}
    del files["train-code/LICENSE"]
    other = seen(git_hosted, tmp_path / "again", files)
    assert cell(other, "C1-T").outcome == "pass"


def test_code_without_a_licence_is_not_open(git_hosted: GitHost, tmp_path: Path) -> None:
    files = whole_path()
    del files["LICENSE"]
    after = seen(git_hosted, tmp_path, files)
    assert cell(after, "C1-T").outcome == "fail"
    assert cell(after, "C2-T").outcome in {"partial", "review"}


def test_a_licence_that_is_a_link_is_not_followed(git_hosted: GitHost, tmp_path: Path) -> None:
    after = seen(git_hosted, tmp_path, whole_path(LICENSE=Entry("docs/LICENSE", "120000")))
    assert cell(after, "C1-T").outcome == "review"
    assert cell(after, "C2-T").outcome == "review"


@needs_texts
def test_training_code_under_a_closing_licence_is_a_part(git_hosted: GitHost, tmp_path: Path) -> None:
    after = seen(git_hosted, tmp_path, whole_path(licence="cc-by-nc-4.0"))
    assert cell(after, "C2-T").outcome == "partial"
    assert cell(after, "C6-T").outcome == "fail"


@needs_texts
def test_a_closing_licence_over_a_free_tag_is_a_conflict(git_hosted: GitHost, tmp_path: Path) -> None:
    before = judged(model(card(CODE)))
    after = seen(git_hosted, tmp_path, whole_path(licence="cc-by-nc-4.0"))
    assert before.label.id == "open-weights"
    assert after.label.id == "weights-available"
    [conflict] = [one for one in after.conflicts if one.kind == "code-repository-says-otherwise"]
    assert "CC BY-NC 4.0" in conflict.because or "NonCommercial" in conflict.because
    assert conflict.where[0].path == "LICENSE"
    assert cell(after, "C6-L").outcome == "review"
    assert cell(after, "C1-W").outcome == "review"


def test_words_on_the_weights_in_its_readme_are_a_conflict(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = README + (
        "\n## License\n\n* **Code:** the source code is released under Apache 2.0.\n"
        "* **Model weights:** the model weights are released under the CC BY-NC 4.0 license, for research only.\n"
    )
    after = seen(git_hosted, tmp_path, whole_path(readme))
    assert [one.kind for one in after.conflicts].count("code-repository-says-otherwise") >= 1
    assert cell(after, "C6-L").outcome == "review"
    assert after.label.id == "weights-available"
    assert cell(after, "C6-T").outcome == "pass"


def test_words_in_a_repository_that_is_nobodys_lower_nothing(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = STRANGER + "\n## License\n\nThe model weights are for non-commercial research only.\n"
    text = card(more="See also https://github.com/stranger/tool for another idea.")
    after = seen(git_hosted, tmp_path, whole_path(readme), text, at="stranger/tool")
    assert after.conflicts == ()
    assert after.label.id == "open-weights"


def test_lists_of_data_make_a_question_of_silence(git_hosted: GitHost, tmp_path: Path) -> None:
    before = judged(model(card(CODE)))
    files = whole_path(**{"data/provenance.csv": FILLING["data"]})
    after = seen(git_hosted, tmp_path, files)
    assert cell(before, "C2-D").outcome == "fail"
    assert cell(after, "C2-D").outcome == "review"
    assert "data/provenance.csv" in {place.path for place in cell(after, "C2-D").where}
    assert after.label.at_best == "open-source-ai"
    assert after.label.id == "open-weights"


def test_data_that_is_withheld_stays_so(git_hosted: GitHost, tmp_path: Path) -> None:
    text = card(CODE, more="We do not release the training data.")
    after = seen(git_hosted, tmp_path, whole_path(**{"data/provenance.csv": FILLING["data"]}), text)
    assert cell(after, "C2-D").outcome == "fail"


def test_a_readme_that_names_sources_names_some(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = README + "\n## Training data\n\nWe trained the model on Wikipedia and on the C4 dataset.\n"
    assert cell(seen(git_hosted, tmp_path, whole_path(readme)), "C2-D").outcome == "partial"


def test_what_could_not_be_read_is_told_and_stays_open(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.refused["github.com/acme/sparrow"] = 404
    after = judged(with_code(model(card(CODE)), tmp_path))
    answer = cell(after, "C2-T")
    assert answer.outcome == "review"
    assert "gone, private or misspelt" in answer.because
    assert after.linked[0].why.endswith("gone, private or misspelt")
    assert after.score == judged(model(card(CODE))).score


def test_papers_are_named_with_their_titles_as_not_read(git_hosted: GitHost, tmp_path: Path) -> None:
    readme = README + (
        "\nSee [On sparrows](https://arxiv.org/abs/2501.00001).\n\n```bibtex\n@article{a,\n"
        "  title={Of birds and men},\n  eprint={2501.00002},\n}\n```\n"
    )
    after = seen(git_hosted, tmp_path, whole_path(readme, **{"paper/report.pdf": "%PDF"}))
    told = {item.what: item.why for item in after.unseen}
    assert "the paper “On sparrows”, https://arxiv.org/abs/2501.00001" in told
    assert "the paper “Of birds and men”, https://arxiv.org/abs/2501.00002" in told
    assert "the paper paper/report.pdf" in " ".join(told) or any("report.pdf" in what for what in told)
    assert all("not read" in why for what, why in told.items() if what.startswith("the paper"))


def test_hostile_repositories_give_a_cell_and_run_nothing(git_hosted: GitHost, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    hostile: dict[str, str | Entry] = {
        **whole_path("# Sparrow \u202e::error::\x1b[31m\n<script>alert(1)</script>\nacme/sparrow-7b\n"),
        ".gitattributes": "* filter=evil diff=evil merge=evil\n",
        ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = file://{tmp_path}\n\tupdate = !touch {marker}\n',
        "x": Entry("b" * 40, "160000"),
        "hooks/post-checkout": Entry(f"#!/bin/sh\ntouch {marker}\n", "100755"),
        "setup.py": f"import os\nos.system('touch {marker}')\n",
        "conftest.py": f"open('{marker}', 'w')\n",
    }
    after = seen(git_hosted, tmp_path, hostile)
    assert cell(after, "C2-T").outcome == "pass"
    assert not marker.exists()
    for drawn in (render_text([after]), render_markdown([after]), render_html([after])):
        assert "\u202e" not in drawn
        assert "\x1b[31m" not in drawn
        assert "<script>alert" not in drawn


def test_links_to_one_repository_are_one(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.add("github.com/acme/sparrow", whole_path())
    text = card(CODE, f"{CODE}.git", f"{CODE}/tree/main/scripts", "http://www.github.com/Acme/Sparrow/")
    assert len(linked(with_code(model(text), tmp_path))) == 1
    assert len([path for method, path in git_hosted.asked if method == "GET"]) == 3


def test_evidence_with_code_is_saved_and_read(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.add("github.com/acme/sparrow", whole_path())
    evidence = with_code(model(card(CODE)), tmp_path)
    again = codec.load(codec.dump(evidence))
    assert again == evidence
    assert codec.digest(again) != codec.digest(model(card(CODE)))
    scorecard = judged(evidence)
    assert scorecards_from_json(render_json([scorecard])) == (scorecard,)


def test_evidence_from_before_reads_as_not_looked_at() -> None:
    text = codec.dump(model(card(CODE)))
    assert '"linked"' not in text
    assert codec.load(text).linked == NOT_LINKED


def test_the_reports_show_what_was_found(git_hosted: GitHost, tmp_path: Path) -> None:
    commit = git_hosted.add("github.com/acme/sparrow", whole_path())
    after = judged(with_code(model(card(CODE)), tmp_path))
    for drawn in (render_text([after]), render_markdown([after]), render_html([after])):
        plain = " ".join(drawn.replace("\\", "").split())
        assert "Code repositories linked" in plain
        assert "scripts/train.py" in plain
        assert commit[:12] in plain
    assert '"linked": [' in render_json([after])
    assert '"linked"' not in render_json([judged(model(card(CODE)))])


@pytest.mark.parametrize(
    ("tag", "link", "asked"),
    [
        ("apache-2.0", CODE, True),  # the label would be Open Weights
        ("cc-by-nc-4.0", CODE, True),  # what trained it is a question
        ("cc-by-nc-4.0", "", False),
    ],
)
def test_auto_asks_where_it_may_change_something(
    git_hosted: GitHost, tmp_path: Path, tag: str, link: str, *, asked: bool
) -> None:
    git_hosted.add("github.com/acme/sparrow", whole_path())
    git_hosted.add("github.com/stranger/tool", whole_path())
    more = "" if link else "To run it, see https://github.com/stranger/tool."
    text = card(*([link] if link else []), tag=tag, more=more)
    evidence = with_code(model(text), tmp_path, "auto")
    assert bool(git_hosted.asked) is asked
    assert isinstance(evidence.linked, Seen) is asked


def test_never_leaves_the_evidence_as_it_is(git_hosted: GitHost, tmp_path: Path) -> None:
    evidence = model(card(CODE))
    assert with_code(evidence, tmp_path, "never") is evidence
    assert git_hosted.asked == []


def test_a_card_without_links_costs_nothing(git_hosted: GitHost, tmp_path: Path) -> None:
    evidence = model(card())
    assert with_code(evidence, tmp_path) is evidence
    assert git_hosted.asked == []

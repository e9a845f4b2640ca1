"""`osaudit licence identify` of whatever a user names: files of all kinds, standard input, a file on the Hub."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hub.server import LoopbackHub
from licence_samples import TEXTS, needs_texts

from osaudit.cli import run
from osaudit.errors import UsageError
from osaudit.evidence import ModelRef
from osaudit.sources.refs import parse_file

OWN = "The heron terms. Whoever has the model may look at it. You may not use it for commercial purposes.\n"


def text(name: str) -> str:
    return (TEXTS / name).read_text("utf-8")


def told(*arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, Any]:
    assert run(["licence", "identify", *arguments, "--format", "json"]) == code
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def refused(*arguments: str, capsys: pytest.CaptureFixture[str], code: int) -> str:
    assert run(["licence", "identify", *arguments]) == code
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return err


def matches(data: dict[str, Any]) -> list[tuple[str, str, list[int]]]:
    return [(match["key"], match["match"], match["lines"]) for match in data["matches"]]


def written(folder: Path, name: str, words: str) -> str:
    (folder / name).write_text(words, encoding="utf-8")
    return str(folder / name)


# --- what a file may be


@needs_texts
def test_a_licence_in_a_section_of_a_card(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    above = "---\nlicense: mit\n---\n# Sparrow\n\nA bird.\n\n## License\n\n"
    mit = text("spdx/MIT.txt")
    card = f"{above}{mit}\n## Citation\n\nCite the bird, please.\n"
    data = told(written(tmp_path, "README.md", card), capsys=capsys)
    ((key, kind, lines),) = matches(data)
    assert (key, kind, data["residue_words"]) == ("mit", "exact", 0)
    assert card.splitlines()[lines[0] - 1].strip()
    assert lines[0] > above.count("\n") - 2
    spoilt = f"{above}{mit}\nNo military use.\n\n## More\n\nOnly for non-commercial use.\n"
    data = told(written(tmp_path, "README.md", spoilt), capsys=capsys)
    assert [(key, kind) for key, kind, _ in matches(data)] == [("mit", "variant")]
    (hit,) = [hit for hit in data["restrictions"] if hit["flag"] == "non_commercial"]
    assert "non-commercial" in spoilt.splitlines()[hit["lines"][0] - 1]


@needs_texts
@pytest.mark.parametrize("sign", ["# ", "// ", " * "])
def test_a_licence_in_the_head_of_code(sign: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{sign}{line}" for line in text("spdx/MIT.txt").splitlines()]
    head = ["/*", *lines, " */"] if "*" in sign else lines
    code = "\n".join([*head, "import heron", "heron.fly(1)", ""])
    data = told(written(tmp_path, "fly.c" if "*" in sign else "fly.py", code), capsys=capsys)
    assert [(key, kind) for key, kind, _ in matches(data)] == [("mit", "exact")]
    altered = code.replace("free of charge", "free of charge for research")
    data = told(written(tmp_path, "fly.py", altered.replace("/*", "# ").replace(" * ", "# ")), capsys=capsys)
    assert [kind for _, kind, _ in matches(data)] == ["variant"]


@needs_texts
def test_the_notice_that_a_licence_gives_for_the_head_of_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apache = text("spdx/Apache-2.0.txt")
    notice = apache[apache.index("Licensed under the Apache License") :]
    head = "".join(f"# {' '.join(line.split())}\n" for line in ["Copyright 2024 Heron", *notice.splitlines()])
    data = told(written(tmp_path, "fly.py", f"{head}import heron\n"), capsys=capsys)
    assert [(key, kind) for key, kind, _ in matches(data)] == [("apache-2.0", "exact")]
    spoilt = head.replace("# limitations", "# research-only limitations")
    data = told(written(tmp_path, "fly.py", f"{spoilt}import heron\n"), capsys=capsys)
    assert not [kind for _, kind, _ in matches(data) if kind == "exact"]


def test_an_spdx_line_names_and_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "#!/usr/bin/env python\n# SPDX-FileCopyrightText: 2024 Heron\n# SPDX-License-Identifier: MIT OR Apache-2.0\n"
    data = told(written(tmp_path, "fly.py", f"{code}import heron\n"), capsys=capsys)
    assert matches(data) == [("mit", "variant", [3, 3]), ("apache-2.0", "variant", [3, 3])]
    assert data["named"][0]["spdx"] == "MIT OR Apache-2.0"
    html = "<!-- SPDX-License-Identifier: GPL-3.0-only -->\n# Heron\n"
    assert matches(told(written(tmp_path, "README.md", html), capsys=capsys)) == [("gpl-3.0", "variant", [1, 1])]


def test_a_notice_names_a_licence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "Heron\n\nLlama 3.1 is licensed under the Llama 3.1 Community License.\n"
    data = told(written(tmp_path, "NOTICE", words), capsys=capsys)
    assert (data["matches"], [name["keys"] for name in data["named"]]) == ([], [["llama3.1"]])
    assert data["named"][0]["lines"] == [3, 3]


@needs_texts
def test_several_licences_in_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = f"{text('spdx/MIT.txt')}\n\n{text('spdx/Apache-2.0.txt')}"
    data = told(written(tmp_path, "LICENSE", both), capsys=capsys)
    assert [(key, kind) for key, kind, _ in matches(data)] == [("mit", "exact"), ("apache-2.0", "exact")]
    (_, _, first), (_, _, second) = matches(data)
    assert first[1] < second[0]


@pytest.mark.parametrize(("data", "says"), [(b"\0\1\2", "binary"), (b"\xff" * 400, "binary")])
def test_what_is_no_text(data: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LICENSE").write_bytes(data)
    assert says in refused(str(tmp_path / "LICENSE"), capsys=capsys, code=2)


def test_empty_and_huge(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    data = told(written(tmp_path, "LICENSE", ""), capsys=capsys)
    assert (data["matches"], data["residue_words"], data["named"], data["where"]) == ([], 0, [], None)
    assert "too large" in refused(written(tmp_path, "LICENSE", "a " * 5_000_000), capsys=capsys, code=2)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OWN.encode("utf-16"))))
    assert [hit["flag"] for hit in told("-", capsys=capsys)["restrictions"]] == ["non_commercial"]


# --- files on the Hub


@needs_texts
@pytest.mark.parametrize(
    "address",
    [
        "{hub}/heron/fly/blob/main/legal/LICENSE",
        "{hub}/heron/fly/resolve/main/legal/LICENSE?download=true",
        "{hub}/heron/fly/raw/main/legal/LICENSE#L3",
        "https://huggingface.co/heron/fly/blob/main/legal/LICENSE",
        "hf.co/heron/fly/blob/main/legal/LICENSE",
        "heron/fly/legal/LICENSE@main",
        "heron/fly@main/legal/LICENSE",
        "hf://heron/fly/legal/LICENSE",
        "hf://heron/fly@main/legal/LICENSE",
    ],
)
def test_a_file_on_the_hub_is_read_at_its_commit(
    address: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.hops = False
    repo = hub.add_model("heron/fly", {"legal/LICENSE": text("spdx/MIT.txt"), "README.md": "# Heron\n"})
    data = told(address.format(hub=hub.endpoint), capsys=capsys)
    assert [(key, kind) for key, kind, _ in matches(data)] == [("mit", "exact")]
    where = data["where"]
    assert (where["repo"], where["commit"], where["path"]) == ("heron/fly", repo.sha, "legal/LICENSE")
    assert len(where["sha256"]) == 64
    assert where["url"] == f"https://huggingface.co/heron/fly/blob/{repo.sha}/legal/LICENSE"
    asked = [entry.path for entry in hub.log if entry.origin == "hub"]
    assert len(asked) == 2
    assert asked[0].startswith("/api/models/heron/fly")
    assert asked[1] == f"/heron/fly/resolve/{repo.sha}/legal/LICENSE"


def test_a_data_sets_file_and_an_older_revision(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add_dataset("heron/eggs", {"NOTICE": OWN})
    data = told(f"{hub.endpoint}/datasets/heron/eggs/blob/main/NOTICE", capsys=capsys)
    assert data["where"]["repo"] == "datasets/heron/eggs"
    repo = hub.add_model("heron/fly", {"LICENSE": "Old words.\n"})
    hub.shelf.commit(repo, {"LICENSE": OWN}, title="new words")
    old = repo.commits[0].sha
    assert told(f"heron/fly/LICENSE@{old}", capsys=capsys)["where"]["commit"] == old
    assert told("hf://heron/fly/LICENSE", "--revision", old, capsys=capsys)["residue_words"] == 2


def test_refusals_are_told_apart(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_model("heron/fly", {"LICENSE": OWN})
    hub.add_model("heron/gated", {"LICENSE": OWN}, gated="manual")
    assert "no such repository" in refused("heron/nest/LICENSE@main", capsys=capsys, code=3)
    assert "no revision 'v9'" in refused("heron/fly/LICENSE@v9", capsys=capsys, code=3)
    assert "no file COPYING" in refused("heron/fly/COPYING@main", capsys=capsys, code=3)
    assert "gated" in refused("heron/gated/LICENSE@main", capsys=capsys, code=3)
    hub.fault("/resolve/", status=403, body=b"{}")
    assert "403" in refused("heron/fly/LICENSE@main", capsys=capsys, code=3)
    hub.heal()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    refused("heron/fly/LICENSE@main", capsys=capsys, code=3)


@pytest.mark.parametrize(
    "named",
    [
        "https://example.com/LICENSE",
        "https://github.com/heron/fly/blob/main/LICENSE",
        "https://huggingface.co/heron/fly",
        "https://huggingface.co/heron/fly/tree/main",
        "https://huggingface.co/heron/fly/blob/main",
        "https://huggingface.co/heron/fly/blob/main/../../etc/passwd",
        "https://huggingface.co/spaces/heron/fly/blob/main/LICENSE",
        "https://huggingface.co/api/models/heron/fly",
        "ftp://huggingface.co/heron/fly/blob/main/LICENSE",
        "heron/fly@main",
        "hf://heron",
        "heron/fly/LICENSE",
    ],
)
def test_what_names_no_file_is_wrong_usage(named: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(named, capsys=capsys, code=2)


def test_an_address_taken_apart() -> None:
    assert parse_file("https://huggingface.co/gpt2/blob/refs%2Fpr%2F1/a/b%20c.txt") == (
        ModelRef("gpt2", "refs/pr/1"),
        "a/b c.txt",
    )
    assert parse_file("LICENSE") is None
    assert parse_file("./a@b/LICENSE") is None
    with pytest.raises(UsageError, match="leave one out"):
        parse_file("heron/fly/LICENSE@one", revision="two")

"""The agreement benchmark on judgments of any shape: what cannot be used is skipped with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.agreement.records import judged_facets, judgments_in

pytestmark = pytest.mark.slow

HEAD = "hf_id,source,weights,training_data,training_code,licence,licence_string,final,when\n"
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "models", "skipped"),
    [
        (HEAD, [], []),
        ("", [], []),
        (HEAD + "acme/tiny,A,open,closed,closed,open,,,\n", ["acme/tiny"], []),
        ("\ufeff" + HEAD + "acme/tiny,A,open\r\n", ["acme/tiny"], []),
        (HEAD + ",A,open\nacme/tiny,A,open,extra,,,,,,,more,and more\n", ["acme/tiny"], ["row 2"]),
        ("model,source\nacme/tiny,A\n", [], ["row 2"]),
        ("licence,hf_id\n Open ,acme/tiny\n", ["acme/tiny"], []),
    ],
)
def test_judgments_of_any_shape(tmp_path: Path, text: str, models: list[str], skipped: list[str]) -> None:
    (tmp_path / "judgments.csv").write_text(text, encoding="utf-8", newline="")
    why: dict[str, str] = {}
    rows = judgments_in(tmp_path / "judgments.csv", why)
    assert [row["hf_id"] for row in rows] == models
    assert list(why) == skipped
    assert all(row["source"] for row in rows)


def test_a_judgment_counts_in_any_spelling_and_others_are_none(tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_bytes(HEAD.encode() + b"acme/tiny,A, Open ,maybe,,CLOSED,\xe9,,\n")
    (row,) = judgments_in(tmp_path / "j.csv", {})
    assert judged_facets(row) == ["weights", "licence"]
    assert (row["weights"], row["licence"]) == ("open", "closed")


@pytest.mark.parametrize("golden", [None, "[]", "{", '{"records": [{"name": "x"}]}'])
def test_the_benchmark_ends_well_with_models_that_are_not_recorded(tmp_path: Path, golden: str | None) -> None:
    (tmp_path / "judgments.csv").write_text(HEAD + "acme/tiny,A,open,,,,,,\n../../up,A,open,,,,,,\n,,,,,,,,\n")
    (tmp_path / "models").mkdir()
    if golden is not None:
        (tmp_path / "mof_records.json").write_text(golden)
    environment = {**os.environ, "OSAUDIT_TRUTH": str(tmp_path), "OSAUDIT_CORPUS": str(tmp_path)}
    for options in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.agreement", *options],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["skipped"]) == {"acme/tiny", "../../up", "row 4"}
    assert "skipped" in found["mof"]

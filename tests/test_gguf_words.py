"""What a GGUF file says of its model: read from a folder whole, from the Hub by one range, and never to open a cell."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import made_snapshots
import pytest
from hub.server import LoopbackHub
from probe_models import gguf_bytes

from osaudit.evidence import Absent, Evidence, ModelRef, Seen, Unknown
from osaudit.gguf import HEAD_BYTES, BadGgufError, general_words
from osaudit.judge import judge
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading import read_snapshot
from osaudit.sources.collect import collect
from osaudit.sources.folder import fetch_folder
from osaudit.sources.hub import HubSource
from osaudit.sources.store import Store
from osaudit.verdict import Scorecard

WORDS = {
    "general.base_model.0.name": "Egg 7B",
    "general.base_model.0.organization": "Else",
    "general.base_model.0.repo_url": "https://huggingface.co/else/egg-7b",
    "general.base_model.1.name": "Llama 3.1 8B",
    "general.base_model.1.organization": "Meta Llama",
    "general.source.url": "https://huggingface.co/else/sparrow-full",
    "general.license": "llama3.1",
}
TAGGED = "---\nlicense: apache-2.0\n---\n# Sparrow\n"


def judged(evidence: Evidence) -> Scorecard:
    return judge(evidence, load_pack(), load_table())


def outcomes(card: Scorecard) -> dict[str, str]:
    return {f"{verdict.criterion}/{verdict.facet}": verdict.answer.outcome for verdict in card.verdicts}


def of_folder(tmp_path: Path, words: Mapping[str, str], card: str | None = TAGGED) -> Evidence:
    (tmp_path / "sparrow.Q4_0.gguf").write_bytes(gguf_bytes(words=words))
    if card is not None:
        (tmp_path / "README.md").write_text(card)
    return read_snapshot(fetch_folder(tmp_path), collected_at=made_snapshots.WHEN)


def test_the_words_are_read_as_far_as_the_bytes_go() -> None:
    data = gguf_bytes(words=WORDS)
    assert general_words(data) == {"general.architecture": "llama", **WORDS}
    assert general_words(data[: data.index(b"tokenizer") + 30]) == {"general.architecture": "llama", **WORDS}
    cut = general_words(data[: data.index(b"general.source")])
    assert "general.base_model.0.repo_url" in cut
    assert "general.license" not in cut


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"GGUF",
        b"GGUF" + struct.pack("<IQQ", 9, 0, 0),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**50),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"a" + struct.pack("<I", 77),
    ],
)
def test_other_bytes_say_nothing(data: bytes) -> None:
    with pytest.raises(BadGgufError):
        general_words(data)


def test_a_folders_file_names_bases_and_a_licence(tmp_path: Path) -> None:
    evidence = of_folder(tmp_path, WORDS)
    assert [(base.name, base.relation, base.named_by, base.confidence) for base in evidence.bases] == [
        ("else/sparrow-full", "quantized", "gguf", "high"),
        ("else/egg-7b", "unknown", "gguf", "high"),
        ("Llama 3.1 8B (of Meta Llama)", "unknown", "gguf", "low"),
    ]
    assert evidence.bases[0].where.path == "sparrow.Q4_0.gguf"
    assert evidence.bases[0].where.quote == "general.source.url: https://huggingface.co/else/sparrow-full"
    (claim,) = [claim for claim in evidence.licence_claims if claim.source == "gguf metadata"]
    assert claim.keys == ("llama3.1",)
    card = judged(evidence)
    assert "tag-gguf" in [finding.kind for finding in card.conflicts]
    assert {outcomes(card)[f"OSD-{number}/licence"] for number in (1, 3, 5, 6, 7)} <= {"review", "fail"}


def test_what_the_converter_wrote_opens_nothing(tmp_path: Path) -> None:
    card = judged(of_folder(tmp_path, {"general.license": "apache-2.0"}, "# Sparrow\n"))
    assert "pass" not in {outcomes(card)[f"OSD-{number}/licence"] for number in range(1, 11)}
    assert card.label.id in {"unlicensed", "weights-available"}
    closed = judged(of_folder(tmp_path, {"general.license": "cc-by-nc-4.0"}, "# Sparrow\n"))
    assert outcomes(closed)["OSD-6/licence"] == "fail"


def test_words_that_agree_raise_no_conflict(tmp_path: Path) -> None:
    words = {"general.license": "apache-2.0", "general.license.link": "https://www.apache.org/licenses/LICENSE-2.0"}
    card = judged(of_folder(tmp_path, words))
    assert card.conflicts == ()
    assert outcomes(card) == outcomes(judged(of_folder(tmp_path, {})))


def test_a_damaged_file_is_unseen_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(TAGGED)
    (tmp_path / "a.gguf").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    snapshot = fetch_folder(tmp_path)
    assert isinstance(snapshot.gguf, Unknown)
    evidence = read_snapshot(snapshot, collected_at=made_snapshots.WHEN)
    assert "the metadata of the GGUF files" in [item.what for item in evidence.unseen]


def fetched(name: str, store: Store | None = None) -> Evidence:
    read = partial(read_snapshot, collected_at=made_snapshots.WHEN)
    return collect(ModelRef(name), open_snapshot=HubSource(store=store).fetch, read=read, depth=0)


def test_the_hub_is_asked_for_the_head_of_one_file_each_time(hub: LoopbackHub, tmp_path: Path) -> None:
    whole = gguf_bytes(words=WORDS) + b"\1" * (2 * HEAD_BYTES)
    files = {"README.md": TAGGED, "a.Q4_0.gguf": whole, "a.Q8_0.gguf": whole, "mmproj-a.gguf": whole}
    hub.hops = False
    hub.add_model("maker/sparrow", files=files)
    store = Store(tmp_path)
    assert [base.name for base in fetched("maker/sparrow", store).bases][:2] == ["else/sparrow-full", "else/egg-7b"]
    assert hub.counts() == {"api": 1, "file": 2}
    assert [entry.status for entry in hub.take_log() if entry.path.endswith("a.Q4_0.gguf")] == [206]
    assert [base.name for base in fetched("maker/sparrow", store).bases][:1] == ["else/sparrow-full"]
    assert hub.counts() == {"api": 1, "file": 1}  # a head has no hash to be held to, so that no cache may stand for it


def test_the_hub_is_not_asked_where_the_front_matter_names_a_base(hub: LoopbackHub) -> None:
    hub.hops = False
    files = {"README.md": "---\nbase_model: else/egg\n---\n# S\n", "a.gguf": gguf_bytes(words=WORDS)}
    hub.add_model("maker/sparrow", files=files)
    assert [base.name for base in fetched("maker/sparrow").bases] == ["else/egg"]
    assert hub.counts() == {"api": 1, "file": 1}
    assert isinstance(HubSource().fetch(ModelRef("maker/sparrow")).gguf, Absent)


def test_a_hub_that_refuses_the_file_ends_no_audit(hub: LoopbackHub) -> None:
    hub.add_model("maker/sparrow", files={"README.md": TAGGED, "a.gguf": gguf_bytes(words=WORDS)})
    hub.fault("a.gguf", status=500)
    evidence = collect(
        ModelRef("maker/sparrow"),
        open_snapshot=HubSource(tries=2, sleep=lambda _: None).fetch,
        read=partial(read_snapshot, collected_at=made_snapshots.WHEN),
        depth=0,
    )
    assert isinstance(evidence.card, Seen)
    assert "the metadata of the GGUF files" in [item.what for item in evidence.unseen]

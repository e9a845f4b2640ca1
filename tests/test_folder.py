"""Local folders and the Hugging Face cache as sources: what is read, and what is never followed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hub.repos import Lfs
from hub.server import LoopbackHub
from huggingface_hub import hf_hub_download, snapshot_download

from osaudit.errors import OsauditError
from osaudit.evidence import Absent, Files, ModelRef, Parameters, RepoFile, Seen, Unknown
from osaudit.snapshot import FetchedText, Snapshot
from osaudit.sources.folder import fetch_folder, read_bounded, walk
from osaudit.sources.hf_cache import cache_folder, fetch_hf_cache
from osaudit.sources.text import READ_LIMIT

CARD = "---\nlicense: mit\n---\n# A model\n"
COMMIT = "c" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "my-model"
    write(root, {"README.md": CARD, "LICENSE": "Terms", "config.json": '{"model_type": "tiny"}', "sub/w.bin": "w"})
    return root


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def text(snapshot: Snapshot, path: str = "README.md") -> FetchedText:
    fact = snapshot.texts[path]
    assert isinstance(fact, Seen)
    return fact.value


def paths(snapshot: Snapshot) -> list[str]:
    return [file.path for file in files(snapshot).entries]


def files(snapshot: Snapshot) -> Files:
    assert isinstance(snapshot.files, Seen)
    return snapshot.files.value


def safetensors(header: Any, length: int | None = None) -> bytes:
    data = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(data) if length is None else length).to_bytes(8, "little") + data


def tensor(dtype: str, *shape: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [0, 0]}


def test_a_folder_is_read_in_the_hubs_layout(folder: Path) -> None:
    snapshot = fetch_folder(folder)
    assert (snapshot.ref, snapshot.source, snapshot.commit) == (ModelRef("my-model"), "folder", Absent())
    assert (text(snapshot).text, text(snapshot, "LICENSE").text) == (CARD, "Terms")
    assert files(snapshot).complete
    assert files(snapshot).entries[-1] == RepoFile("sub/w.bin", 1)
    assert isinstance(snapshot.config, Seen)
    assert snapshot.config.value == {"model_type": "tiny"}
    assert snapshot.config.where[0].path == "config.json"
    assert isinstance(snapshot.gated, Unknown)
    assert isinstance(snapshot.parameters, Absent)


@pytest.mark.parametrize(
    "link", ["WORDS.txt", "'WORDS.txt'", "./WORDS.txt", "https://huggingface.co/o/m/blob/main/WORDS.txt"]
)
def test_the_file_that_the_card_links_to_is_read_whatever_its_name(folder: Path, link: str) -> None:
    write(folder, {"README.md": f"---\r\nlicense: other\r\nlicense_link: {link}\r\n---\r\n", "WORDS.txt": "Mine"})
    assert text(fetch_folder(folder), "WORDS.txt").text == "Mine"
    write(folder, {"README.md": "---\nlicense_link: ../../secret\n---\n"})
    assert sorted(fetch_folder(folder).texts) == ["LICENSE", "README.md"]


def test_a_folder_is_named_by_its_real_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert fetch_folder(".").ref == ModelRef("my-model")


def test_no_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OsauditError, match="no such folder") as caught:
        fetch_folder(tmp_path / "none")
    assert caught.value.exit_code == 3


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    snapshot = fetch_folder(tmp_path)
    assert (paths(snapshot), snapshot.texts, snapshot.config) == ([], {}, snapshot.config)
    assert isinstance(snapshot.config, Absent)


def test_what_tools_keep_is_no_part_of_the_repository(folder: Path) -> None:
    write(folder, {".git/config": "x", ".cache/huggingface/x": "x", ".gitattributes": "x"})
    assert paths(fetch_folder(folder)) == [".gitattributes", "LICENSE", "README.md", "config.json", "sub/w.bin"]


def test_links_out_of_the_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, {"secret/LICENSE": "secret", "secret/x": "x"})
    (folder / "NOTICE").symlink_to(tmp_path / "secret" / "LICENSE")
    (folder / "elsewhere").symlink_to(tmp_path / "secret")
    (folder / "broken").symlink_to(tmp_path / "none")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "up").symlink_to(folder)
    (folder / "COPYING").symlink_to("LICENSE")
    snapshot = fetch_folder(folder)
    assert paths(snapshot) == ["COPYING", "LICENSE", "README.md", "config.json", "sub/w.bin"]
    assert not files(snapshot).complete
    assert text(snapshot, "COPYING").text == "Terms"
    assert "secret" not in repr(snapshot)


def test_pipes_and_unreadable_names_are_left_alone(folder: Path) -> None:
    os.mkfifo(folder / "LICENSE.txt")
    os.mkfifo(folder / "model.safetensors")
    (folder / os.fsdecode(b"LICENSE\xff.md")).write_text("x")
    snapshot = fetch_folder(folder)
    assert paths(snapshot) == ["LICENSE", "README.md", "config.json", "sub/w.bin"]
    assert not files(snapshot).complete
    repr(snapshot).encode()


def test_a_folder_too_deep_is_cut_and_said_so(tmp_path: Path) -> None:
    write(tmp_path, {"/".join("d" * 40) + "/x": "x", "README.md": CARD})
    snapshot = fetch_folder(tmp_path)
    assert paths(snapshot) == ["README.md"]
    assert not files(snapshot).complete


def test_a_huge_card_is_read_up_to_the_bound(folder: Path) -> None:
    with (folder / "README.md").open("wb") as file:
        file.truncate(0)
        file.write(b"x" * (READ_LIMIT + 10))
    assert (text(fetch_folder(folder)).size, text(fetch_folder(folder)).truncated) == (READ_LIMIT, True)


@pytest.mark.parametrize("config", ["{", "[]", "5", "[" * 100_000, "\udcff", "x" * (READ_LIMIT + 1)])
def test_a_hostile_config_is_unknown(folder: Path, config: str) -> None:
    (folder / "config.json").write_bytes(config.encode("utf-8", "surrogateescape"))
    assert isinstance(fetch_folder(folder).config, Unknown)


def test_parameters_are_counted_from_the_headers(folder: Path) -> None:
    header = {"__metadata__": {"format": "pt"}, "a": tensor("F16", 2, 3), "b": tensor("F32"), "c": tensor("F16", 0, 9)}
    write(folder, {"model.safetensors": safetensors(header), "consolidated.safetensors": b"not counted"})
    assert fetch_folder(folder).parameters == Seen(Parameters(7, (("F16", 6), ("F32", 1))))


def test_shards_are_counted_together_where_all_are_there(folder: Path) -> None:
    shard = safetensors({"a": tensor("BF16", 5)})
    write(folder, {"model-00001-of-00002.safetensors": shard})
    assert isinstance(fetch_folder(folder).parameters, Unknown)
    write(folder, {"model-00002-of-00002.safetensors": shard})
    assert fetch_folder(folder).parameters == Seen(Parameters(10, (("BF16", 10),)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\1",
        safetensors({}, length=2**63),
        safetensors({}, length=25_000_001),
        safetensors(b"{"),
        safetensors(b"[" * 100_000),
        safetensors([]),
        safetensors({"a": 5}),
        safetensors({"a": tensor("F16", -1)}),
        safetensors({"a": tensor("F16", True)}),
        safetensors({"a": tensor("F16", 1.5)}),
        safetensors({"a": tensor("F16", 10**15, 10**15)}),
        safetensors({"a": tensor("F16", *[2**40] * 32)}),
        safetensors({"a": tensor("F16", *[1] * 33)}),
    ],
)
def test_a_hostile_header_is_unknown(folder: Path, data: bytes) -> None:
    write(folder, {"model.safetensors": data})
    assert isinstance(fetch_folder(folder).parameters, Unknown)


# The Hugging Face cache


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache as huggingface_hub lays it out: blobs, links to them, and refs."""
    repo = tmp_path / "hub" / "models--org--m"
    write(repo, {"blobs/abc": CARD, "blobs/" + "d" * 64: "weights", "refs/main": COMMIT, "refs/refs/pr/1": COMMIT})
    (repo / "snapshots" / COMMIT).mkdir(parents=True)
    (repo / "snapshots" / COMMIT / "README.md").symlink_to("../../blobs/abc")
    (repo / "snapshots" / COMMIT / "w.safetensors").symlink_to("../../blobs/" + "d" * 64)
    return tmp_path / "hub"


def test_a_snapshot_folder_tells_its_repository_and_commit(cache: Path) -> None:
    snapshot = fetch_folder(cache / "models--org--m" / "snapshots" / COMMIT)
    assert (snapshot.ref, snapshot.source, snapshot.commit) == (ModelRef("org/m"), "folder", Seen(COMMIT))
    assert text(snapshot).text == CARD
    assert files(snapshot) == Files(
        (RepoFile("README.md", len(CARD)), RepoFile("w.safetensors", 7, "d" * 64)), complete=False
    )


@pytest.mark.parametrize("revision", [None, "main", COMMIT, "refs/pr/1"])
def test_the_cache_gives_what_a_revision_last_meant(cache: Path, revision: str | None) -> None:
    snapshot = fetch_hf_cache(ModelRef("org/m", revision), cache)
    assert (snapshot.ref, snapshot.source, snapshot.commit) == (ModelRef("org/m", revision), "cache", Seen(COMMIT))
    assert text(snapshot).text == CARD


@pytest.mark.parametrize(
    "ref",
    [
        ModelRef("org/n"),
        ModelRef("org/m", kind="dataset"),
        ModelRef("org/m", "v9"),
        ModelRef("org/m", "../../models--org--m/refs/main"),
        ModelRef("org/m", "d" * 40),
        ModelRef("../m"),
    ],
)
def test_what_is_not_in_the_cache_is_one_line(cache: Path, ref: ModelRef) -> None:
    with pytest.raises(OsauditError, match="not stored on this machine"):
        fetch_hf_cache(ref, cache)


def test_links_out_of_the_cached_repository_are_not_followed(cache: Path) -> None:
    write(cache, {"models--other--m/blobs/secret": "secret"})
    (cache / "models--org--m" / "snapshots" / COMMIT / "LICENSE").symlink_to(cache / "models--other--m/blobs/secret")
    assert "secret" not in repr(fetch_hf_cache(ModelRef("org/m"), cache))


HIDDEN = "root:x:0:0:root:/root:/bin/sh"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no model may lead to, with a secret under every name that an audit reads."""
    write(tmp_path / "etc", dict.fromkeys(("passwd", "LICENSE", "README.md", "config.json"), HIDDEN))
    return tmp_path / "etc"


def blobs_elsewhere(repo: Path, outside: Path) -> None:
    shutil.rmtree(repo / "blobs")
    (repo / "blobs").symlink_to(outside)
    (repo / "snapshots" / COMMIT / "LICENSE").symlink_to("../../blobs/passwd")


def a_blob_elsewhere(repo: Path, outside: Path) -> None:
    (repo / "blobs" / "f").symlink_to(outside / "passwd")
    (repo / "snapshots" / COMMIT / "LICENSE").symlink_to("../../blobs/f")


def a_folder_of_blobs_elsewhere(repo: Path, outside: Path) -> None:
    (repo / "blobs" / "inner").symlink_to(outside)
    (repo / "snapshots" / COMMIT / "LICENSE").symlink_to("../../blobs/inner/passwd")


def blobs_above(repo: Path, outside: Path) -> None:
    shutil.rmtree(repo / "blobs")
    (repo / "blobs").symlink_to("..")
    (repo / "snapshots" / COMMIT / "LICENSE").symlink_to(f"../../blobs/../../{outside.name}/passwd")


@pytest.mark.parametrize("lead", [blobs_elsewhere, a_blob_elsewhere, a_folder_of_blobs_elsewhere, blobs_above])
def test_no_link_leads_out_by_way_of_the_blobs(cache: Path, outside: Path, lead: Callable[[Path, Path], None]) -> None:
    repo = cache / "models--org--m"
    lead(repo, outside)
    for snapshot in (fetch_folder(repo / "snapshots" / COMMIT), fetch_hf_cache(ModelRef("org/m"), cache)):
        assert HIDDEN not in repr(snapshot)
        assert not files(snapshot).complete
        assert "LICENSE" not in paths(snapshot)


@pytest.mark.parametrize("link", ["snapshots", f"snapshots/{COMMIT}"])
def test_a_snapshot_that_is_itself_a_link_names_no_repository(tmp_path: Path, outside: Path, link: str) -> None:
    repo = tmp_path / "hub" / "models--org--m"
    write(repo, {"refs/main": COMMIT})
    (outside / COMMIT).mkdir()
    (repo / link).parent.mkdir(exist_ok=True)
    (repo / link).symlink_to(outside)
    assert fetch_folder(repo / "snapshots" / COMMIT).commit == Absent()
    with pytest.raises(OsauditError, match="not stored on this machine"):
        fetch_hf_cache(ModelRef("org/m"), tmp_path / "hub")


def test_what_is_swapped_for_a_link_after_it_was_listed_is_not_opened(folder: Path, outside: Path) -> None:
    found = walk(folder, is_cached=False)
    (folder / "LICENSE").unlink()
    (folder / "LICENSE").symlink_to(outside / "passwd")
    shutil.rmtree(folder / "sub")
    (folder / "sub").symlink_to(outside)
    for path in (found.real["LICENSE"], found.real["sub/w.bin"].with_name("passwd")):
        assert isinstance(read_bounded(path, 100), Unknown)
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")
    assert isinstance(read_bounded(found.real["config.json"], 100), Unknown)
    assert read_bounded(found.real["README.md"], 100) == CARD.encode()


def test_a_kept_tree_gives_the_whole_list(cache: Path) -> None:
    entries = {"README.md": {"size": 30}, "LICENSE": {"size": 9}, "w.bin": {"size": 5, "lfs_sha256": "e" * 64}}
    tree = {"format_version": 1, "files": entries}
    write(cache, {f"models--org--m/trees/{COMMIT}.json": json.dumps(tree)})
    snapshot = fetch_hf_cache(ModelRef("org/m"), cache)
    assert files(snapshot).complete
    assert files(snapshot).entries[-1] == RepoFile("w.bin", 5, "e" * 64)
    assert snapshot.texts["LICENSE"] == Unknown("listed, but not in the local copy")
    for broken in ("{", "[]", '{"format_version": 2, "files": {}}', '{"format_version": 1, "files": {"../x": {}}}'):
        write(cache, {f"models--org--m/trees/{COMMIT}.json": broken})
        assert not files(fetch_hf_cache(ModelRef("org/m"), cache)).complete


def test_what_the_client_itself_downloads_is_found(hub: LoopbackHub, tmp_path: Path) -> None:
    repo = hub.add_model("org/m", {"README.md": CARD, "LICENSE": "Terms", "model.safetensors": Lfs(safetensors({}))})
    hf_hub_download("org/m", "README.md", endpoint=hub.endpoint, cache_dir=tmp_path, token=False)
    part = fetch_hf_cache(ModelRef("org/m"), tmp_path)
    assert (text(part).text, part.commit) == (CARD, Seen(repo.sha))
    folder = snapshot_download("org/m", endpoint=hub.endpoint, cache_dir=tmp_path, token=False)
    whole = fetch_hf_cache(ModelRef("org/m"), tmp_path)
    assert text(whole, "LICENSE").text == "Terms"
    assert paths(whole) == ["LICENSE", "README.md", "model.safetensors"]
    assert whole.parameters == Seen(Parameters(0, ()))
    assert fetch_folder(folder).texts == whole.texts


def test_the_caches_place_is_that_of_the_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", "$HF_HOME/other")
    assert cache_folder() == tmp_path / "other"
    for name in ("HF_HOME", "HF_HUB_CACHE"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "huggingface" / "hub"

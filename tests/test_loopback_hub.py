"""The loopback Hub serves the unmodified huggingface_hub client: its routes, errors, faults and recorded content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.corpus import CorpusShelf
from hub.repos import Lfs, Weights
from hub.server import LoopbackHub, rate_limited
from huggingface_hub import HfApi, close_session, constants, hf_hub_download, set_client_factory
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import get_session
from huggingface_hub.utils._http import default_client_factory, parse_ratelimit_headers

CARD = "---\nlicense: apache-2.0\ndatasets:\n- org/data\n---\n# A model\n"


@pytest.fixture(autouse=True)
def _new_session() -> Iterator[None]:
    set_client_factory(default_client_factory)
    yield
    close_session()


def api(hub: LoopbackHub, token: str = "") -> HfApi:
    return HfApi(endpoint=hub.endpoint, token=token or False)


def header(tensors: dict[str, tuple[str, list[int]]]) -> bytes:
    data = json.dumps({
        name: {"dtype": dtype, "shape": shape, "data_offsets": [0, 0]} for name, (dtype, shape) in tensors.items()
    }).encode()  # fmt: skip
    return len(data).to_bytes(8, "little") + data


def test_model_info_gives_the_record(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", {"README.md": CARD, "model.safetensors": Weights(7)}, gated="auto")
    info = api(hub).model_info("org/m", expand=["sha", "siblings", "cardData", "gated"])
    assert (info.sha, info.gated, info.card_data.license) == (repo.sha, "auto", "apache-2.0")
    assert [file.rfilename for file in info.siblings] == ["README.md", "model.safetensors"]
    assert info.config is None
    assert hub.counts() == {"api": 1}


def test_blobs_give_sizes_and_hashes_and_cannot_be_expanded(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": CARD, "w.bin": Weights(7)})
    card, weights = api(hub).model_info("org/m", files_metadata=True).siblings
    assert (card.size, card.lfs, weights.size, weights.lfs["size"]) == (len(CARD), None, 7, 7)
    answer = get_session().get(f"{hub.endpoint}/api/models/org/m?expand=sha&blobs=true")
    assert answer.status_code == 400


def test_lists_are_paged_and_filtered(hub: LoopbackHub) -> None:
    for name in ("a/one", "a/two", "b/three"):
        hub.add_model(name, {"README.md": CARD})
    assert [info.id for info in api(hub).list_models(author="a")] == ["a/one", "a/two"]
    assert [info.id for info in api(hub).list_models(search="T")] == ["a/two", "b/three"]
    first = get_session().get(f"{hub.endpoint}/api/models?limit=2")
    assert len(first.json()) == 2
    assert 'rel="next"' in first.headers["link"]
    assert [info["id"] for info in get_session().get(first.links["next"]["url"]).json()] == ["b/three"]
    assert get_session().get(f"{hub.endpoint}/api/models?expand=baseModels").status_code == 400


def test_trees_paths_refs_and_commits(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", {"README.md": CARD, "vae/w.bin": Weights(7)})
    old = repo.sha
    new = hub.shelf.commit(repo, {"README.md": CARD + "more\n", "vae/w.bin": Weights(7)})
    repo.tags["v1"] = old
    client = api(hub)
    assert [entry.path for entry in client.list_repo_tree("org/m")] == ["README.md", "vae"]
    assert [entry.path for entry in client.list_repo_tree("org/m", recursive=True)] == ["README.md", "vae/w.bin", "vae"]
    assert [entry.path for entry in client.list_repo_tree("org/m", "vae")] == ["vae/w.bin"]
    assert [entry.lfs.size for entry in client.get_paths_info("org/m", ["vae/w.bin", "none"])] == [7]
    refs = client.list_repo_refs("org/m")
    assert (refs.branches[0].target_commit, refs.tags[0].target_commit) == (new, old)
    assert [commit.commit_id for commit in client.list_repo_commits("org/m")] == [new, old]
    assert client.model_info("org/m", revision="v1").sha == old
    client.auth_check("org/m")


def test_headers_of_shards(hub: LoopbackHub) -> None:
    shard = header({"a": ("F16", [2, 3])})
    index = {"metadata": {"total_size": 12}, "weight_map": {"a": "model-00001-of-00001.safetensors"}}
    files = {"model.safetensors.index.json": json.dumps(index), "model-00001-of-00001.safetensors": Lfs(shard)}
    hub.add_model("org/m", {"README.md": CARD, **files})
    found = api(hub).get_safetensors_metadata("org/m")
    assert found.parameter_count == {"F16": 6}


def test_downloads_of_text_and_of_lfs_from_the_other_origin(hub: LoopbackHub, tmp_path: Path) -> None:
    repo = hub.add_model("org/m", {"README.md": CARD, "w.bin": Lfs(b"weights")})
    for name, content in (("README.md", CARD.encode()), ("w.bin", b"weights")):
        path = Path(hf_hub_download("org/m", name, endpoint=hub.endpoint, cache_dir=tmp_path, token=False))
        assert path.read_bytes() == content
        assert path.parent.name == repo.sha
    assert {entry.origin for entry in hub.log if entry.path.startswith("/lfs/")} == {"storage"}


def test_ranges_and_unchanged_content(hub: LoopbackHub) -> None:
    repo = hub.add_model("org/m", {"README.md": "0123456789"})
    url = f"{hub.endpoint}/org/m/resolve/{repo.sha}/README.md"
    part = get_session().get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")
    assert get_session().get(url, headers={"Range": "bytes=99-"}).status_code == 416
    etag = get_session().head(url).headers["etag"]
    assert get_session().get(url, headers={"If-None-Match": etag}).status_code == 304


def test_what_is_not_there(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": CARD, "w.bin": Weights()})
    hub.add_model("org/shut", {"README.md": CARD}, disabled=True)
    hub.add_model("org/mine", {"README.md": CARD}, private=True, readers=frozenset({"hf_owner"}))
    client = api(hub)
    with pytest.raises(RepositoryNotFoundError):
        client.model_info("org/none")
    with pytest.raises(RepositoryNotFoundError):
        client.model_info("org/mine")
    with pytest.raises(RevisionNotFoundError):
        client.model_info("org/m", revision="none")
    with pytest.raises(DisabledRepoError):
        client.model_info("org/shut")
    with pytest.raises(EntryNotFoundError):
        hf_hub_download("org/m", "w.bin", endpoint=hub.endpoint, token=False)
    assert api(hub, "hf_owner").model_info("org/mine").private is True


def test_a_gate_guards_the_files_and_leaves_the_record_open(hub: LoopbackHub, tmp_path: Path) -> None:
    hub.tokens = frozenset({"hf_granted", "hf_stranger"})
    hub.add_model("org/m", {"README.md": CARD}, gated="manual", readers=frozenset({"hf_granted"}))

    def load(token: str) -> str:
        return hf_hub_download("org/m", "README.md", endpoint=hub.endpoint, cache_dir=tmp_path, token=token or False)

    assert api(hub).model_info("org/m").gated == "manual"
    for token in ("", "hf_stranger"):
        with pytest.raises(GatedRepoError):
            load(token)
    assert Path(load("hf_granted")).read_text() == CARD
    hub.gate_revisions = True
    with pytest.raises(GatedRepoError):
        api(hub).model_info("org/m", revision="main")


def test_an_invalid_token_is_told_apart(hub: LoopbackHub) -> None:
    hub.tokens = frozenset({"hf_good"})
    hub.add_model("org/m", {"README.md": CARD})
    with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
        api(hub, "hf_bad").model_info("org/m")
    api(hub, "hf_good").model_info("org/m")
    api(hub).model_info("org/m")
    assert [entry.token for entry in hub.log] == ["invalid", "valid", "absent"]


def test_a_moved_repository_redirects(hub: LoopbackHub) -> None:
    hub.add_dataset("squad", {"README.md": CARD})
    hub.shelf.move("dataset", "squad", "owner/squad")
    assert api(hub).dataset_info("squad", expand=["sha"]).id == "owner/squad"
    assert [entry.status for entry in hub.log] == [307, 200]


def test_faults_come_as_often_as_told(hub: LoopbackHub) -> None:
    hub.add_model("org/m", {"README.md": CARD})
    hub.fault("/api/models/", status=429, headers=rate_limited(55), times=1)
    url = f"{hub.endpoint}/api/models/org/m"
    busy = get_session().get(url)
    assert (busy.status_code, parse_ratelimit_headers(busy.headers).reset_in_seconds) == (429, 55)
    assert get_session().get(url).status_code == 200
    hub.fault("org/m", "html")
    assert get_session().get(url).text.startswith("<!DOCTYPE html>")
    hub.heal()
    assert get_session().get(url).json()["id"] == "org/m"


def test_the_corpus_is_indexed_at_once_and_read_when_asked_for(corpus: Path) -> None:
    shelf = CorpusShelf(corpus)
    models = shelf.ids("model")
    assert models
    assert shelf._known == {}
    assert shelf.find("model", models[0]).head.files
    assert len(shelf._known) == 1


def test_every_recorded_commit_is_served_as_it_was_recorded(corpus: Path, corpus_hub: LoopbackHub) -> None:
    client, states = api(corpus_hub), 0
    for repo_id in corpus_hub.shelf.ids("model"):
        folder = corpus / "models" / repo_id
        repo = corpus_hub.shelf.find("model", repo_id)
        assert {commit.sha for commit in repo.commits} >= {
            entry["sha"]
            for entry in json.loads((folder / "license_history.json").read_bytes())
            if any((folder / "history").glob(f"*_{entry['sha'][:8]}"))
        } if (folder / "license_history.json").is_file() else True  # fmt: skip
        states += len(repo.commits)
        info = client.model_info(repo_id, expand=["sha", "siblings", "cardData"])
        assert info.sha == repo.sha
        assert all(len(commit.sha) == 40 for commit in repo.commits)
    assert states > len(corpus_hub.shelf.ids("model"))


def test_older_states_are_listed_and_served_byte_for_byte(corpus: Path, corpus_hub: LoopbackHub) -> None:
    client = api(corpus_hub)
    for state in sorted(corpus.glob("models/*/*/history/*/")):
        repo_id = "/".join(state.parts[-4:-2])
        short = state.name.partition("_")[2]
        commits = corpus_hub.shelf.find("model", repo_id).commits
        sha = next(commit.sha for commit in commits if commit.sha.startswith(short))
        listed = {file.rfilename for file in client.model_info(repo_id, revision=sha).siblings}
        recorded = {path.name: path.read_bytes() for path in state.iterdir()}
        assert recorded.keys() <= listed
        assert {name for name in listed if name.startswith(("README", "LICEN"))} <= recorded.keys()
        for name, content in recorded.items():
            assert get_session().get(f"{corpus_hub.endpoint}/{repo_id}/resolve/{sha}/{name}").content == content


def test_names_of_unrecorded_terms_are_left_out_and_weights_stay(corpus: Path, corpus_hub: LoopbackHub) -> None:
    found = 0
    for path in sorted(corpus.glob("models/*/*/api_model.json")):
        repo_id = "/".join(path.parent.parts[-2:])
        recorded = {entry["rfilename"] for entry in json.loads(path.read_bytes())["siblings"]}
        if not (path.parent / "siblings.json").is_file() and "LICENSE" in recorded - {
            file.name for file in path.parent.iterdir()
        }:
            files = corpus_hub.shelf.find("model", repo_id).head.files
            assert "LICENSE" not in files
            assert any(name.endswith(".safetensors") for name in files)
            found += 1
    assert found or not list(corpus.glob("models/*/*/api_model.json"))


def test_recorded_data_sets_are_found_under_their_old_ids(corpus: Path, corpus_hub: LoopbackHub) -> None:
    moved = [
        (asked, "/".join(path.parent.parts[-2:]))
        for path in corpus.glob("datasets/*/*/provenance.json")
        if (asked := json.loads(path.read_bytes()).get("url", "").partition("/api/datasets/")[2])
    ]
    for asked, now in moved:
        assert api(corpus_hub).dataset_info(asked, expand=["sha"]).id == now
    assert any(asked != now for asked, now in moved) or not moved


def test_the_endpoint_of_the_client_itself_can_be_the_loopback_hub(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_model("org/m", {"README.md": CARD})
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    assert HfApi(token=False).model_info("org/m").id == "org/m"

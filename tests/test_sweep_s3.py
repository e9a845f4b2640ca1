"""A store in an object store: a loopback S3 of moto's, spoken to by fsspec's own package, as a bucket is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub.repos import Weights
from hub.server import LoopbackHub
from made_stores import counted, model, put

from osaudit.cli import run as run_here
from osaudit.sweep.locking import HeldError, locked
from osaudit.sweep.parts import path_of
from osaudit.sweep.place import place_of
from osaudit.sweep.storage import opened
from osaudit.sweep.tidying import compact

pytestmark = pytest.mark.slow
pytest.importorskip("s3fs", reason="s3fs is not installed")
NAMES = ["acme/one", "acme/two", "acme/three"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 on loopback."""
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        running.stop()


@pytest.fixture
def bucket(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address within an empty bucket, with the user's settings as the SDK reads them."""
    import fsspec  # noqa: PLC0415 - an extra

    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    name = tmp_path.name.replace("_", "-").lower()[:50]
    fsspec.filesystem("s3").mkdir(name)
    return f"s3://{name}/store"


def test_a_sweep_writes_to_a_bucket_goes_on_and_is_queried(
    bucket: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NAMES:
        hub.add_model(name, {"README.md": "---\nlicense: mit\n---\n# A model\n", "model.safetensors": Weights()})
    assert run_here(["sweep", *NAMES[:2], "-o", bucket, "--no-cache", "-q"]) == 0
    before = hub.counts()
    assert run_here(["sweep", *NAMES, "-o", bucket, "--no-cache", "-q", "--resume"]) == 0
    assert (hub.counts() - before)["file"] == 1  # the card of the third
    capsys.readouterr()
    assert run_here(["store", "check", bucket]) == 0
    assert run_here(["store", "compact", bucket]) == 0
    capsys.readouterr()
    assert run_here(["store", "query", bucket, "SELECT model FROM models ORDER BY model", "--format", "json"]) == 0
    assert [row["model"] for row in json.loads(capsys.readouterr().out)] == sorted(NAMES)


def test_a_second_sweep_on_a_bucket_is_refused(bucket: str) -> None:
    place = place_of(bucket)
    with locked(place), pytest.raises(HeldError, match="another sweep"), locked(place):
        pass
    with locked(place):
        pass


def test_a_broken_part_in_a_bucket_is_set_aside_and_told(bucket: str) -> None:
    place = place_of(bucket)
    for number, name in enumerate(NAMES, 1):
        put(place, number, [model(name)], keep="none")
    file = place.files("models")[0]
    place.write(path_of("models", file), b"PAR1, and no more")
    contents, known, lines = opened(place)
    assert (len(contents.chunks), len(known)) == (2, 2)
    assert len(lines) == 1
    compact(place, 100_000)
    assert counted(place)["cells"] == 2 * 40


def test_a_bucket_that_is_not_there_is_one_line(
    bucket: str, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add_model("acme/one", {"README.md": "# A model\n"})
    nowhere = bucket.replace("s3://", "s3://no-such-")
    assert run_here(["sweep", "acme/one", "-o", nowhere, "--no-cache", "-q"]) == 3
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert f"{nowhere}: " in err
    assert "bucket does not exist" in err

"""The level `integrity`: are the files whole, and what they are said to be? Needs headers alone, and no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from osaudit import contents
from osaudit.probe.inventory import Inventory, json_object, take_stock
from osaudit.probe.repository import Damage, Repository, chunks, place, sized
from osaudit.probe.safetensors import not_weights
from osaudit.proberun import LevelResult

Told = Callable[[str, int, int], None]

_CONFIGS = ("config.json", "generation_config.json", "model_index.json", "tokenizer_config.json")


def check_integrity(repository: Repository, told: Told) -> tuple[LevelResult, Inventory]:
    """Read all headers, and, where files with known hashes are at hand, all bytes; the first damage is the verdict."""
    try:
        inventory = take_stock(repository)
        _check_small_files(repository)
        verified = verify_hashes(repository, told)
    except Damage as damage:
        return failed("integrity", repository, damage), Inventory()
    count = sum(len(group) for group in (inventory.safetensors, inventory.gguf, inventory.onnx, inventory.pickles))
    headers = f"{count} weight {'file has' if count == 1 else 'files have'} a header that fits the file"
    words = (
        f"{headers} ({', '.join(inventory.formats)})" if count else "the weights are of formats that are not read here"
    )
    hashes = f"; {verified} hashes are those of the listing" if verified else ""
    unhashed = () if verified else (_why_unverified(repository),)
    return LevelResult("integrity", "pass", f"{words}{hashes}.", notes=(*inventory.notes, *unhashed)), inventory


def _why_unverified(repository: Repository) -> str:
    if repository.folder is None:
        return "hashes stand in the listing and were not verified: nothing was downloaded"
    return "no hashes were verified: the folder comes without any"


def failed(level: str, repository: Repository, damage: Damage) -> LevelResult:
    """The verdict on damage."""
    where = (place(repository, damage.path, damage.quote),) if damage.path else ()
    sentence = damage.because if damage.because.endswith(".") else f"{damage.because}."
    return LevelResult(level, "fail", sentence, damage.failure, where)  # type: ignore[arg-type] # a level by its name


def _check_small_files(repository: Repository) -> None:
    """Configurations are JSON objects; neither they nor tokenizers are pointers or pages."""
    sizes = sized(repository)
    for path in sizes:
        name = path.rpartition("/")[2]
        if name in _CONFIGS:
            json_object(repository, path)
        elif contents.is_tokenizer(path) and sizes[path]:
            not_weights(path, repository.read(path, 0, 512))


def verify_hashes(repository: Repository, told: Told) -> int:
    """Hash every file at hand whose hash is listed, in one pass; Damage at the first that differs."""
    if repository.folder is None:
        return 0
    verified = 0
    for file in repository.files:
        oid = repository.git_oids.get(file.path)
        if file.sha256 is None and oid is None:
            continue
        verified += 1
        path = repository.folder / file.path
        found = _sha256(path, file.path, told) if file.sha256 else git_blob_id(path)
        if found != (file.sha256 or oid):
            listed = (file.sha256 or oid or "")[:12]
            because = f"{file.path} is not the file that is listed: its hash is {found[:12]}..., not {listed}..."
            raise Damage("hash-mismatch", because, file.path, found)
    return verified


def _sha256(path: Path, name: str, told: Told) -> str:
    size, done, digest = path.stat().st_size, 0, hashlib.sha256()
    for chunk in chunks(path):
        digest.update(chunk)
        done += len(chunk)
        told(f"verify {name}", done, size)
    return digest.hexdigest()


def git_blob_id(path: Path) -> str:
    """The id that git gives to a file's content."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    for chunk in chunks(path):
        digest.update(chunk)
    return digest.hexdigest()

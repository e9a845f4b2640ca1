"""What is fed to a model: a prompt through its tokenizer, or numbers of the right shape where it has none."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osaudit.probe.worker.trouble import Trouble, failure_of

PROMPT = "The capital of France is"
SENTENCES = ("The cat sits on the mat.", "A cat is sitting on a mat.", "The stock market fell sharply today.")
_TEXT = "In the beginning there was a long road that led over the hills, and many people walked along it. "
_TOKENIZER_FILES = (
    *("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "sentencepiece.bpe.model"),
    *("tokenizer_config.json", "merges.txt", "tekken.json"),
)
_SAMPLES = 16_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """Tables for the model; `length` tokens of prompt; `extra` is what forward needs beyond what generate does."""

    tables: Mapping[str, Any]
    length: int
    items: int
    decode: Callable[[list[int]], str | None]
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] | None = None

    def forward(self) -> dict[str, Any]:
        """The tables for one pass."""
        return {**self.tables, **(self.extra or {})}


def make_inputs(  # noqa: PLR0913 - a model and how it is fed
    torch: Any,  # noqa: ANN401 - the library
    model: Any,  # noqa: ANN401 - the library's
    task: str,
    folder: Path,
    *,
    file: str | None,
    length: int | None,
    device: str,
) -> Inputs:
    """Make the inputs of one task; with `length`, a prompt of so many tokens."""
    if task in {"speech", "audio", "vision"}:
        return _numbers(torch, model, task, device)
    tokenizer = read_tokenizer(folder, file)
    if tokenizer is None:
        return _plain_ids(torch, model, task, length, device)
    texts = _texts(task, length)
    try:
        tables = dict(tokenizer(texts, return_tensors="pt", padding=len(texts) > 1))
    except ValueError as error:
        raise Trouble("tokenizer-missing", f"the tokenizer refuses plain sentences: {str(error)[:200]}") from error
    accepted = ("input_ids", "attention_mask", *(("token_type_ids",) if task == "encoder" else ()))
    tables = {name: table for name, table in tables.items() if name in accepted}
    if length:
        tables = _fitted(torch, model, tables, length)
    _check_ids(model, tables["input_ids"])
    tables = {name: table.to(device) for name, table in tables.items()}
    return Inputs(
        tables=tables,
        length=int(tables["input_ids"].shape[1]),
        items=int(tables["input_ids"].shape[0]),
        decode=lambda ids: str(tokenizer.decode(ids, skip_special_tokens=True)),
        notes=(_round_trip(tokenizer, texts[0]),),
        extra=_decoder_start(torch, model, device, len(texts)) if task == "seq2seq" else None,
    )


def _texts(task: str, length: int | None) -> list[str]:
    if task == "encoder":
        return list(SENTENCES)
    return [_TEXT * (1 + length // 8) if length else PROMPT]


def _fitted(torch: Any, model: Any, tables: dict[str, Any], length: int) -> dict[str, Any]:  # noqa: ANN401 - the library
    """Cut the prompt to the length asked for, and to what the model has room for."""
    room = int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 0)
    if room:
        length = max(1, min(length, room // 2))
    cut = {name: table[:, :length] for name, table in tables.items()}
    short = length - cut["input_ids"].shape[1]
    if short > 0 and tables["input_ids"].shape[0] == 1:
        cut = {name: torch.cat([table, table[:, -1:].expand(-1, short)], 1) for name, table in cut.items()}
    return cut


def read_tokenizer(folder: Path, file: str | None) -> Any | None:  # noqa: ANN401 - the library's
    """The tokenizer; None where the repository has no file of one."""
    if not file and not any((folder / name).is_file() for name in _TOKENIZER_FILES):
        return None
    transformers = importlib.import_module("transformers")
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": True}
    if file:
        options["gguf_file"] = file
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
    except Exception as error:
        told = failure_of(error)
        kind = told["class"] if told["class"] in {"dependency-missing", "remote-code"} else "tokenizer-missing"
        raise Trouble(kind, f"the tokenizer does not load: {told['because']}") from error
    if tokenizer.pad_token is None and tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _round_trip(tokenizer: Any, text: str) -> str:  # noqa: ANN401 - the library's
    ids = tokenizer(text)["input_ids"]
    back = tokenizer.decode(ids, skip_special_tokens=True)
    if not back.strip() or not ids:
        raise Trouble("tokenizer-missing", f"the tokenizer turns {text[:40]!r} into nothing that reads back")
    same = "".join(back.casefold().split()) == "".join(text.casefold().split())
    return "the tokenizer's round trip gives the text back" if same else f"the tokenizer gives back {back[:60]!r}"


def _check_ids(model: Any, ids: Any) -> None:  # noqa: ANN401 - the library's
    rows = getattr(model.get_input_embeddings(), "num_embeddings", None)
    if rows is not None and int(ids.max()) >= rows:
        told = f"the tokenizer gives the id {int(ids.max())}, and the embedding has {rows} rows"
        raise Trouble("vocabulary-mismatch", told)


def _plain_ids(torch: Any, model: Any, task: str, length: int | None, device: str) -> Inputs:  # noqa: ANN401 - the library
    config = model.config.get_text_config()
    vocabulary = int(getattr(config, "vocab_size", 0) or 0)
    if vocabulary < 2:  # noqa: PLR2004 - nothing to say
        raise Trouble("config-schema", "the configuration gives no vocabulary to take ids from", path="config.json")
    room = int(getattr(config, "max_position_embeddings", 0) or 1024)
    count = max(1, min(length or 8, room // 2))
    rows = 3 if task == "encoder" else 1
    ids = torch.arange(rows * count).reshape(rows, count) * 7 % max(1, vocabulary - 4) + min(4, vocabulary - 1)
    ids = ids.clamp(max=vocabulary - 1).to(device)
    extra = _decoder_start(torch, model, device, rows) if task == "seq2seq" else None
    note = "no tokenizer is published with the weights: ids were fed directly"
    tables = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    return Inputs(tables, count, rows, lambda _: None, (note,), extra)


def _decoder_start(torch: Any, model: Any, device: str, rows: int) -> dict[str, Any]:  # noqa: ANN401 - the library
    """One token for the decoder to start a plain pass with."""
    start = getattr(model.generation_config, "decoder_start_token_id", None)
    start = getattr(model.config, "decoder_start_token_id", None) if start is None else start
    return {"decoder_input_ids": torch.full((rows, 1), int(start or 0), device=device)}


def _numbers(torch: Any, model: Any, task: str, device: str) -> Inputs:  # noqa: ANN401 - the library
    """Noise of the shape that the configuration asks for."""
    config = model.config
    if task == "vision":
        inner = getattr(config, "vision_config", None) or config
        size = getattr(inner, "image_size", None) or 224
        height, width = (size, size) if isinstance(size, int) else tuple(size)[-2:]
        shape: tuple[int, ...] = (1, int(getattr(inner, "num_channels", 3) or 3), height, width)
    elif task == "speech":
        frames = 2 * int(getattr(config, "max_source_positions", 1500) or 1500)
        bins = getattr(config, "num_mel_bins", None) or getattr(config, "input_feat_per_channel", None) or 80
        shape = (1, int(bins), frames)
    else:
        shape = (1, _SAMPLES)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device=device, dtype=model.dtype)
    tables = {model.main_input_name: noise}
    extra = _decoder_start(torch, model, device, 1) if task == "speech" else None
    return Inputs(tables, 0, 1, lambda _: None, (), extra)

"""What a source hands over: a repository at one commit, fetched and not yet read.

Hub, folder and cache all fill the same shape, so that `osaudit.reading` turns each into evidence the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from osaudit.evidence import Absent, Fact, Files, GateMode, ModelRef, Parameters
from osaudit.frozen import dataclass


@dataclass(frozen=True, slots=True)
class FetchedText:
    """A text file: `sha256` and `size` (bytes) are those of what was read; `truncated` where a bound cut it.

    `encoded` holds the bytes in base 64 where the text does not give them back: bad ones were replaced.
    """

    text: str
    sha256: str
    size: int
    truncated: bool = False
    encoded: str = ""


@dataclass(frozen=True, slots=True)
class GgufWords:
    """What one GGUF file says of its model: the texts under `general.` in its metadata, unchecked and bounded."""

    path: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One repository at one commit. `card_data` and `config` are the API's JSON objects, unchecked.

    `base_models` are those that the Hub itself names in its record, unchecked as well.
    `gguf` is Absent where there is no such file, or where it was not looked into because the record names a base;
    `more_gguf` are the heads of files whose names tell of other models.
    `unverified` says why nothing holds what was read to what the Hub has; it is empty where something does.
    """

    ref: ModelRef
    source: Literal["hub", "cache", "folder", "git"]
    commit: Fact[str]
    last_modified: Fact[str]
    files: Fact[Files]
    gated: Fact[GateMode]
    card_data: Fact[Mapping[str, Any]]
    config: Fact[Mapping[str, Any]]
    parameters: Fact[Parameters]
    texts: Mapping[str, Fact[FetchedText]]
    gguf: Fact[GgufWords] = field(default_factory=Absent)
    base_models: Fact[Mapping[str, Any]] = field(default_factory=Absent)
    more_gguf: tuple[Fact[GgufWords], ...] = ()
    unverified: str = ""

    @property
    def heads(self) -> tuple[Fact[GgufWords], ...]:
        """What was read of GGUF files, of all of them."""
        return (self.gguf, *self.more_gguf)

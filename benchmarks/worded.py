"""Made repositories in short form: what is said and where, each written out as a case of `benchmarks.evasions`.

A file is a list of `{id, says}` and, where the words stand elsewhere than in the card's body: `title`, `tag` (of the
licence), `front` (further lines of the front matter), `files`, `gguf` (texts of a GGUF header), `config`, `phantoms`
(listed files without content), `gated`, `repo`, `extra` (further repositories), `severity`. `open` says of a case why
it is known to come out wrong: a closing one open, a harmless one held.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_REPO = "borealis/quillfin"
_CARD = """\
---
license: {tag}
library_name: transformers
{front}---
# {title}

Quillfin is a small language model for Nordic languages.

## Getting started

```python
from transformers import pipeline
pipe = pipeline('text-generation', 'borealis/quillfin')
```

{says}

## Results

| Task | Score |
|---|---|
| ARC | 40.1 |
"""
_CONFIG = {"architectures": ["QuillForCausalLM"], "model_type": "quill"}
_MAGIC, _VERSION, _STRING = b"GGUF", 3, 8


def worded(path: Path, severity: str) -> list[dict[str, Any]]:
    """Write out the cases of a file."""
    listed: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [written_out(short, severity) for short in listed]


def written_out(short: Mapping[str, Any], severity: str) -> dict[str, Any]:
    """Write one case out: a card with an approved tag, that licence's text, listed weights, and what is told."""
    tag = short.get("tag", "apache-2.0")
    card = _CARD.format(
        tag=tag, front=short.get("front", ""), title=short.get("title", "Quillfin 3B"), says=short["says"]
    )
    files: dict[str, Any] = {
        "config.json": json.dumps(short.get("config", _CONFIG)),
        "README.md": card,
        "LICENSE": {"text": "MIT" if tag == "mit" else "Apache-2.0"},
        **short.get("files", {}),
    }
    if "gguf" in short:
        files["quill.gguf"] = {"b64": base64.b64encode(_gguf(short["gguf"])).decode()}
    weights = () if "gguf" in short else short.get("phantoms", ("model.safetensors",))
    meta: dict[str, Any] = {"phantoms": [{"path": path, "size": 1_000_000} for path in weights]}
    if "gated" in short:
        meta["gated"] = short["gated"]
    place = {key: value for key, value in short.items() if key not in {"id", "says", "severity", "open"}}
    return {
        "id": short["id"],
        "severity": short.get("severity", severity),
        "what": short["says"] or json.dumps(place, ensure_ascii=False),
        "repo": short.get("repo", _REPO),
        "files": files,
        "meta": meta,
        "extra": short.get("extra", []),
        "open": short.get("open", ""),
    }


def _gguf(words: Mapping[str, str]) -> bytes:
    pairs = (_text(key) + struct.pack("<I", _STRING) + _text(value) for key, value in words.items())
    return _MAGIC + struct.pack("<IQQ", _VERSION, 0, len(words)) + b"".join(pairs)


def _text(words: str) -> bytes:
    data = words.encode()
    return struct.pack("<Q", len(data)) + data

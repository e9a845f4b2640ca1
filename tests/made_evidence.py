"""Evidence made by Hypothesis: cases in the keys of `evidence_builder`, and evidence of any values at all."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import Any

from hypothesis import strategies as st

from osaudit import evidence as ev
from osaudit.evidence import Evidence
from osaudit.licences.table import load_table

KEYS = sorted(licence.key for licence in load_table().licences)
FLAGS = [
    "non_commercial",
    "field_of_use_restriction",
    "acceptable_use_policy",
    "output_use_restriction",
    "user_threshold",
    "revenue_threshold",
    "geographic_exclusion",
    "no_derivatives",
    "registration_required",
    "hosting_restriction",
    "no_redistribution",
]
FILES = [
    "model.safetensors",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "pytorch_model.bin",
    "tiny.Q4_K_M.gguf",
    "model.onnx",
    "config.json",
    "tokenizer.json",
    "adapter_config.json",
    "adapter_model.safetensors",
    "modeling_tiny.py",
    "train.py",
    "preprocess.py",
    "evaluate.py",
    "README.md",
    "LICENSE",
]
LINES = st.integers(1, 40)

names = st.sampled_from([*KEYS, "acme-licence", "apache-2.0 or mit", "llama2, mit"])
texts = st.fixed_dictionaries(
    {"path": st.sampled_from(["LICENSE", "LICENSE.md", "LICENSE-MODEL", "vae/LICENSE", "LICENSE-CODE", "legal/TERMS"])},
    optional={
        "keys": st.lists(st.sampled_from(KEYS), max_size=2, unique=True),
        "match": st.sampled_from(["exact", "variant"]),
        "restrictions": st.lists(st.sampled_from(FLAGS), max_size=2),
        "clauses": st.lists(st.integers(1, 10), max_size=3),
        "verbatim": st.booleans(),
        "component": st.sampled_from(["any", "weights", "code", "policy", "docs"]),
        "text": st.sampled_from(["Use it well.", "words " * 200]),
    },
).map(lambda text: text if text.get("keys") else {key: value for key, value in text.items() if key != "clauses"})
statements = st.one_of(
    st.fixed_dictionaries({"kind": st.just("restriction"), "value": st.sampled_from(FLAGS)}),
    st.fixed_dictionaries(
        {"kind": st.just("training-data"), "value": st.sampled_from(["published", "named", "vague"])}
    ),
    st.fixed_dictionaries({"kind": st.sampled_from(sorted(typing.get_args(ev.StatementKind))), "line": LINES}),
    st.fixed_dictionaries({"kind": st.just("paper"), "subject": st.sampled_from(["data", "any"]), "line": LINES}),
)
gates = st.one_of(
    st.sampled_from(["open", "auto", "manual", "unknown", "absent"]),
    st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["auto", "manual"]),
            "prompt": st.sampled_from(["unknown", "Read our privacy policy."]),
        },
        optional={"eu_disallowed": st.booleans(), "prompt_unplaced": st.booleans()},
    ),
)
configs = st.one_of(
    st.just("unknown"),
    st.fixed_dictionaries(
        {}, optional={"remote_code": st.booleans(), "quantization": st.sampled_from(["gptq", "mxfp4"])}
    ),
)
PLAIN = {
    "files": st.one_of(st.sampled_from(["unknown", "absent"]), st.lists(st.sampled_from(FILES), unique=True)),
    "partial": st.booleans(),
    "tag": names,
    "license_name": names,
    "license_link": st.sampled_from(["LICENSE", "https://ai.google.dev/gemma/terms"]),
    "texts": st.lists(texts, max_size=3),
    "statements": st.lists(statements, max_size=4),
    "gate": gates,
    "config": configs,
    "card": st.sampled_from(["absent", "unread", "cut"]),
    "front": st.sampled_from(["absent", "unread"]),
    "library": st.sampled_from(["transformers", "acme-engine"]),
    "pipeline": st.sampled_from(["text-generation", "image-classification"]),
}
datasets = st.fixed_dictionaries(
    {"name": st.sampled_from(["acme/corpus", "acme/c4-copy", "else/chat"])},
    optional={
        "role": st.sampled_from(typing.get_args(ev.DataRole)),
        "confidence": st.sampled_from(["high", "low"]),
        "is": st.fixed_dictionaries({}, optional={key: PLAIN[key] for key in ("tag", "texts", "gate", "statements")}),
    },
)


def _bases(is_: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"name": st.sampled_from(["acme/base-lm", "else/base-lm", "meta-llama/Llama-2-7b", "base-lm"])},
        optional={"confidence": st.sampled_from(["high", "low"]), "is": is_},
    )


_deepest = st.fixed_dictionaries({}, optional=PLAIN)
_deeper = st.fixed_dictionaries({}, optional={**PLAIN, "bases": st.lists(_bases(_deepest), max_size=1)})
cases = st.fixed_dictionaries(
    {},
    optional={
        **PLAIN,
        "datasets": st.lists(datasets, max_size=3, unique_by=lambda row: row["name"]),
        "bases": st.lists(_bases(_deeper), max_size=2, unique_by=lambda row: row["name"]),
        "unseen": st.just([{"what": "LICENSE.pdf", "why": "it may hold terms and is not a text file"}]),
    },
)
licensed_cases = cases.filter(lambda case: "tag" in case and case["tag"] not in {"none", "other", "unknown"})
"""Cases in which somebody states a licence, so that further words on use cannot end a silence."""


def any_evidence() -> st.SearchStrategy[Evidence]:
    """Evidence with any value in any field, nested one level."""
    return _of(Evidence, 1)


@functools.cache
def _of(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return _tuple(args, depth)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(_of(option, depth) for option in args if depth or option is not ev.Seen[Evidence]))
    if origin is ev.Seen:
        return st.builds(ev.Seen, _of(args[0], depth - (args[0] is Evidence)), _of(tuple[ev.Where, ...], depth))
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(
            kind, **{field.name: _of(hints[field.name], depth) for field in dataclasses.fields(kind) if field.init}
        )
    return _PLAIN[kind]


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
}


def _tuple(args: tuple[Any, ...], depth: int) -> st.SearchStrategy[Any]:
    if args[-1] is not Ellipsis:
        return st.tuples(*(_of(arg, depth) for arg in args))
    if not depth and args[0] in (ev.Base, ev.DatasetUse, ev.LinkedRepository):
        return st.just(())
    return st.lists(_of(args[0], depth), max_size=2).map(tuple)

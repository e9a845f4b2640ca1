"""Checks on the published weights: there, modifiable, downloadable, loadable."""

from __future__ import annotations

import itertools

from osaudit import contents
from osaudit.checks.cards import card_place, front_matter, seems_partial, statements, weight_files, why_unread
from osaudit.checks.case import Case
from osaudit.checks.libraries import open_library
from osaudit.compiled import regex
from osaudit.evidence import Files, Gate, RepoFile, Seen, Unknown, Where
from osaudit.once import once_for_each
from osaudit.verdict import Answer, Outcome

_MODEL_CODE = regex(r"(?:^|/)modeling_\w+\.py$")
_NUMBER = regex(r"\d+-of-")
FULL_PRECISION = frozenset({"safetensors", "pytorch", "flax", "tensorflow", "keras", "paddle", "nemo", "mlx"})
_NARROW = ("I", "U", "F8", "F4", "BOOL")
ONE_RUNTIME = frozenset({"coreml", "openvino", "tensorrt", "nemo", "tflite", "mlx"})
_TEXT_HEADS = ("ForCausalLM", "ForMaskedLM", "LMHeadModel")
_NO_BEARING = Answer("not_applicable", "Nothing bears on this.", counted=False)


@once_for_each
def weights_published(case: Case) -> Answer:
    """Are weight files listed?"""
    match case.evidence.files:
        case Seen(listed, where):
            weights = weight_files(listed)
            if weights:
                words = f"{len(weights)} weight files are listed, among them {weights[0].path}."
                return Answer("pass", words, file_places(where, weights[:2]))
            if seems_partial(listed):
                return Answer("review", "No weight file is in the part of the file list that was seen.", where)
            return Answer("fail", "The repository lists no weight file.", where)
        case Unknown(why):
            return Answer("review", f"The file list could not be seen: {why.rstrip('.')}.", card_place(case.evidence))
        case _:
            return Answer("fail", "The repository lists no weight file.", card_place(case.evidence))


def file_places(where: tuple[Where, ...], entries: tuple[RepoFile, ...]) -> tuple[Where, ...]:
    """The places of listed files: the list's own place with each file's path and hash."""
    if not where:
        return ()
    return tuple(_file_place(where[0], entry) for entry in entries)


def _file_place(listing: Where, entry: RepoFile) -> Where:
    url = f"https://huggingface.co/{listing.repo}/blob/{listing.commit}/{entry.path}" if listing.commit else None
    return Where(listing.repo, listing.commit, entry.path, sha256=entry.sha256, url=url)


def weights_modifiable(case: Case) -> Answer:
    """Are they in the form that one would modify: full precision, with configuration and tokenizer?"""
    match case.evidence.files:
        case Seen(listed, where):
            return _form(case, listed, where)
        case _:
            return _NO_BEARING


def _form(case: Case, listed: Files, where: tuple[Where, ...]) -> Answer:
    weights = weight_files(listed)
    if not weights:
        return _NO_BEARING
    places = file_places(where, weights[:2])
    absent = missing_shards(weights)
    if absent:
        outcome: Outcome = "fail" if listed.complete else "review"
        return Answer(outcome, f"Shards are missing from the list that was seen: {absent}.", places)
    if is_adapter(listed):
        return Answer("review", "These are adapter or delta weights, to be judged together with their base.", places)
    original = _originals(case, weights)
    if not original:
        return _converted(case, weights, places)
    if isinstance(case.evidence.config, Unknown):
        why = case.evidence.config.why.rstrip(".")
        return Answer("review", f"Whether the weights are in full precision could not be seen: {why}.", places)
    return _accompanied(case, listed, file_places(where, original))


def _originals(case: Case, weights: tuple[RepoFile, ...]) -> tuple[RepoFile, ...]:
    """The first two of the files in full precision; none where settings, headers or names tell of another."""
    if not _may_be_full(case):
        return ()
    full = (
        entry
        for entry in weights
        if contents.weight_format(entry.path) in FULL_PRECISION and not contents.is_quantised_name(entry.path)
    )
    return tuple(itertools.islice(full, 2))


def _may_be_full(case: Case) -> bool:
    match case.evidence.config:
        case Seen(config, _) if isinstance(config.quantization, Seen):
            return False
        case Seen():
            return not _is_narrow(case)
        case _:
            return not (_is_narrow(case) or contents.is_quantised_name(case.evidence.ref.repo))


def _is_narrow(case: Case) -> bool:
    """Whether most parameters, by the headers of the weight files, are integers or floats of eight bits."""
    match case.evidence.parameters:
        case Seen(counted, _):
            narrow = sum(number for dtype, number in counted.by_dtype if dtype.startswith(_NARROW))
            return 2 * narrow > counted.total
        case _:
            return False


def _converted(case: Case, weights: tuple[RepoFile, ...], places: tuple[Where, ...]) -> Answer:
    forms = sorted({contents.weight_format(entry.path) or "" for entry in weights})
    what = f"Only quantised or converted weights are listed ({', '.join(forms)})"
    if case.parents:
        base = case.parents[0].base
        return Answer("partial", f"{what}; the original is named: {base.name}.", (*places, base.where))
    match case.evidence.config:
        case Seen(config, where) if isinstance(config.quantization, Seen):
            words = f"{what}, published as {config.quantization.value} by their maker with no full-precision original."
            return Answer("partial", words, (*places, *where))
        case _:
            return Answer(
                "review", f"{what}, and no original is named, so this may not be what one would modify.", places
            )


def _accompanied(case: Case, listed: Files, places: tuple[Where, ...]) -> Answer:
    names = _names(listed)
    config = any(map(contents.is_config, names))
    tokenizer = any(map(contents.is_tokenizer, names))
    outcome: Outcome = "partial" if listed.complete else "review"
    if _lacks_code(case, listed):
        words = "The configuration points to code of the repository that is not listed."
        return Answer("fail" if listed.complete else "review", words, places)
    if config and (tokenizer or not _is_text_model(case)):
        return Answer("pass", "Full-precision weights are listed with what is needed to load them.", places)
    lacking = "configuration" if not config else "tokenizer"
    return Answer(outcome, f"Full-precision weights are listed without a {lacking} file.", places)


def _lacks_code(case: Case, listed: Files) -> bool:
    match case.evidence.config:
        case Seen(config, _):
            return config.remote_code and not _lists_python(listed)
        case _:
            return False


def _is_text_model(case: Case) -> bool:
    front = front_matter(case.evidence.card)
    tag = front.pipeline_tag if front else None
    config = case.evidence.config
    made = config.value.architectures if isinstance(config, Seen) else ()
    return any(name.endswith(_TEXT_HEADS) for name in made) or (
        isinstance(tag, Seen) and tag.value.startswith(("text-generation", "text2text", "fill-mask"))
    )


def is_adapter(listed: Files) -> bool:
    """Whether the list is that of an adapter: its settings, and no model's."""
    names = _names(listed)
    return "adapter_config.json" in names and "config.json" not in names


@once_for_each
def _names(listed: Files) -> frozenset[str]:
    """The names of the listed files, without their folders."""
    return frozenset([entry.path.rsplit("/", 1)[-1] for entry in listed.entries])


def missing_shards(weights: tuple[RepoFile, ...]) -> str:
    """Say which shards of a numbered set are not listed; empty where none is."""
    sets: dict[tuple[str, int], set[int]] = {}
    for entry in weights:
        shard = contents.shard_of(entry.path)
        if shard:
            sets.setdefault((_NUMBER.sub("*-of-", entry.path), shard[1]), set()).add(shard[0])
    absent = ((stem, count, count - len(seen)) for (stem, count), seen in sorted(sets.items()) if len(seen) < count)
    return next((f"{lacking} of {count} of {stem}" for stem, count, lacking in absent), "")


def gate_asks_no_contract(case: Case) -> Answer:
    """Do the files download without an agreement?"""
    match case.evidence.gate:
        case Seen(gate, where):
            return _contract(gate, where)
        case _:
            return _gate_unseen(case)


def _contract(gate: Gate, where: tuple[Where, ...]) -> Answer:
    match gate.mode:
        case "open":
            return Answer("pass", "The files download without a form.", where)
        case "auto":
            return Answer("partial", "A form stands before the files, and opens by itself.", where)
        case "manual":
            return Answer("review", "A person decides on each request for the files.", where)


def gate_open_to_all(case: Case) -> Answer:
    """Does the gate let everybody in?"""
    match case.evidence.gate:
        case Seen(gate, where):
            if gate.eu_disallowed:
                return Answer("fail", "The gate refuses users in the European Union.", where)
            return _contract(gate, where)
        case _:
            return _gate_unseen(case)


def _gate_unseen(case: Case) -> Answer:
    match case.evidence.gate:
        case Unknown(why):
            return Answer("review", f"Whether a gate stands before the files could not be seen: {why.rstrip('.')}.")
        case _:
            return _NO_BEARING


def weights_load_anywhere(case: Case) -> Answer:
    """Can they be loaded by an open library, without one vendor's tool and without the repository's own code?"""
    match case.evidence.files:
        case Seen(listed, where):
            weights = weight_files(listed)
            return _loadable(case, weights, file_places(where, weights[:2])) if weights else _NO_BEARING
        case _:
            return _NO_BEARING


def _loadable(case: Case, weights: tuple[RepoFile, ...], places: tuple[Where, ...]) -> Answer:
    formats = {contents.weight_format(entry.path) or "" for entry in weights}
    if needs_own_code(case):
        return Answer("partial", "Loading needs code of the repository itself (trust_remote_code).", places)
    if _brings_own_code(case):
        words = "The repository brings code of its own to load the weights with (trust_remote_code, modeling_*.py)."
        return Answer("partial", words, places)
    if formats <= ONE_RUNTIME:
        return Answer(
            "partial", f"The weights are in the format of one runtime only ({', '.join(sorted(formats))}).", places
        )
    why = _why_code_unknown(case)
    if why:
        words = f"Whether loading needs code of the repository itself could not be seen: {why}."
        return Answer("review", words, places)
    library = open_library(case.evidence)
    loader = f", which {library.name} loads" if library else ""
    return Answer("pass", f"The weights are in a standard format ({', '.join(sorted(formats))}){loader}.", places)


def needs_own_code(case: Case) -> bool:
    """Whether loading needs the repository's own code: by its configuration, else by the card and the files."""
    match case.evidence.config:
        case Seen(config, _):
            return config.remote_code
        case Unknown() if has_code(case):
            return True
        case _:
            return bool(statements(case.evidence.card, "remote-code"))


def asks_for_own_code(case: Case) -> bool:
    """Whether the weights are loaded with the repository's own code, as far as settings, card and files tell."""
    return needs_own_code(case) or _brings_own_code(case)


def own_code_places(case: Case) -> tuple[Where, ...]:
    """Where it says that the weights are loaded with the repository's own code: settings, the card, or the code."""
    match case.evidence.config:
        case Seen(config, where) if config.remote_code and where:
            return where[:2]
        case _:
            pass
    said = tuple(one.where for one in statements(case.evidence.card, "remote-code"))
    match case.evidence.files:
        case Seen(listed, where) if not said:
            code = tuple(entry for entry in listed.entries if entry.path.endswith(".py"))
            return file_places(where, code[:2])
        case _:
            return said[:2]


def _brings_own_code(case: Case) -> bool:
    """Whether card, tags or file list say that the repository brings code to load its weights with."""
    said = bool(statements(case.evidence.card, "remote-code"))
    return said or _has_tag(case, "custom_code") or _has_model_code(case)


def _has_tag(case: Case, tag: str) -> bool:
    front = front_matter(case.evidence.card)
    return front is not None and isinstance(front.tags, Seen) and tag in front.tags.value


def _has_model_code(case: Case) -> bool:
    """Whether the repository lists the code of its own model (`modeling_NAME.py`)."""
    match case.evidence.files:
        case Seen(listed, _):
            return _lists_python(listed) and any(_MODEL_CODE.search(entry.path) for entry in listed.entries)
        case _:
            return False


def _why_code_unknown(case: Case) -> str | None:
    """Why neither the configuration nor, where there is none, the card could be asked."""
    match case.evidence.config:
        case Unknown(why):
            return why.rstrip(".")
        case Seen():
            return None
        case _:
            return why_unread(case.evidence)


def has_code(case: Case) -> bool:
    """Whether Python code is listed."""
    match case.evidence.files:
        case Seen(listed, _):
            return _lists_python(listed)
        case _:
            return False


@once_for_each
def _lists_python(listed: Files) -> bool:
    return any(entry.path.endswith(".py") for entry in listed.entries)

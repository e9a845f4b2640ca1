"""What the names in a code repository tell: which files to read of it, what each is for, and whether it names a model.

A name is a hint, and so is a line: what they tell is kept apart, and no pass rests on a name alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType

from osaudit.codehost import folder_of_licence
from osaudit.contents import code_kind
from osaudit.evidence import LinkedPart
from osaudit.files import is_licence_like, is_safe_path, is_text
from osaudit.pathnames import words_of

MAX_PAGES = 4
MAX_LICENCES = 16
MAX_META = 4
MAX_OF_A_PART = 400
"""So many files of each part are kept; how many there are is told."""

_READ: Mapping[LinkedPart, int] = MappingProxyType(
    {
        "training": 10,
        "fine-tuning": 8,
        "preprocessing": 8,
        "evaluation": 8,
        "settings": 24,
        "data": 6,
        "inference": 3,
    }
)
_META = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "citation.cff"})
_ASIDE = frozenset(
    [
        "test",
        "tests",
        "testing",
        "unittests",
        "test_fixtures",
        "fixtures",
        "vendor",
        "vendored",
        "third_party",
        "thirdparty",
        "external",
        "dependencies",
        "deps",
        "node_modules",
        "site-packages",
        "docs",
        "doc",
        "docker",
        "containers",
        "ci",
        ".github",
        ".circleci",
        ".gitlab",
        ".vscode",
        ".devcontainer",
        "notebooks",
        "assets",
    ]
)
"""Folders of what serves the code, or of other people's: nothing in them trained a model."""
_FOR_OTHERS = frozenset(
    [
        "example",
        "examples",
        "demo",
        "demos",
        "tutorial",
        "tutorials",
        "cookbook",
        "cookbooks",
        "quickstart",
        "getting-started",
        "getting_started",
        "samples",
        "playground",
    ]
)
"""Folders of what users are to run: it shows how a model may be trained further, not how this one was."""
_SETTINGS = frozenset({"yaml", "yml", "json", "toml", "cfg", "ini", "gin", "sh", "slurm", "sbatch"})
_NO_SETTINGS = re.compile(
    r"(?i)^(?:\..*|docker-compose.*|mkdocs.*|package(?:-lock)?\.json|tsconfig.*|codecov.*|environment.*|conda.*|"
    r"pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|requirements.*|.*tokenizer.*|vocab.*|.*results?.*|.*metrics.*|"
    r"config\.json|generation_config\.json|special_tokens.*|poetry.*|renovate.*|manifest\.json)$"
)
_OF_SETTINGS = frozenset(
    [
        "config",
        "configs",
        "configuration",
        "configurations",
        "conf",
        "recipe",
        "recipes",
        "hparams",
        "hyperparameters",
        "settings",
        "models",
        "pretraining",
        "pretrain",
        "training",
        "train",
        "experiments",
        "runs",
        "yamls",
    ]
)
_MANIFEST = re.compile(
    r"(?i)(?:^|[/_.-])(?:provenance|manifests?|shard[_-]?hashes|data[_-]?mix(?:ture)?s?|mixtures?|data[_-]?sources?|"
    r"data[_-]?manifests?|dataset[_-]?(?:list|manifest|sources?|urls?)|data[_-]?(?:paths|urls|list)|corpora|"
    r"training[_-]?data)(?:[_.-]|$)"
)
_LISTS = frozenset({"csv", "tsv", "txt", "json", "jsonl", "yaml", "yml", "md"})
_TELLING = _SETTINGS | _LISTS | frozenset(["py", "ipynb", "cpp", "cu", "js", "ts", "rs", "go", "lua", "r", "jl"])
_RESULTS = frozenset(
    ["eval", "evals", "evaluation", "evaluations", "results", "benchmark", "benchmarks", "outputs", "logs"]
)
_TO_RUN = frozenset(["inference", "serving", "serve", "deploy", "deployment"])
_MIN_STEM = 3
_SHOWS: Mapping[LinkedPart, re.Pattern[str]] = MappingProxyType(
    {
        "training": re.compile(
            r"(?m)^(?!\s*(?:#|//)).*(?:\boptimizer\b|\.backward\(|\bloss\b|train_step|\bTrainer\b|\btrainer\.|"
            r"train_dataloader|\bgrad(?:ient)?s?\b|torchrun|deepspeed|accelerate launch|srun\b|\btrain\.py\b)"
        ),
        "preprocessing": re.compile(
            r"(?mi)^(?!\s*(?:#|//)).*(?:tokeni[sz]|dedup|memmap|\.jsonl|corpus|shard|load_dataset|\bdatasets?\b)"
        ),
        "evaluation": re.compile(
            r"(?mi)^(?!\s*(?:#|//)).*(?:\beval\w*|accuracy|\bmetrics?\b|benchmark|perplexity|lm_eval)"
        ),
        "settings": re.compile(
            r"(?mi)^(?!\s*(?:#|//)).{0,40}?(?:\blr|learning[-_]?rate|batch[-_]?size|n?_?layers|hidden[-_]?size|d_model|"
            r"optimizer|max[-_](?:steps|duration)|epochs?|warmup|weight[-_]decay|seed|train[-_]iters)\b"
            r"[\w-]*[\"']?\s*[:= ]\s*\S"
        ),
        "data": re.compile(
            r"(?i)https?://\S|s3://\S|gs://\S|\b[0-9a-f]{32,64}\b|\.(?:npy|jsonl|bin|parquet|gz|zst|arrow|tar)\b"
        ),
        "inference": re.compile(r"(?m)^(?!\s*#).*(?:\bgenerate\b|\bforward\b|\bload\w*\(|\bmodel\b)"),
    }
)


def stem_of(name: str) -> str:
    """What a model's name begins with, by which its family is called: `olmo` of `OLMo-2-1124-13B-Instruct`.

    The whole name, plainly written, where that is too short to tell anything.
    """
    parts = re.findall(r"[a-z]+|\d+", name.lower())
    letters = ""
    for part in parts:
        if part.isdigit():
            break
        letters += part
    return letters if len(letters) >= _MIN_STEM else "".join(parts)


def names_family(text: str, stem: str) -> bool:
    """Tell whether a path or a name speaks of the family: a word in it begins with the stem."""
    if len(stem) < _MIN_STEM:
        return False
    pattern = r"[-_. ]?".join(map(re.escape, stem))
    return re.search(rf"(?<![a-z]){pattern}", text.lower()) is not None


def part_of(path: str) -> LinkedPart | None:
    """Tell what a file of a code repository is for, by its path; None for what bears on nothing."""
    folders = [folder.lower() for folder in path.split("/")[:-1]]
    name = path.rsplit("/", 1)[-1].lower()
    if _suffix(path) not in _TELLING or not _ASIDE.isdisjoint(folders) or name.startswith("test_"):
        return None
    if _is_manifest(path, folders):
        return "data"
    return _part_of_code(path, folders) if _FOR_OTHERS.isdisjoint(folders) else None


def _part_of_code(path: str, folders: Sequence[str]) -> LinkedPart | None:
    kind = code_kind(path)
    match kind:
        case "training" | "fine-tuning" | "preprocessing" | "evaluation":
            return "settings" if _is_settings(path, folders) and _suffix(path) not in {"sh", "slurm"} else kind
        case "inference" | "modelling":
            return "inference"
        case _:
            return "settings" if _is_settings(path, folders) else None


def _is_manifest(path: str, folders: Sequence[str]) -> bool:
    name = path.rsplit("/", 1)[-1]
    aside = _RESULTS.union(_FOR_OTHERS)
    return _suffix(path) in _LISTS and _MANIFEST.search(name) is not None and aside.isdisjoint(folders)


def _is_settings(path: str, folders: Sequence[str]) -> bool:
    name = path.rsplit("/", 1)[-1]
    aside = _RESULTS.union(_TO_RUN)
    if _suffix(path) not in _SETTINGS or _NO_SETTINGS.match(name) or not aside.isdisjoint(folders):
        return False
    return not _OF_SETTINGS.isdisjoint(
        {*folders, *words_of(path), *(word for one in folders for word in one.split("-"))}
    )


def _suffix(path: str) -> str:
    return path.rpartition(".")[2].lower() if "." in path.rsplit("/", 1)[-1] else ""


def parts_of(paths: Iterable[str]) -> dict[LinkedPart, list[str]]:
    """Sort the files that bear on something by what they are for, the nearest to the root first."""
    found: dict[LinkedPart, list[str]] = {part: [] for part in _READ}
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        part = part_of(path)
        if part is not None:
            found[part].append(path)
    return found


def files_to_read(paths: Sequence[str]) -> tuple[str, ...]:
    """Choose what is read of a code repository, the most telling first; the same for every model that links it."""
    safe = [path for path in paths if is_safe_path(path)]
    parts = parts_of(safe)
    pages = sorted((path for path in safe if _is_readme(path)), key=lambda path: (path.count("/"), path))
    holding = {path for found in parts.values() for path in found}
    licences = licences_that_govern(safe, holding)
    meta = [path for path in safe if path.lower() in _META]
    wanted = [*pages[:MAX_PAGES], *licences[:MAX_LICENCES], *meta[:MAX_META]]
    for part, most in _READ.items():
        wanted += _spread(parts[part])[:most]
    return tuple(dict.fromkeys(wanted))


def is_telling(path: str) -> bool:
    """Tell whether a file's name bears on anything: of the others it is enough to know how many there are."""
    return part_of(path) is not None or is_licence_like(path) or _is_readme(path) or path.lower().endswith(".pdf")


def _is_readme(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    return name in {"readme.md", "readme.rst", "readme.txt", "readme", "readme.markdown"} and path.count("/") < 3  # noqa: PLR2004


def _spread(paths: Sequence[str]) -> list[str]:
    """Take from each folder in turn, so that no folder of many files hides the others."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    turns = zip_longest(*folders.values())
    return [path for turn in turns for path in turn if path is not None]


def licences_that_govern(paths: Iterable[str], held: Iterable[str]) -> list[str]:
    """List the licence texts at the root, and those of the folders in or above which something bears on a verdict."""
    above = {folder for path in held for folder in _above(path)}
    found = [
        path for path in paths if is_licence_like(path) and is_text(path) and folder_of_licence(path) in {"", *above}
    ]
    return sorted(found, key=lambda path: (path.count("/"), path))


def _above(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def folder_governed(licences: Iterable[str], path: str) -> str:
    """The folder whose licence governs a file: the nearest at or above it that has a text, the root where none has."""
    governed = {folder_of_licence(licence) for licence in licences}
    return next((folder for folder in _above(path) if folder in governed), "")


def telling_line(part: LinkedPart, text: str) -> tuple[int, int] | None:
    """Find the span of the first line that shows that a file is what its name tells; None where none does."""
    pattern = _SHOWS.get("training" if part == "fine-tuning" else part)
    found = pattern.search(text[:200_000]) if pattern else None
    if found is None:
        return None
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return start, len(text) if end < 0 else end

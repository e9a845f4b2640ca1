"""What a leaderboard costs: `python -m benchmarks.site [--models 10000] [--json]`.

A store of so many varied rows is made: real verdicts of made-up models, dealt out by a seeded generator under other
names, with publishers, tasks, downloads, dates and lineage. Then the site is built from nothing, built again with 1 %
of the models changed, and built again with none changed; each in a process of its own. Reported are the processor's
time, the peak of resident memory, what lies on the disk, and the bytes that a browser loads before the first
interaction.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from made_stores import model, rows_of

from osaudit.sweep.columns import TABLES
from osaudit.sweep.parts import Chunk, schema_of, write_tables
from osaudit.sweep.place import Place, place_of

SEED = 20261130
CHUNK = 5_000
CHANGED = 0.01
BEGAN = dt.datetime(2022, 3, 1, tzinfo=dt.UTC)
DAYS = 1_700
TAGS = (
    "apache-2.0", "apache-2.0", "apache-2.0", "mit", "mit", "cc-by-nc-4.0", "cc-by-4.0", "llama3", "llama2", "gemma",
    "openrail", "creativeml-openrail-m", "other", "bsd-3-clause",
)  # fmt: skip
CARDS = (
    "# A model\n",
    "# A model\n\n## Training data\n\nTrained on public web pages; the data set is not published.\n",
    "# A model\n\nIt may be used for research only.\n",
)
FILES = (["model.safetensors"], ["model.safetensors", "LICENSE"], ["pytorch_model.bin", "config.json", "train.py"])
TASKS = ("text-generation", "text-to-image", "automatic-speech-recognition", "fill-mask", "feature-extraction", None)
LIBRARIES = ("transformers", "diffusers", "gguf", "peft", None)
PROGRAM = (sys.executable, "-c", "from osaudit.cli import main; main()")


def patterns() -> list[Mapping[str, Any]]:
    """Arrow tables of the rows of a few dozen made-up models, each of which was judged."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    made = []
    for number, (tag, card, files) in enumerate(
        (tag, card, files) for tag in dict.fromkeys(TAGS) for card in CARDS for files in FILES
    ):
        rows = rows_of([model(f"made/m{number}", tag=tag, files=files, card=card)])
        made.append(
            {
                table: pa.Table.from_pylist(
                    [dict(zip(_names(table), row, strict=True)) for row in found], schema=schema_of(table)
                )
                for table, found in rows.items()
            }
        )
    return made


def _names(table: Any) -> list[str]:
    return [column.name for column in TABLES[table] if column.name != "seq"]


def name_of(number: int, dice: random.Random) -> str:
    """A model's name: a few publishers have many models, and most have few."""
    owner = int(20_000 * dice.random() ** 4)
    return f"org-{owner}/model-{number}"


def put(
    place: Place, chunk: Chunk, names: Sequence[str], made: Sequence[Mapping[str, Any]], dice: random.Random
) -> None:
    """Write a chunk of models, each with the rows of a pattern."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    dealt = [dice.choices(made, weights=[3 if at % 3 else 1 for at in range(len(made))])[0] for _ in names]
    tables = {}
    for table in ("models", "cells", "findings", "edges"):
        parts = [_named(one[table], name, table) for one, name in zip(dealt, names, strict=True) if table in one]
        if table == "models":
            tables[table] = _varied(pa.concat_tables(parts), names, dice)
        elif parts:
            tables[table] = pa.concat_tables(parts)
    tables["edges"] = _lineage(names, dice)
    write_tables(place, chunk, {table: _at(found, chunk.seq) for table, found in tables.items() if found.num_rows})


def _named(table: Any, name: str, kind: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    found = {"model": name, "commit": hashlib.sha256(name.encode()).hexdigest()[:40]}
    if kind == "models":
        found["owner"] = name.partition("/")[0]
    for column, value in found.items():
        at = table.schema.get_field_index(column)
        table = table.set_column(at, table.schema.field(column), pa.array([value] * table.num_rows, pa.string()))
    return table


def _at(table: Any, seq: int) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    place = table.schema.get_field_index("seq")
    return table.set_column(place, table.schema.field("seq"), pa.array([seq] * table.num_rows, pa.int64()))


def _varied(table: Any, names: Sequence[str], dice: random.Random) -> Any:
    """Downloads, likes, dates, tasks and sizes as a list of the Hub would tell them."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    born = [BEGAN + dt.timedelta(days=int(DAYS * dice.random() ** 0.6)) for _ in names]
    columns = {
        "downloads": [int(10 ** (7.5 * dice.random() ** 3)) - 1 for _ in names],
        "likes": [int(10 ** (4 * dice.random() ** 4)) - 1 for _ in names],
        "created_at": born,
        "last_modified": [day + dt.timedelta(days=int(200 * dice.random())) for day in born],
        "task": [dice.choice(TASKS) for _ in names],
        "library": [dice.choice(LIBRARIES) for _ in names],
        "parameters": [int(10 ** (6 + 5.5 * dice.random())) for _ in names],
        "weight_bytes": [int(10 ** (7 + 5.5 * dice.random())) for _ in names],
        "score_low": [max(0.0, low - dice.choice((0, 0, 1.25, 2.5, 5))) for low in table["score_low"].to_pylist()],
    }
    for column, values in columns.items():
        at = table.schema.get_field_index(column)
        field = table.schema.field(column)
        table = table.set_column(at, field, pa.array(values, field.type))
    return table


def _lineage(names: Sequence[str], dice: random.Random) -> Any:
    """Three of ten models are made from another of their chunk; some drop its terms."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    rows = []
    for number, name in enumerate(names):
        if number and dice.random() < 0.3:
            rows.append({
                "model": name, "commit": hashlib.sha256(name.encode()).hexdigest()[:40], "seq": 0, "child": name,
                "parent": names[int(number * dice.random() ** 3)], "named_by": "front matter", "confidence": "high",
                "relation": dice.choice(("finetune", "quantized", "adapter", "merge")),
                "dropped": ["OSD-6: terms"] if dice.random() < 0.35 else [], "parent_seen": True,
                "parent_licence": dice.choice(("Apache License 2.0", "MIT License", "Llama 3 Community License")),
            })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema_of("edges"))


def make_store(folder: Path, models: int) -> list[str]:
    """Make a store of so many models; give their names."""
    dice, made, place = random.Random(SEED), patterns(), place_of(str(folder))  # noqa: S311 - the same rows each time
    names = [name_of(number, dice) for number in range(models)]
    for number, begin in enumerate(range(0, models, CHUNK), 1):
        put(place, Chunk(1, number), names[begin : begin + CHUNK], made, dice)
    return names


def change(folder: Path, names: Sequence[str], run: int) -> None:
    """Write newer rows of 1 % of the models."""
    dice = random.Random(SEED + run)  # noqa: S311 - as above
    some = dice.sample(names, max(1, round(len(names) * CHANGED)))
    put(place_of(str(folder)), Chunk(run, 1), some, patterns(), dice)


def built(store: Path, site: Path) -> dict[str, float]:
    """Build a site in a process of its own: its processor's seconds, wall seconds, and peak memory in MiB."""
    began = time.perf_counter()
    child = os.posix_spawn(
        PROGRAM[0],
        [*PROGRAM, "leaderboard", str(store), "-o", str(site)],
        {**os.environ, "SOURCE_DATE_EPOCH": "1764500000"},
    )
    _, status, used = os.wait4(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the build ended with exit code {code}")
    return {
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "wall_s": round(time.perf_counter() - began, 2),
        "peak_mib": round(used.ru_maxrss / 1024, 1),
    }


def on_disk(folder: Path) -> dict[str, float]:
    """What lies in a folder: files, their bytes and the blocks that they take, in MiB; a file of two names is one."""
    seen: dict[tuple[int, int], os.stat_result] = {}
    files = 0
    for path in _files(folder):
        files += 1
        stat = path.stat(follow_symlinks=False)
        seen[stat.st_dev, stat.st_ino] = stat
    return {
        "files": files,
        "bytes_mib": round(sum(one.st_size for one in seen.values()) / 2**20, 1),
        "blocks_mib": round(sum(one.st_blocks * 512 for one in seen.values()) / 2**20, 1),
    }


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in names)


def first_bytes(site: Path) -> int:
    """The bytes of the first page with the style sheets, scripts and pictures that it names."""
    page = (site / "index.html").read_text(encoding="utf-8")
    named = re.findall(r"<(?:script|img)\b[^>]*?\bsrc=[\"']([^\"']+)", page)
    named += re.findall(r"<link\b[^>]*?\brel=[\"']?stylesheet[^>]*?\bhref=[\"']([^\"']+)", page)
    own = {name.partition("?")[0] for name in named if "://" not in name and not name.startswith("data:")}
    return len(page.encode()) + sum((site / name).stat().st_size for name in own if (site / name).is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where store and site are made, and stay; else a temporary folder")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.models < 1:
        parser.error("--models is a number above 0")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        store, site = folder / "store", folder / "site"
        names = make_store(store, asked.models)
        found: dict[str, Any] = {"models": asked.models, "whole": built(store, site), "disk": on_disk(site)}
        found["first_bytes"] = first_bytes(site)
        change(store, names, 2)
        found["changed"] = built(store, site)
        found["unchanged"] = built(store, site)
        found["share"] = round(found["changed"]["cpu_s"] / found["whole"]["cpu_s"], 3)
    print(json.dumps(found, indent=2) if asked.json else _told(found))


def _told(found: Mapping[str, Any]) -> str:
    disk = found["disk"]
    lines = [
        f"{name:<10}{one['cpu_s']:>9.1f} s CPU{one['wall_s']:>9.1f} s{one['peak_mib']:>9.0f} MiB"
        for name, one in ((name, found[name]) for name in ("whole", "changed", "unchanged"))
    ]
    lines += [
        f"{disk['files']:,} files, {disk['bytes_mib']:,.0f} MiB, {disk['blocks_mib']:,.0f} MiB in blocks",
        f"{found['first_bytes']:,} bytes before the first interaction",
        f"1 % changed costs {found['share']:.3f} of the whole",
    ]
    return "\n".join([f"{found['models']:,} models", *lines])


if __name__ == "__main__":
    main()

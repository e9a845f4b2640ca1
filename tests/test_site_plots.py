"""The pictures of a site: the same twice, their words as text, both schemes, nothing of a stranger's obeyed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from made_sites import built, few, hostile_store, store_of_few
from made_stores import model, rows_of, store_of
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexMacroNode, LatexWalker

from osaudit.site.charts import pdf_of, svg_of
from osaudit.site.drawing import tokens
from osaudit.site.latex import table_of, tex
from osaudit.site.tallies import POINTS, TALLIES, Tally, licence_drift, openness_by_downloads, tallied
from osaudit.sweep.columns import TABLES
from osaudit.sweep.parts import Chunk, write_chunk
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.querying import connected
from osaudit.verdict import LADDER

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("labels-by-year", "labels-by-publisher", "openness-by-downloads", "licence-drift", "basis-shares", "criteria")
TAGS = {"svg", "title", "desc", "style", "defs", "g", "path", "text", "use", "rect", "clipPath", "tspan"}
_AT = {one.name: at for at, one in enumerate(one for one in TABLES["models"] if one.name != "seq")}


def tallies_of(store: Place) -> tuple[Tally, ...]:
    with connected(store) as connection:
        return tallied(connection)


def with_downloads(folder: Path, models: int) -> Place:
    """A store of models that a list told of: few were loaded often, and one never."""
    place, rows = place_of(str(folder)), rows_of(few())
    [pattern, *_] = rows["models"]
    found = []
    for number in range(models):
        row: list[Any] = list(pattern)
        row[_AT["model"]], row[_AT["downloads"]] = f"acme/m{number}", number**3
        row[_AT["score_low"]] = float(number % 101)
        row[_AT["label"]] = list(LADDER)[number % len(LADDER)]
        found.append(tuple(row))
    write_chunk(place, Chunk(1, 1), {**rows, "models": found})
    return place


STORES: dict[str, Callable[[Path], Place]] = {
    "few": store_of_few,
    "one": lambda folder: store_of(folder, [model("acme/only")]),
    "hostile": hostile_store,
    "loaded": lambda folder: with_downloads(folder, 30),
    "many": lambda folder: with_downloads(folder, POINTS + 1),
}


@pytest.mark.parametrize("name", STORES)
def test_each_picture_is_one_of_its_table_in_both_schemes(name: str, tmp_path: Path) -> None:
    found = tallies_of(STORES[name](tmp_path / "store"))
    assert tuple(one.id for one in found) == NAMES
    light, dark = tokens()
    assert set(dark) <= set(light)
    for tally in found:
        root = ET.fromstring(svg_of(tally))  # noqa: S314 - our own
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= TAGS
        assert root.findtext(f"{SVG}title") == tally.title
        assert root.findtext(f"{SVG}desc") == tally.says
        words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
        assert tally.title in words
        style = root.findtext(f"{SVG}style") or ""
        drawn = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", ET.tostring(root, encoding="unicode")))
        assert drawn <= set(light.values())
        themed = {light[name] for name in dark if light[name] in drawn and light[name] != dark[name]}
        assert all(f"{value}" in style for value in themed)
        links = [value for one in root.iter() for key, value in one.attrib.items() if key.endswith("href")]
        assert all(value.startswith("#") for value in links)


def test_a_picture_is_the_same_twice(tmp_path: Path) -> None:
    for tally in tallies_of(with_downloads(tmp_path / "store", 30)):
        assert svg_of(tally) == svg_of(tally)
        assert pdf_of(tally) == pdf_of(tally)
        assert pdf_of(tally).startswith(b"%PDF-")


def test_a_picture_that_counts_nothing_says_so(tmp_path: Path) -> None:
    by_id = {one.id: one for one in tallies_of(store_of(tmp_path / "store", [model("acme/only")]))}
    assert by_id["openness-by-downloads"].of == 0
    assert "No list told downloads" in svg_of(by_id["openness-by-downloads"])
    assert "No model of this sweep names a base" in svg_of(by_id["licence-drift"])


def test_the_shares_of_a_group_are_whole(tmp_path: Path) -> None:
    by_id = {one.id: one for one in tallies_of(store_of_few(tmp_path / "store"))}
    for name in ("labels-by-year", "labels-by-publisher", "basis-shares"):
        groups: dict[str, float] = {}
        for group, _, count, of, share, low, high in by_id[name].rows:
            assert share == pytest.approx(count / of, abs=1e-6)
            assert 0 <= low <= share <= high <= 1
            groups[group] = groups.get(group, 0) + share
        assert all(whole == pytest.approx(1, abs=1e-4) for whole in groups.values())
    rows = by_id["criteria"].rows
    assert len(rows) == 40
    assert all(sum(row[2:7]) == 7 for row in rows)


def test_many_models_are_counted_by_fields(tmp_path: Path) -> None:
    with connected(with_downloads(tmp_path / "store", POINTS + 1)) as connection:
        tally = openness_by_downloads(connection)
    assert tally.of == POINTS + 1
    assert sum(row[4] for row in tally.rows) == POINTS + 1
    assert {row[0] for row in tally.rows if row[1] == 1} == {0}
    for low, below, *_ in tally.rows:
        assert low < below


def test_a_flow_goes_from_a_bases_licence_to_its_models(tmp_path: Path) -> None:
    with connected(store_of_few(tmp_path / "store")) as connection:
        tally = licence_drift(connection)
    assert tally.of == 1
    [(base, own, terms, links)] = tally.rows
    assert (own, links) == ("Apache License 2.0", 1)
    assert base.startswith("Llama")
    assert terms in {"drops terms", "drops none"}


def test_a_table_lies_beside_each_picture_and_a_paper_takes_both(tmp_path: Path) -> None:
    built(hostile_store(tmp_path / "store"), tmp_path / "site", latex=True, title=r"\input{/etc/passwd} 100 % & $x_1$")
    site = tmp_path / "site"
    columns = {one.id: list(one.columns) for one in tallies_of(place_of(str(tmp_path / "store")))}
    for name in NAMES:
        with (site / "plots" / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
            rows = list(csv.reader(opened))
        assert rows[0] == columns[name]
        assert (site / "plots" / f"{name}.svg").stat().st_size
        assert (site / "latex" / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF-")
    for path in (site / "latex").glob("tables/*.tex"):
        nodes, _, _ = LatexWalker(path.read_text(encoding="utf-8"), tolerant_parsing=False).get_latex_nodes()
        [table] = [node for node in nodes if isinstance(node, LatexEnvironmentNode)]
        assert table.environmentname == "table"
        found = {node.macroname for node in table.nodelist if isinstance(node, LatexMacroNode)}
        assert not found & {"input", "include", "write", "def", "immediate", "openin", "catcode", "csname"}
    paper = (site / "latex" / "paper.tex").read_text(encoding="utf-8")
    assert set(re.findall(r"\\input\{([^}]*)\}", paper)) == {f"tables/{name}" for name in ("ranking", *NAMES)}


@pytest.mark.parametrize(
    "evil", [r"\input{/etc/passwd}", "100 % & more", "$x^2_1$ #1 ~", "a}\\end{tabular}{", "中\u202e\x00"]
)
def test_strange_words_are_text_in_a_table(evil: str) -> None:
    tally = Tally("x", evil, evil, ("name", "count"), ((evil, 1),), 1)
    assert "\\input{" not in table_of(tally)
    nodes, _, _ = LatexWalker(tex(evil), tolerant_parsing=False).get_latex_nodes()
    assert nodes
    assert table_of(tally).count(r"\end{tabular}") == 1
    assert table_of(replace(tally, rows=())).count(r"\\") == 2


def test_every_tally_is_drawn() -> None:
    assert len(TALLIES) == len(NAMES)

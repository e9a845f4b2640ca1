"""The site of a store: its ranking, its files, what it keeps from build to build, what it makes of hostile words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from made_sites import ATTACKS, built, bytes_of, few, hostile_store, store_of_few, swept_again
from made_stores import how, model, put, rows_of, store_of
from program import osaudit

from osaudit.errors import OsauditError, UsageError
from osaudit.site.board import OUTCOMES, Row, lay_out, rows, summary
from osaudit.site.descent import roots_of
from osaudit.site.dots import SHAPES, dot_paths, tally_words
from osaudit.site.frame import compact
from osaudit.site.models import SMALL
from osaudit.site.naming import file_name, model_page
from osaudit.site.rowdata import script
from osaudit.site.writer import Made
from osaudit.sweep.columns import TABLES
from osaudit.sweep.judging import Wanted, failed
from osaudit.sweep.parts import Chunk, write_chunk
from osaudit.sweep.place import Place, place_of
from osaudit.sweep.querying import connected


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return store_of_few(tmp_path_factory.mktemp("few") / "store")


@pytest.fixture(scope="module")
def site(store: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    built(store, out, sources="Made for a test.")
    return out


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    built(hostile_store(folder / "store"), folder / "site", sources=ATTACKS[0], title=ATTACKS[1])
    return folder / "site"


def board_of(store: Place) -> list[Row]:
    with connected(store) as connection:
        lay_out(connection)
        return list(rows(connection, "true"))


def test_models_that_differ_in_neither_label_nor_score_share_a_rank(store: Place) -> None:
    ranked = [row for row in board_of(store) if row.stand == "ranked"]
    standing = [(row.label, row.low, row.high) for row in ranked]
    assert [row.rank for row in ranked] == [standing.index(one) + 1 for one in standing]
    assert [row.place for row in ranked] == list(range(1, len(ranked) + 1))
    twins = {row.model: row.rank for row in ranked if "open-lm" in row.model}
    assert len(twins) == 2
    assert len(set(twins.values())) == 1


def test_a_row_has_a_letter_a_cell_and_a_letter_a_use(store: Place) -> None:
    for row in board_of(store):
        assert len(row.dots) == 40
        assert set(row.dots) <= set(OUTCOMES)
        assert len(row.uses) == 12
        assert row.reviews == row.dots.count("r")


def test_what_could_not_be_told_has_no_rank(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", [model("acme/one"), model("acme/partial", files=[], partial=True)])
    with connected(store) as connection:
        lay_out(connection)
        stands = {row.model: (row.stand, row.rank) for row in rows(connection, "true")}
        told = summary(connection)
    assert stands["acme/one"] == ("ranked", 1)
    assert stands["acme/partial"] == ("untold", None)
    assert told.stands == {"ranked": 1, "untold": 1, "listed": 0, "failed": 0}


def test_what_failed_and_what_was_listed_stand_apart_with_their_reasons(tmp_path: Path) -> None:
    place = store_of(tmp_path / "store", [model("acme/one")])
    gone = failed(Wanted("acme/gone"), OsauditError("<b>acme/gone</b> is not there", kind="missing"), how())
    only_listed = failed(Wanted("acme/listed"), OsauditError("", kind=""), how(), depth="list")
    listed = {"models": [_listed(row) for row in only_listed.rows["models"]]}
    write_chunk(place, Chunk(2, 1), gone.rows)
    write_chunk(place, Chunk(2, 2), listed)
    told = built(place, tmp_path / "site")
    assert told.summary.stands == {"ranked": 1, "untold": 0, "listed": 1, "failed": 1}
    page = (tmp_path / "site" / "failed.html").read_text()
    assert "&lt;b&gt;acme/gone&lt;/b&gt; is not there" in page
    assert "missing" in page
    assert "Could not be judged" in (tmp_path / "site" / model_page("acme/gone")).read_text()
    assert "Weights Available" in (tmp_path / "site" / "listed.html").read_text()
    assert "acme/gone" not in re.sub(r"(?s)<template.*", "", (tmp_path / "site" / "index.html").read_text())


def _listed(row: tuple[object, ...]) -> tuple[object, ...]:
    given = {"status": "listed", "label": "weights-available", "error": None, "message": None, "ranked": False}
    names = [one.name for one in TABLES["models"] if one.name != "seq"]
    return tuple(given.get(name, value) for name, value in zip(names, row, strict=True))


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        text = re.sub(r"(?s)<template.*?</template>", "", page.read_text(encoding="utf-8"))
        ids = set(re.findall(r'\bid="([^"]+)"', text))
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            target, _, part = link.partition("#")
            if target.startswith(("http:", "https:", "data:")) or (not target and (not part or part in ids)):
                continue
            assert target, f"{page}: #{part} is nowhere"
            assert (page.parent / target).is_file(), f"{page}: {link}"


def test_a_build_is_the_same_twice_and_writes_nothing_again(store: Place, site: Path, tmp_path: Path) -> None:
    built(store, tmp_path / "other", sources="Made for a test.")
    assert bytes_of(tmp_path / "other") == bytes_of(site)
    again = built(store, site, sources="Made for a test.")
    assert (again.written, again.removed) == (0, 0)


def test_only_what_changed_is_written_and_the_result_is_that_of_a_fresh_build(tmp_path: Path) -> None:
    store = store_of_few(tmp_path / "store")
    built(store, tmp_path / "site", large=3)
    before = bytes_of(tmp_path / "site")
    swept_again(store)
    done = built(store, tmp_path / "site", large=3)
    after = bytes_of(tmp_path / "site")
    changed = {path for path in after if path.startswith("models/") and before.get(path) != after[path]}
    assert changed == {model_page("acme/open-lm")}
    assert done.written < done.files
    built(store, tmp_path / "fresh", large=3)
    assert bytes_of(tmp_path / "fresh") == after
    assert b"Earlier sweeps" in after[model_page("acme/open-lm")]
    assert b"From sweep to sweep" not in before["trends.html"]
    assert b"From sweep to sweep" in after["trends.html"]


RENAMED = Chunk(3, 1)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures that are not drawn, which takes seconds; other tests draw them."""
    monkeypatch.setattr("osaudit.site.charts.svg_of", repr)


@pytest.mark.parametrize(
    ("change", "large"),
    [("added", 3), ("changed", 3), ("removed", 3), ("renamed", 3), ("basis", 3), ("changed", 99)],
)
@pytest.mark.usefixtures("undrawn")
def test_a_build_on_a_former_site_is_that_of_a_fresh_folder(tmp_path: Path, change: str, large: int) -> None:
    """Whatever changes in the store, what is kept of the last build is what a build from nothing makes."""
    store = store_of_few(tmp_path / "store")
    built(store, tmp_path / "site", large=large)
    if change == "added":
        put(store, 1, [model("new-lab/tuned", bases=[{"name": "lab/llama", "tag": "llama2"}])], run=2)
    elif change == "changed":
        swept_again(store)
    elif change == "removed":
        store = store_of(tmp_path / "less", few()[:-2])
    else:
        found = rows_of([model("acme/open-lm")])
        names = [one.name for one in TABLES["models"] if one.name != "seq"]
        given = {"renamed": ("owner", "acme-renamed"), "basis": ("licence_basis", "inferred")}[change]
        found["models"] = [
            tuple(given[1] if name == given[0] else value for name, value in zip(names, row, strict=True))
            for row in found["models"]
        ]
        write_chunk(store, RENAMED, found)
    done = built(store, tmp_path / "site", large=large)
    built(store, tmp_path / "fresh", large=large)
    assert bytes_of(tmp_path / "site") == bytes_of(tmp_path / "fresh")
    assert 0 < done.written < done.files


@pytest.mark.parametrize("what", ["template", "version"])
@pytest.mark.usefixtures("undrawn")
def test_another_program_makes_every_page_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    store = store_of_few(tmp_path / "store")
    before = built(store, tmp_path / "site", large=3)
    if what == "version":
        monkeypatch.setattr("osaudit.site.publish.__version__", "99.0")
    else:
        monkeypatch.setattr("osaudit.site.publish.stamp", lambda: "of other templates")
    made: list[str] = []
    monkeypatch.setattr("osaudit.site.models._small", lambda _, entry: made.append(entry.row.model) or _page(entry))
    built(store, tmp_path / "site", large=3)
    assert sorted(made) == sorted(one.ref.repo for one in few())
    assert before.files


def _page(entry: Any) -> Made:
    return Made(model_page(entry.row.model), b"made anew", entry.key)


@pytest.mark.usefixtures("undrawn")
def test_what_was_done_to_a_file_by_hand_is_mended(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", [model("lab/llama", tag="llama2")])
    out = tmp_path / "site"
    built(store, out, large=0)
    whole = bytes_of(out)
    for path in ("models/lab--llama.html", "index.html", "data/models.csv"):
        for harm in ("gone", "longer", "same length", "a link"):
            _harm(out / path, harm)
            done = built(store, out, large=0)
            assert (done.written, done.removed) == (1, 0), (path, harm)
            assert not (out / path).is_symlink()
            assert bytes_of(out) == whole


def _harm(file: Path, harm: str) -> None:
    data = file.read_bytes()
    if harm in {"gone", "a link"}:
        file.unlink()
    if harm == "a link":
        file.symlink_to(file.parent / "elsewhere")
    elif harm != "gone":
        file.write_bytes(data + b"<!-- mine -->" if harm == "longer" else b"#" + data[1:])


@pytest.mark.parametrize("table", ["cells", "models", "findings"])
def test_a_broken_part_of_the_store_is_named_and_no_site_is_written(tmp_path: Path, table: str) -> None:
    store = store_of_few(tmp_path / "store")
    part = min((tmp_path / "store" / table).iterdir())
    data = bytearray(part.read_bytes())
    data[len(data) // 3] ^= 0xFF
    part.write_bytes(data)
    told = osaudit("leaderboard", store.name, "-o", "site", cwd=tmp_path)
    assert told.returncode == 3
    assert f"{table}/{part.name}" in told.stderr
    assert told.stderr.count("\n") == 1
    assert not (tmp_path / "site").exists()


@pytest.mark.usefixtures("undrawn")
def test_every_small_page_is_small_whatever_strangers_called_things(tmp_path: Path) -> None:
    store = hostile_store(tmp_path / "store")
    long = f"{'o' * 46}/{'é' * 20}{'&' * 300}"
    found = rows_of([model("acme/open-lm", bases=[{"name": "b" * 90, "tag": "mit"}])])
    names = [one.name for one in TABLES["models"] if one.name != "seq"]
    odd = {"model", "owner", "task", "library", "architecture", "licence_name", "message"}
    found["models"] = [
        tuple(long if name in odd else value for name, value in zip(names, row, strict=True)) for row in found["models"]
    ]
    for run in range(900, 920):
        write_chunk(store, Chunk(run, 1), found)
    built(store, tmp_path / "site", large=3, title="&" * 200, sources="&" * 700)
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "site" / "models").iterdir()}
    assert len(sizes) > 10
    assert [one for one in sizes.items() if one[1] >= SMALL] == []


def test_a_page_of_a_model_that_is_gone_is_gone(tmp_path: Path) -> None:
    built(store_of_few(tmp_path / "store"), tmp_path / "site")
    assert (tmp_path / "site" / model_page("lab/closed")).is_file()
    done = built(store_of(tmp_path / "less", [model("acme/open-lm")]), tmp_path / "site")
    assert done.removed
    assert not (tmp_path / "site" / model_page("lab/closed")).exists()
    built(store_of(tmp_path / "same", [model("acme/open-lm")]), tmp_path / "fresh")
    assert set(bytes_of(tmp_path / "fresh")) == set(bytes_of(tmp_path / "site"))


def test_a_build_that_was_cut_off_leaves_no_file_that_the_next_does_not_know(tmp_path: Path) -> None:
    store = store_of(tmp_path / "store", [model("acme/open-lm")])
    out = tmp_path / "site"
    built(store, out)
    whole = bytes_of(out)
    (out / "models" / "stray.html").write_text("of a build that was cut off")
    (out / ".osaudit-site.part").write_text("osaudit site 1\nabc  models/stray.html\nabc  models/half")
    built(store, out)
    assert bytes_of(out) == whole


@pytest.mark.parametrize("evil", ["../outside", "/etc/passwd", "a/../../outside", ""])
def test_a_manifest_names_nothing_outside(tmp_path: Path, evil: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    out = tmp_path / "site"
    store = store_of(tmp_path / "store", [model("acme/open-lm")])
    built(store, out)
    with (out / ".osaudit-site").open("a") as manifest:
        print("0" * 64, "key", evil, file=manifest)
    built(store, out)
    assert outside.read_text() == "mine"


def test_a_folder_that_holds_something_else_is_left_alone(store: Place, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match=r"holds other files than a site's \(thesis.tex\)"):
        built(store, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(UsageError, match="is no folder"):
        built(store, tmp_path / "thesis.tex")


def test_a_link_in_the_site_leads_nowhere_else(store: Place, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    built(store_of(tmp_path / "one", [model("acme/open-lm")]), out)
    elsewhere.mkdir()
    for path in (out / "publishers").iterdir():
        path.unlink()
    (out / "publishers").rmdir()
    (out / "publishers").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="is a link"):
        built(store, out)
    assert not list(elsewhere.iterdir())


def test_the_date_is_the_epoch_that_is_given(store: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    built(store, tmp_path / "site")
    assert '<time datetime="1970-01-02">' in (tmp_path / "site" / "index.html").read_text()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        built(store, tmp_path / "site")


def test_a_large_site_has_small_pages_and_reports_for_those_named(store: Place, tmp_path: Path) -> None:
    built(store, tmp_path / "site", large=3, reports=frozenset({"lab/llama"}))
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "site" / "models").iterdir()}
    assert sizes.pop("lab--llama.html") > 50_000
    assert sizes
    assert all(size < 5_000 for size in sizes.values()), sizes


def test_a_report_stands_only_where_it_says_what_the_row_says(tmp_path: Path) -> None:
    """A store whose evidence is judged otherwise today shows the row, and no report that contradicts it."""
    found = rows_of([model("acme/open-lm")])
    at = [one.name for one in TABLES["models"] if one.name != "seq"].index("score_low")
    found["models"] = [(*row[:at], 1.0, *row[at + 1 :]) for row in found["models"]]
    place = place_of(str(tmp_path / "store"))
    write_chunk(place, Chunk(1, 1), found)
    built(place, tmp_path / "site")
    page = (tmp_path / "site" / model_page("acme/open-lm")).read_text()
    assert "What would change the verdict" not in page
    assert "Ten criteria, four facets" in page


@pytest.mark.parametrize("keep", ["evidence", "scorecard"])
def test_a_small_site_has_the_whole_report(tmp_path: Path, keep: str) -> None:
    built(store_of_few(tmp_path / "store", keep=keep), tmp_path / "site")
    page = (tmp_path / "site" / model_page("lab/llama")).read_text()
    assert "May we use it?" in page
    assert 'id="OSD-6-licence"' in page


def test_a_store_that_keeps_nothing_still_has_a_page_a_model(tmp_path: Path) -> None:
    built(store_of_few(tmp_path / "store", keep="none"), tmp_path / "site")
    assert "Llama 2" in (tmp_path / "site" / model_page("lab/llama")).read_text()


class Tags(HTMLParser):
    """What a page is made of: its elements, and the addresses and handlers in their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.evil: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "script":
            self.scripts.append(named.get("src") or "inline")
        for name, value in attrs:
            if name.startswith("on") or (
                name in {"href", "src"} and re.match(r"(?i)\s*(javascript|vbscript):", value or "")
            ):
                self.evil.append(f"{tag} {name}={value}")
        if tag in {"iframe", "object", "embed", "base"} or (tag == "img" and "onerror" in named):
            self.evil.append(tag)


def test_strangers_words_are_inert_on_every_page(attacked: Path) -> None:
    pages = sorted(attacked.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        tags = Tags()
        tags.feed(text)
        assert tags.evil == [], page
        assert all(re.fullmatch(r"(\.\./)*assets/[a-z/]+\.js", one) for one in tags.scripts), page
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text


def test_strangers_words_end_no_script_and_no_line(attacked: Path) -> None:
    files = sorted((attacked / "assets" / "rows").glob("*.js"))
    assert files
    for file in files:
        text = file.read_bytes()
        assert text.isascii()
        assert b"<" not in text
        assert text.count(b"\n") == 1
        found = re.fullmatch(rb"osaudit\.(?:index|rows)\((?:\d+, )?(.*)\);\n", text)
        assert found
        json.loads(found[1])


def test_a_script_of_words_is_ascii_without_markup() -> None:
    told = script("rows", ["</script><!--\u2028\u2029é"], 3)
    assert told == b'osaudit.rows(3, ["\\u003c/script>\\u003c!--\\u2028\\u2029\\u00e9"]);\n'


def test_no_name_leaves_the_site_and_no_two_share_a_file() -> None:
    names = [*ATTACKS, "a/b", "a--b", "a/b--c", "a--b/c", "../../x", "..", "con", "a/b/c", "", ".", "x" * 400, "a/.."]
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(files)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,180}", one) and not one.startswith(".") for one in files), files
    assert file_name("org/Name-7B") == "org--Name-7B"
    assert not file_name("con").startswith("con.")


def test_a_dot_has_a_shape_an_outcome() -> None:
    assert set(SHAPES) == set(OUTCOMES)
    assert len({shape for _, shape in dot_paths("pafrnx")}) == 6
    assert tally_words("ppfx") == "4 cells: 2 pass, 1 fail, 1 missing"


def test_a_family_is_named_by_the_end_of_its_chain_and_a_ring_ends() -> None:
    assert roots_of({"c": "b", "b": "a", "d": "b"}) == {"a": "a", "b": "a", "c": "a", "d": "a"}
    assert set(roots_of({"x": "y", "y": "x", "z": "y"}).values()) == {"x"}


@pytest.mark.parametrize(
    ("number", "unit", "told"),
    [
        (None, "", ""),
        (0, "", "0"),
        (999, "", "999"),
        (1_000, "", "1k"),
        (7_241_732_096, "", "7.2B"),
        (2.5e9, "B", "2.5 GB"),
    ],
)
def test_numbers_are_short(number: float | None, unit: str, told: str) -> None:
    assert compact(number, unit) == told


def test_the_command_says_what_it_wrote(store: Place, tmp_path: Path) -> None:
    told = osaudit("leaderboard", store.name, "-o", "site", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr.startswith("site: 7 models in ")
    assert (tmp_path / "site" / "index.html").is_file()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("nowhere", "-o", "site"), "no store is there"),
        (("STORE", "-o", "full"), "holds other files than a site's"),
        (("STORE", "-o", "site", "--release", "soon"), "name it by year and month"),
        (("STORE", "-o", "site", "--address", "ftp://x"), "give the site's whole address"),
        (("STORE", "-o", "site", "--reports", "none.txt"), "none.txt: it cannot be read"),
        (("STORE", "-o", "site", "--answered", "bad.yaml"), "bad.yaml is not an attestation file"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(store: Place, tmp_path: Path, given: tuple[str, ...], words: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "bad.yaml").write_text("- <script>")
    told = osaudit("leaderboard", *(store.name if one == "STORE" else one for one in given), cwd=tmp_path)
    assert told.returncode == 2
    assert words in told.stderr
    assert told.stderr.count("\n") == 1


def test_answered_disputes_are_listed(store: Place, tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(
        "attestations:\n- {id: a-1, model: acme/open-lm, commit: any, cell: OSD-2/data, outcome: pass, "
        "reason: 'The <b>set</b> is published.', evidence: 'https://hub.example/set', who: 'A. Reader, lab', "
        "date: '2026-11-01', expires: '2027-11-01'}\n"
    )
    told = osaudit("leaderboard", store.name, "-o", "site", "--answered", "answers.yaml", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    page = (tmp_path / "site" / "disputes.html").read_text()
    assert "The &lt;b&gt;set&lt;/b&gt; is published." in page
    assert 'href="models/acme--open-lm.html"' in page


def test_the_accuracy_page_has_the_figures_of_the_document(site: Path) -> None:
    page = (site / "accuracy.html").read_text()
    document = (Path(__file__).parent.parent / "docs" / "accuracy.md").read_text()
    figures = set(re.findall(r"\d+\.\d+ %", document))
    assert len(figures) > 20
    assert figures <= set(re.findall(r"\d+\.\d+ %", page))

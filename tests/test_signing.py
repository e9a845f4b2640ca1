"""What a report says to who signs it: model and uses, notices beside their duties, the day to look again, and a PDF."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from samples import CHAT, TINY

from osaudit.cli import run as main
from osaudit.errors import UsageError
from osaudit.render.html import render_html
from osaudit.render.json import render_json
from osaudit.render.pdf import render_pdf
from osaudit.verdict import Duty


def test_what_is_signed_names_model_commit_and_uses() -> None:
    text = render_html([CHAT])
    table = text[text.index('class="signature"') :]
    table = table[: table.index("</table>")]
    assert CHAT.model in table
    assert str(CHAT.commit) in table
    assert table.count("Sell a product with it") == 1


@pytest.mark.parametrize(("kind", "stands"), [("display-wording", True), ("keep-notices", False)])
def test_a_notice_stands_beside_the_duty_that_asks_for_it(kind: str, stands: bool) -> None:  # noqa: FBT001 - a parameter
    duty = replace(TINY.obligations[0], kind=kind, because="Show the words “Built with Acme Three”. (Acme 3, 2)")
    text = render_html([replace(TINY, obligations=(duty,))])
    [beside] = [part for part in text.split("<li>") if "Show the words" in part and 'class="owner"' in part]
    assert ("<code>Built with Acme Three</code>" in beside) is stands
    assert isinstance(duty, Duty)


@pytest.mark.parametrize(
    ("policy", "flags", "told"),
    [
        ('[gate]\nmax-age = "30d"\n', (), "the evidence is then 30 days old"),
        ('[gate]\nmax-age = "30d"\n', ("--max-age", "20"), "the evidence is then 20 days old"),
        (
            '[gate]\nmax-age = "30d"\n[[gate.overrides]]\nmodels = "acme/*"\nreason = "x"\nmax-age = "10d"\n',
            (),
            "the evidence is then 10 days old",
        ),
        ('[gate]\nmin-label = "open-weights"\n', (), "the evidence is then 365 days old"),
        ("", (), "the evidence is then 365 days old"),
    ],
)
def test_the_day_to_look_again_is_the_policys(
    policy: str,
    flags: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "osaudit.toml").write_text(policy, encoding="utf-8")
    (tmp_path / "card.json").write_text(render_json([replace(TINY, risks=(), tool_version="0.0.1")]), encoding="utf-8")
    assert main(["report", "card.json", "-f", "html", *flags]) in {0, 3}
    assert told in capsys.readouterr().out


def test_a_library_that_lacks_pango_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weasyprint").mkdir()
    words = "raise OSError(\"cannot load library 'libpango-1.0-0':\\n no such file\")\n"
    (tmp_path / "weasyprint" / "__init__.py").write_text(words, encoding="utf-8")
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError) as caught:
        render_pdf(TINY)
    assert caught.value.exit_code == 2
    assert "install Pango" in str(caught.value)
    assert "\n" not in str(caught.value)

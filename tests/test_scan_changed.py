"""Which models a branch adds, or moves to another revision; and a stranger's repository, which is never obeyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from program import run

from osaudit.errors import OsauditError, UsageError
from osaudit.gate.scan import Adopted, scan

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
HEAD = "from transformers import AutoModel\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git(root: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = run(
        "git", *settings, *arguments, cwd=root, env={"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loads(*names: str) -> str:
    return HEAD + "".join(f"AutoModel.from_pretrained({name})\n" for name in names)


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def models(adopted: Adopted) -> list[tuple[str, str | None]]:
    return [(one.model, one.revision) for one in adopted.found]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, "a.py", loads('"acme/old"', '"acme/moved", revision="v1"', '"acme/gone"'))
    write(tmp_path, "names.py", 'NAME = "acme/before"\n')
    write(tmp_path, "b.py", "from names import NAME\n" + loads("NAME"))
    write(tmp_path, ".gitignore", "ignored/\n*.secret.py\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    git(tmp_path, "branch", "base")
    return tmp_path


def test_what_is_new_or_moved_is_listed(root: Path) -> None:
    write(root, "a.py", "\n\n" + loads('"acme/old"', f'"acme/moved", revision="{COMMIT}"', '"acme/new"'))
    assert models(scan(root, changed_since="base")) == [("acme/moved", COMMIT), ("acme/new", None)]


def test_what_only_stands_elsewhere_is_not(root: Path) -> None:
    (root / "a.py").rename(root / "c.py")
    write(root, "deploy.yaml", "base_model: acme/old\n")
    assert models(scan(root, changed_since="base")) == []


def test_a_constant_in_another_file_counts(root: Path) -> None:
    write(root, "names.py", 'NAME = "acme/after"\n')
    [one] = scan(root, changed_since="base").found
    assert (one.model, one.spot.path, one.spot.line) == ("acme/after", "b.py", 3)


def test_it_is_held_to_where_the_branch_left(root: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "topic")
    write(root, "new.py", loads('"acme/mine"'))
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "two")
    git(root, "checkout", "--quiet", "base")
    write(root, "a.py", loads('"acme/moved", revision="v1"'))
    git(root, "commit", "--quiet", "-am", "the base goes on, and leaves acme/old")
    git(root, "checkout", "--quiet", "topic")
    assert models(scan(root, changed_since="base")) == [("acme/mine", None)]


def test_files_that_git_does_not_know_yet_count(root: Path) -> None:
    write(root, "new.sh", "vllm serve acme/fresh\n")
    assert models(scan(root, changed_since="HEAD")) == [("acme/fresh", None)]


def test_a_folder_of_the_repository_alone(root: Path) -> None:
    write(root, "sub/x.py", loads('"acme/sub"'))
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "two")
    write(root, "sub/x.py", loads('"acme/sub"', '"acme/sub-new"'))
    write(root, "a.py", loads('"acme/outside"'))
    assert models(scan(root / "sub", changed_since="HEAD")) == [("acme/sub-new", None)]


def test_one_file_alone(root: Path) -> None:
    write(root, "a.py", loads('"acme/old"', '"acme/new"'))
    write(root, "names.py", 'NAME = "acme/after"\n')
    assert models(scan(root / "b.py", changed_since="base")) == [("acme/after", None)]
    assert models(scan(root / "b.py")) == [("acme/after", None)]


def test_what_git_ignores_is_not_read(root: Path) -> None:
    write(root, "ignored/x.py", loads('"acme/ignored"'))
    write(root, "y.secret.py", loads('"acme/ignored"'))
    assert "acme/ignored" not in dict(models(scan(root)))


def test_without_git_its_ignore_files_hold_as_well(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "ignored/x.py", loads('"acme/ignored"'))
    write(root, "sub/.gitignore", "z.py\n!y.secret.py\n")
    write(root, "sub/z.py", loads('"acme/ignored"'))
    write(root, "sub/y.secret.py", loads('"acme/kept"'))
    here = models(scan(root))
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    there = models(scan(root))
    assert here == there
    assert ("acme/kept", None) in there


def test_a_folder_that_git_ignores_is_read_where_it_is_named(root: Path) -> None:
    write(root, "ignored/x.py", loads('"acme/ignored"'))
    assert models(scan(root / "ignored")) == [("acme/ignored", None)]


def test_a_folder_that_git_ignores_is_still_a_folder(root: Path) -> None:
    (root / "ignored" / "weights").mkdir(parents=True)
    write(root, "a.py", loads('"ignored/weights"'))
    assert "ignored/weights" not in dict(models(scan(root)))


WRONG = ["--output=x", "-x", "a..b", "", "a b", "a\nb", "a:b", "no-such-branch", "x" * 500, "@{u}", "HEAD^{tree}"]


@pytest.mark.parametrize("revision", WRONG)
def test_a_revision_that_is_none_is_wrong_usage(revision: str, root: Path) -> None:
    with pytest.raises(UsageError) as told:
        scan(root, changed_since=revision)
    assert "\n" not in str(told.value)


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.py", loads('"acme/x"'))
    with pytest.raises(OsauditError, match="in no git repository"):
        scan(tmp_path, changed_since="main")


OBEYED = (
    *("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "credential.helper"),
    *("filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.trap.command", "diff.trap.textconv"),
    *("diff.external", "alias.ls-files", "alias.rev-parse", "uploadpack.packObjectsHook", "gpg.program"),
    *("core.alternateRefsCommand", "interactive.diffFilter"),
)


def test_nothing_of_a_repository_is_obeyed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    traces = tmp_path_factory.mktemp("traces")
    trap = traces / "trap"
    trap.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{traces}/ran'\ncat\n")
    trap.chmod(0o755)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"):
        shutil.copy(trap, root / ".git" / "hooks" / hook)
    write(root, ".gitattributes", "* filter=trap diff=trap\n")
    write(root, "a.py", loads('"acme/new"'))
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "two")
    write(root, "a.py", loads('"acme/newer"'))
    for name in OBEYED:
        value = f"!{trap}" if name.startswith("alias") or "helper" in name else str(trap)
        git(root, "config", name, value)
    git(root, "config", "core.hooksPath", str(root / ".git" / "hooks"))
    (traces / "ran").unlink(missing_ok=True)
    assert models(scan(root, changed_since="HEAD")) == [("acme/newer", None)]
    assert not (traces / "ran").exists()
    run("git", "status", cwd=root)
    assert (traces / "ran").exists()  # so would it have been, were it obeyed


def test_a_repository_that_lacks_content_asks_nobody_for_it(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    there = tmp_path_factory.mktemp("partial")
    git(root, "config", "uploadpack.allowFilter", "true")
    git(there, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{root}", "here")
    write(there / "here", "a.py", loads('"acme/old"'))
    with pytest.raises(OsauditError, match="fetch it whole first"):
        scan(there / "here", changed_since="HEAD")

"""Repositories, hosts and settings that want more than to be read: nothing of them runs, and nothing is written."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from githost import Entry, GitHost, run_git, write_object, write_tree

from osaudit.codehost import CodeAddress
from osaudit.evidence import Seen
from osaudit.files import is_safe_path
from osaudit.sources import git
from osaudit.sources.git import Fetched, GitSource, Wanted
from osaudit.sources.gitcommand import Bounds, Git, GitError, environment, find_git, protocols
from osaudit.sources.store import Store, read_json, write_json

ADDRESS = CodeAddress("github.com", "acme", "code")
REPO = "github.com/acme/code"


EVERYTHING = Wanted(lambda paths: paths, lambda _: True, "1")


def fetch(root: Path, seconds: float = 60.0) -> Fetched:
    return GitSource(Store(root / "cache"), seconds=seconds).fetch(ADDRESS, EVERYTHING)


def files_below(root: Path, *aside: str) -> set[str]:
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir())
    return {path for path in found if not path.startswith(aside)}


def script(path: Path, marker: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho ran >> '{marker}'\nexit 1\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_nothing_of_the_users_settings_is_in_force_but_the_way_to_the_host(
    git_hosted: GitHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, home = tmp_path / "ran", tmp_path / "user"
    tool = script(tmp_path / "tool", marker)
    for hook in ("reference-transaction", "post-checkout", "post-merge", "proc-receive", "pre-auto-gc"):
        script(home / "template" / "hooks" / hook, marker)
        script(home / "hooks" / hook, marker)
    (home / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (home / ".netrc").chmod(0o600)
    more = f"""
[core]
    hooksPath = {home}/hooks
    fsmonitor = {tool}
    askPass = {tool}
    sshCommand = {tool}
    gitProxy = {tool}
    attributesFile = {home}/attributes
[init]
    templateDir = {home}/template
[credential]
    helper = {tool}
[credential "http://127.0.0.1"]
    helper = !{tool}
    username = me
[http]
    extraHeader = "X-Secret: token"
    cookieFile = {home}/cookies
[filter "lfs"]
    smudge = {tool}
    process = {tool}
    required = true
[submodule]
    recurse = true
[fetch]
    recurseSubmodules = true
[gc]
    auto = 1
[alias]
    fetch = !{tool}
[trace2]
    eventTarget = {tmp_path}/ran
"""
    for name, value in git_hosted.environment(more).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_ASKPASS", str(tool))
    monkeypatch.setenv("SSH_ASKPASS", str(tool))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(home / "agent"))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(tool))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(tool))
    monkeypatch.setenv("GIT_TRACE", str(marker))
    monkeypatch.setenv("GIT_DIR", str(home / "elsewhere"))
    git_hosted.add(REPO, {"README.md": "x\n", ".gitattributes": "* filter=lfs diff=tool\n", "a.bin": "y\n"})
    assert isinstance(fetch(tmp_path).snapshot.commit, Seen)
    git_hosted.refused["github.com/acme/code"] = 401
    with pytest.raises(GitError, match="everybody may read"):
        GitSource(None).fetch(ADDRESS, EVERYTHING)
    assert not marker.exists(), marker.read_text()
    sent = " ".join(f"{name}: {value}" for headers in git_hosted.headers for name, value in headers.items())
    assert "secret" not in sent.lower()
    assert "authorization" not in sent.lower()


def test_an_address_of_the_user_that_holds_a_password_is_not_used(
    git_hosted: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = git_hosted.endpoint.rpartition(":")[2]
    settings = tmp_path / "with-password"
    settings.write_text(f'[url "http://me:word@127.0.0.1:{port}/github.com/"]\n\tinsteadOf = https://github.com/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert find_git().network == ()


def test_proxies_and_certificates_of_the_user_are_obeyed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = tmp_path / "with-proxy"
    settings.write_text(
        "[http]\n\tproxy = http://127.0.0.1:9\n\tsslCAInfo = /ca.pem\n\tsslVerify = false\n"
        '[http "https://github.com"]\n\tproxy = http://127.0.0.1:8\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:7")
    known = dict(find_git().network)
    assert known == {
        "http.proxy": "http://127.0.0.1:9",
        "http.sslcainfo": "/ca.pem",
        "http.https://github.com.proxy": "http://127.0.0.1:8",
    }
    assert environment(tmp_path, ())["https_proxy"] == "http://127.0.0.1:7"


def test_settings_that_cannot_be_read_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = tmp_path / "broken"
    settings.write_text("[url\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with pytest.raises(GitError, match="cannot read its own settings"):
        find_git()


@pytest.mark.parametrize(
    "target", ["ssh://git@127.0.0.1/", "ext::sh -c 'touch {marker}' ", "file:///{folder}/", "git://127.0.0.1/"]
)
def test_no_protocol_but_https_is_spoken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: str, git_hosted: GitHost
) -> None:
    git_hosted.add(REPO, {"README.md": "x\n"})
    marker, folder = tmp_path / "ran", git_hosted.root / "served" / "github.com"
    settings = tmp_path / "elsewhere"
    base = target.format(marker=marker, folder=str(folder).lstrip("/"))
    settings.write_text(f'[url "{base}"]\n\tinsteadOf = https://github.com/\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("OSAUDIT_GIT_PROTOCOLS", "https")
    with pytest.raises(GitError, match=r"only https is|could not be reached"):
        fetch(tmp_path)
    assert not marker.exists()


def test_http_is_no_protocol_unless_it_is_allowed(
    git_hosted: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git_hosted.add(REPO, {"README.md": "x\n"})
    monkeypatch.delenv("OSAUDIT_GIT_PROTOCOLS")
    with pytest.raises(GitError, match="only https is"):
        fetch(tmp_path)
    assert git_hosted.asked == []


@pytest.mark.parametrize(
    ("named", "spoken"), [("", ("https",)), ("https:http", ("https", "http")), ("ext,fd", ()), ("-x ", ())]
)
def test_what_is_spoken_is_named(monkeypatch: pytest.MonkeyPatch, named: str, spoken: tuple[str, ...]) -> None:
    monkeypatch.setenv("OSAUDIT_GIT_PROTOCOLS", named)
    assert protocols() == spoken


def test_nothing_is_written_outside_the_cache(
    git_hosted: GitHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    git_hosted.add(REPO, {"README.md": "x\n", "run.sh": Entry("touch ran\n", "100755"), "a/b/c.txt": "y\n"})
    before = files_below(tmp_path, "githost")
    fetch(tmp_path)
    new = files_below(tmp_path, "githost") - before
    assert all(name.startswith("cache/linked/") and name.endswith(".json") for name in new)
    assert len(new) == 2
    assert list((tmp_path / "cache" / "linked").glob("osaudit-git-*")) == []


HOSTILE = ["..", ".", ".git", ".GIT", "a\\..\\b", "C:evil", "new\nline", "bell\x07", "dir\u202ecod"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_out_or_hide_are_left_out(git_hosted: GitHost, tmp_path: Path, name: str) -> None:
    write_tree(git_hosted, REPO, [("100644", "README.md", b"read\n"), ("100644", name, b"hostile\n")])
    listed = listed_or_refused(tmp_path)
    assert listed in (["README.md"], ["what its host sends is damaged"]) or name in {".git", ".GIT"}
    assert all(is_safe_path(path) and path.isprintable() for path in listed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "githost"]


def listed_or_refused(root: Path) -> list[str]:
    """The names that are listed; git's own check refuses some of them before."""
    try:
        files = fetch(root).snapshot.files
    except GitError as error:
        return [error.why]
    assert isinstance(files, Seen)
    return [entry.path for entry in files.value.entries]


def test_a_folder_of_many_files_is_listed_up_to_the_bound(git_hosted: GitHost, tmp_path: Path) -> None:
    write_tree(git_hosted, REPO, [("100644", "README.md", b"x\n")])
    folder = git_hosted.folder(REPO)
    blob = bytes.fromhex(write_object(folder, "blob", b"x\n"))
    names = sorted(f"file-{at}.py" for at in range(5000))
    inner = bytes.fromhex(write_object(folder, "tree", b"".join(b"100644 %s\0" % n.encode() + blob for n in names)))
    commit_of(git_hosted, b"".join(b"40000 d%02d\0" % at + inner for at in range(41)))
    wanted = Wanted(lambda paths: paths, lambda path: path.endswith("/file-0.py"), "1")
    found = GitSource(Store(tmp_path / "cache"), seconds=300).fetch(ADDRESS, wanted)
    files = found.snapshot.files
    assert isinstance(files, Seen)
    assert not files.value.complete
    assert found.listed == git.MAX_FILES == 200_000
    assert len(files.value.entries) == 40
    assert len(found.snapshot.texts) <= git.MAX_BLOBS


def commit_of(host: GitHost, rows: bytes) -> None:
    """Put a folder of these rows, written as they are, into the place of the newest commit."""
    folder = host.folder(REPO)
    tree = write_object(folder, "tree", rows)
    text = f"tree {tree}\nauthor N <n@e.org> 1 +0000\ncommitter N <n@e.org> 1 +0000\n\nmade\n"
    run_git(folder, "update-ref", "refs/heads/main", write_object(folder, "commit", text.encode()))


def test_a_tree_that_holds_itself_many_times_ends(git_hosted: GitHost, tmp_path: Path) -> None:
    """Ten folders of ten of the same folder, eleven deep: 10^11 files from a dozen objects."""
    write_tree(git_hosted, REPO, [("100644", "README.md", b"x\n")])
    folder = git_hosted.folder(REPO)
    inner = write_object(folder, "blob", b"x\n")
    mode = b"100644"
    rows = b""
    for _ in range(12):
        rows = b"".join(mode + b" %d" % at + b"\0" + bytes.fromhex(inner) for at in range(10))
        inner, mode = write_object(folder, "tree", rows), b"40000"
    commit_of(git_hosted, rows)
    wanted = Wanted(lambda _: (), lambda path: "/" not in path, "1")
    found = GitSource(Store(tmp_path / "cache"), seconds=300).fetch(ADDRESS, wanted)
    assert isinstance(found.snapshot.files, Seen)
    assert not found.snapshot.files.value.complete
    assert found.listed == git.MAX_FILES


def test_a_licence_that_unpacks_to_much_is_not_read(git_hosted: GitHost, tmp_path: Path) -> None:
    """It is small when it is sent; what it unpacks to is neither kept nor looked at."""
    git_hosted.add(REPO, {"README.md": "read me\n", "LICENSE": bytes(64 * 1024**2)})
    found = fetch(tmp_path, seconds=300)
    assert not isinstance(found.snapshot.texts["LICENSE"], Seen)
    assert isinstance(found.snapshot.texts["README.md"], Seen)
    assert sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()) < 100_000


def test_what_a_host_sends_is_watched_while_it_is_sent(
    git_hosted: GitHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "BLOBS", 512 * 1024)
    monkeypatch.setattr(git, "TREES", 512 * 1024)
    git_hosted.add(REPO, {"README.md": "x\n", "a.txt": os.urandom(8 * 1024 * 1024)})
    with pytest.raises(GitError, match="larger than 1 MB"):
        fetch(tmp_path)
    kept = list((tmp_path / "cache" / "linked").iterdir())
    assert sum(path.stat().st_size for path in kept) < 1000, "what it would not take is told for an hour, and no more"


def test_what_is_ended_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    tool = tmp_path / "git"
    tool.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > '{started}'\nwait\n")
    tool.chmod(0o755)
    with pytest.raises(GitError, match="did not answer within 1 seconds"):
        Git(str(tool), (2, 99), ()).read(tmp_path, ["x"], Bounds(1))
    child = int(started.read_text())
    for _ in range(500):
        if not _runs(child):
            break
        time.sleep(0.01)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_an_endless_answer_is_cut(tmp_path: Path) -> None:
    tool = tmp_path / "git"
    tool.write_text("#!/bin/sh\nexec yes\n")
    tool.chmod(0o755)
    program = Git(str(tool), (2, 99), ())
    with pytest.raises(GitError, match="longer than what is read"):
        program.read(tmp_path, ["x"], Bounds(60, output=1000))
    with pytest.raises(GitError, match="longer than what is read"):
        list(program.entries(tmp_path, ["x"], Bounds(60, output=1000)))


def stored(root: Path, part: str) -> tuple[Path, Any]:
    """The file of the cache that holds a key, and its JSON."""
    for path in (root / "cache" / "linked").glob("*.json"):
        told = read_json(path)
        if part in json.dumps(told):
            return path, told
    raise AssertionError(part)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_repository_in_the_cache_that_was_changed_is_fetched_again(
    git_hosted: GitHost,
    tmp_path: Path,
    sealed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Whoever writes the cache may count its hash anew, and keep a seal that was made for other words."""
    git_hosted.add(REPO, {"README.md": "Not for commercial use.\n"})
    fetch(tmp_path)
    path, told = stored(tmp_path, "Not for commercial use")
    changed = json.loads(json.dumps(told).replace("Not for commercial use", "Free for whoever likes it"))
    write_json(path, changed if sealed else changed["data"])
    again = fetch(tmp_path).snapshot.texts["README.md"]
    assert isinstance(again, Seen)
    assert again.value.text == "Not for commercial use.\n"


def test_a_sealed_file_stands_for_no_other(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.add(REPO, {"README.md": "Not for commercial use.\n"})
    git_hosted.add("github.com/acme/other", {"README.md": "Free for whoever likes it.\n"})
    GitSource(Store(tmp_path / "cache")).fetch(CodeAddress("github.com", "acme", "other"), EVERYTHING)
    _, other = stored(tmp_path, "Free for whoever likes it")
    fetch(tmp_path)
    path, _ = stored(tmp_path, "Not for commercial use")
    write_json(path, other)
    again = fetch(tmp_path).snapshot.texts["README.md"]
    assert isinstance(again, Seen)
    assert again.value.text == "Not for commercial use.\n"


def test_nobody_else_says_that_a_host_has_no_such_repository(git_hosted: GitHost, tmp_path: Path) -> None:
    with pytest.raises(GitError):
        fetch(tmp_path)
    path, told = stored(tmp_path, "why")
    git_hosted.add(REPO, {"README.md": "x\n"})
    with pytest.raises(GitError):
        fetch(tmp_path)  # it was said within the hour
    write_json(path, {**told, "seal": "0" * 64})
    assert isinstance(fetch(tmp_path).snapshot.texts["README.md"], Seen)


def test_without_a_key_nothing_is_kept(git_hosted: GitHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSAUDIT_STATE", str(tmp_path / "cache" / "state"))
    git_hosted.add(REPO, {"README.md": "x\n"})
    fetch(tmp_path)
    assert list((tmp_path / "cache" / "linked").glob("*.json")) == []

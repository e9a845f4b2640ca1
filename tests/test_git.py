"""Fetching code repositories from a host of git: what is asked, what is kept, what is told of failures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from githost import Entry, GitHost

from osaudit.codehost import HOSTS, CodeAddress, code_address, shown_at
from osaudit.evidence import Seen, Unknown
from osaudit.sources import git
from osaudit.sources.git import FRESH, REFUSED, Fetched, GitSource, Wanted
from osaudit.sources.gitcommand import OLDEST, GitError, find_git
from osaudit.sources.linked import MODES
from osaudit.sources.store import Store

ADDRESS = CodeAddress("github.com", "acme", "code")
FILES = {"README.md": "# Code\n", "LICENSE": "MIT\n", "src/train.py": "loss.backward()\n", "data/big.bin": b"\0" * 5000}


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def texts(paths: Sequence[str]) -> Iterator[str]:
    return (path for path in paths if not path.endswith(".bin"))


WANTED = Wanted(texts, lambda _: True, "1")


def fetch(source: GitSource, address: CodeAddress = ADDRESS) -> Fetched:
    return source.fetch(address, WANTED)


def read(found: Fetched) -> dict[str, str]:
    return {path: fact.value.text for path, fact in found.snapshot.texts.items() if isinstance(fact, Seen)}


def paths(found: Fetched) -> list[str]:
    files = found.snapshot.files
    assert isinstance(files, Seen)
    return [entry.path for entry in files.value.entries]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache", Clock())


@pytest.fixture
def source(store: Store) -> GitSource:
    return GitSource(store, seconds=60)


def test_a_commit_its_list_and_the_chosen_files_are_fetched(git_hosted: GitHost, source: GitSource) -> None:
    commit = git_hosted.add("github.com/acme/code", FILES)
    found = fetch(source)
    assert isinstance(found.snapshot.commit, Seen)
    assert found.snapshot.commit.value == commit
    assert sorted(paths(found)) == sorted(FILES)
    assert read(found) == {path: text for path, text in FILES.items() if isinstance(text, str)}
    assert found.snapshot.source == "git"


def test_one_question_for_the_commit_and_two_for_its_content(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    fetch(source)
    commands = [path for method, path in git_hosted.asked if method == "GET"]
    assert len(commands) == 3
    assert not any("Authorization" in headers for headers in git_hosted.headers)


def test_files_that_are_not_chosen_are_never_sent(
    git_hosted: GitHost, source: GitSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_hosted.add("github.com/acme/code", {**FILES, "data/big.bin": os.urandom(1024 * 1024)})
    monkeypatch.setattr(git, "BLOBS", 256 * 1024)
    monkeypatch.setattr(git, "TREES", 256 * 1024)
    assert len(read(fetch(source))) == 3


def test_names_that_tell_nothing_are_counted_and_not_kept(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    found = source.fetch(ADDRESS, Wanted(texts, lambda path: path.endswith(".py"), "1"))
    assert (paths(found), found.listed) == (["src/train.py"], 4)


def test_a_repeat_asks_nothing_until_a_day_is_over(git_hosted: GitHost, source: GitSource, store: Store) -> None:
    clock = store.now
    assert isinstance(clock, Clock)
    first = git_hosted.add("github.com/acme/code", FILES)
    before = fetch(source)
    asked = len(git_hosted.asked)
    git_hosted.add("github.com/acme/code", {**FILES, "NEW": "x\n"})
    clock.now += FRESH - timedelta(seconds=1)
    assert fetch(source) == before
    assert len(git_hosted.asked) == asked
    clock.now += timedelta(seconds=1)
    after = fetch(source)
    assert isinstance(after.snapshot.commit, Seen)
    assert after.snapshot.commit.value != first


@pytest.mark.parametrize("status", [404, 401, 410])
def test_what_its_host_does_not_have_is_not_asked_for_again_within_the_hour(
    git_hosted: GitHost, source: GitSource, store: Store, status: int
) -> None:
    clock = store.now
    assert isinstance(clock, Clock)
    git_hosted.refused["github.com/acme/code"] = status
    with pytest.raises(GitError, match="gone, private or misspelt"):
        fetch(source)
    asked = len(git_hosted.asked)
    clock.now += REFUSED - timedelta(seconds=1)
    with pytest.raises(GitError, match="gone, private or misspelt"):
        fetch(source)
    assert len(git_hosted.asked) == asked
    del git_hosted.refused["github.com/acme/code"]
    git_hosted.add("github.com/acme/code", FILES)
    with pytest.raises(GitError, match="nothing is asked offline"):
        fetch(GitSource(store, offline=True))
    assert read(fetch(GitSource(None)))["README.md"] == "# Code\n"
    clock.now += timedelta(seconds=1)
    assert read(fetch(source))["README.md"] == "# Code\n"


def test_more_than_is_read_of_one_is_not_fetched_again_within_the_hour(
    git_hosted: GitHost, source: GitSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_hosted.add("github.com/acme/code", {**FILES, "src/data.py": os.urandom(1024 * 1024).hex()})
    monkeypatch.setattr(git, "BLOBS", 64 * 1024)
    monkeypatch.setattr(git, "TREES", 64 * 1024)
    for _ in range(2):
        with pytest.raises(GitError, match="larger than"):
            fetch(source)
    assert git_hosted.questions("github.com/acme/code")["listed"] == 3


def test_a_host_that_could_not_answer_is_asked_again(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    git_hosted.refused["github.com/acme/code"] = 503
    with pytest.raises(GitError, match="could not be reached"):
        fetch(source)
    del git_hosted.refused["github.com/acme/code"]
    assert read(fetch(source))["README.md"] == "# Code\n"


def test_offline_takes_what_was_seen_and_asks_nothing(git_hosted: GitHost, source: GitSource, store: Store) -> None:
    clock = store.now
    assert isinstance(clock, Clock)
    git_hosted.add("github.com/acme/code", FILES)
    before = fetch(source)
    asked = len(git_hosted.asked)
    clock.now += 40 * FRESH
    assert fetch(GitSource(store, offline=True)) == before
    with pytest.raises(GitError, match="nothing is asked offline"):
        fetch(GitSource(store, offline=True), CodeAddress("github.com", "acme", "other"))
    assert len(git_hosted.asked) == asked


def test_without_a_cache_nothing_is_kept(git_hosted: GitHost, tmp_path: Path) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    source = GitSource(None)
    assert fetch(source) == fetch(source)
    assert len([path for method, path in git_hosted.asked if method == "GET"]) == 6
    assert not (tmp_path / "cache").exists()


def test_what_another_reader_chose_is_not_taken(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    fetch(source)
    asked = len(git_hosted.asked)
    source.fetch(ADDRESS, Wanted(texts, lambda _: True, "2"))
    assert len(git_hosted.asked) > asked


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b"null\n{}"])
def test_a_damaged_cache_is_left_aside(git_hosted: GitHost, source: GitSource, store: Store, damage: bytes) -> None:
    git_hosted.add("github.com/acme/code", FILES)
    before = fetch(source)
    for file in (store.root / "linked").iterdir():
        file.write_bytes(damage)
    assert fetch(source) == before


def test_a_tag_that_a_link_names_is_the_one_that_is_read(git_hosted: GitHost, source: GitSource) -> None:
    old = git_hosted.add("github.com/acme/code", FILES, ref="refs/tags/v1.0")
    git_hosted.add("github.com/acme/code", {"README.md": "new\n"})
    address = code_address("https://github.com/acme/code/tree/v1.0/src")
    assert address is not None
    found = fetch(source, address)
    assert isinstance(found.snapshot.commit, Seen)
    assert found.snapshot.commit.value == old


def test_a_commit_that_a_link_names_needs_no_ls_remote(git_hosted: GitHost, source: GitSource) -> None:
    old = git_hosted.add("github.com/acme/code", FILES)
    git_hosted.add("github.com/acme/code", {"README.md": "new\n"})
    found = fetch(source, CodeAddress("github.com", "acme", "code", old))
    assert found.snapshot.commit == fetch(source, CodeAddress("github.com", "acme", "code", old)).snapshot.commit
    assert len([path for method, path in git_hosted.asked if method == "GET"]) == 2


def test_a_host_that_filters_nothing_is_read_too(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.filters = False
    git_hosted.add("github.com/acme/code", FILES)
    assert read(fetch(source))["README.md"] == "# Code\n"


def test_links_and_further_repositories_are_told_and_not_followed(
    git_hosted: GitHost, source: GitSource, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    files = {
        "README.md": "x\n",
        "LICENSE": Entry(str(secret), "120000"),
        "third": Entry("a" * 40, "160000"),
        ".gitmodules": f'[submodule "third"]\n\tpath = third\n\turl = file://{tmp_path}\n',
    }
    git_hosted.add("github.com/acme/code", files)
    found = fetch(source)
    assert found.links == ("LICENSE",)
    assert found.submodules == ("third",)
    assert "hidden" not in str(found)
    assert set(read(found)) == {"README.md", ".gitmodules"}


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_nobody_may_read_is_gone_private_or_misspelt(git_hosted: GitHost, source: GitSource, status: int) -> None:
    git_hosted.refused["github.com/acme/code"] = status
    with pytest.raises(GitError, match="gone, private or misspelt"):
        fetch(source)


def test_a_repository_that_is_not_there(git_hosted: GitHost, source: GitSource) -> None:
    with pytest.raises(GitError, match="gone, private or misspelt"):
        fetch(source)
    assert git_hosted.asked


def test_an_empty_repository(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", FILES, ref="refs/heads/other")
    with pytest.raises(GitError, match="no commit of it"):
        fetch(source)


def test_a_redirect_is_told_and_not_followed(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/new", FILES)
    git_hosted.redirects["github.com/acme/code"] = "/github.com/acme/new"
    with pytest.raises(GitError, match="moved or renamed"):
        fetch(source)
    assert not [path for _, path in git_hosted.asked if "/new" in path]


def test_a_redirect_to_another_host_reaches_nobody(git_hosted: GitHost, source: GitSource, tmp_path: Path) -> None:
    with GitHost(tmp_path / "other") as other:
        other.add("github.com/acme/code", FILES)
        git_hosted.redirects["github.com/acme/code"] = f"{other.endpoint}/github.com/acme/code"
        with pytest.raises(GitError, match="moved or renamed"):
            fetch(source)
        assert other.asked == []


def test_a_host_that_never_answers_ends(git_hosted: GitHost, store: Store) -> None:
    git_hosted.silent.add("github.com")
    with pytest.raises(GitError, match="did not answer within 1 seconds"):
        fetch(GitSource(store, seconds=1))


def test_no_failure_tells_the_servers_own_words(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.refused["github.com/acme/code"] = 500
    with pytest.raises(GitError) as failed:
        fetch(source)
    assert failed.value.why == "its host could not be reached, or is no git"
    assert "127.0.0.1" not in failed.value.why


def test_without_git_the_reason_is_told(source: GitSource, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}relative{os.pathsep}.")
    with pytest.raises(GitError, match="git is not installed"):
        fetch(source)


def test_a_git_of_the_working_folder_is_never_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert Path(find_git().path).is_absolute()
    assert not (tmp_path / "ran").exists()


def test_a_git_that_cannot_be_kept_from_settings_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.30.1\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError, match=r"older than 2\.32"):
        find_git()


@pytest.mark.parametrize(
    ("link", "repo", "ref", "path"),
    [
        ("https://github.com/allenai/OLMo", "github.com/allenai/OLMo", "", ""),
        ("http://www.github.com/allenai/OLMo.git", "github.com/allenai/OLMo", "", ""),
        ("https://github.com/a/b/tree/v1.0/scripts/train", "github.com/a/b", "v1.0", "scripts/train"),
        ("https://github.com/a/b/blob/main/train.py#L3", "github.com/a/b", "main", "train.py"),
        ("https://gitlab.com/a/b/-/tree/dev/x", "gitlab.com/a/b", "dev", "x"),
        ("https://codeberg.org/a/b/src/branch/dev/x", "codeberg.org/a/b", "dev", "x"),
        ("https://huggingface.co/acme/code/tree/main", "huggingface.co/acme/code", "main", ""),
        ("https://github.com/a/b?tab=readme-ov-file", "github.com/a/b", "", ""),
    ],
)
def test_a_link_is_taken_apart(link: str, repo: str, ref: str, path: str) -> None:
    address = code_address(link)
    assert address is not None
    assert (address.repo, address.ref, address.path) == (repo, ref, path)


@pytest.mark.parametrize(
    "link",
    [
        *("https://github.com/", "https://github.com/a", "https://github.com/topics/llm", "ssh://github.com/a/b"),
        *(
            "https://user@github.com/a/b",
            "https://github.com:8080/a/b",
            "https://github.com.evil.org/a/b",
            "file:///a/b",
        ),
        *(
            "https://evil.org/github.com/a/b",
            "https://githüb.com/a/b",
            "https://gıthub.com/a/b",
            "https://github.com\\@e/a/b",
        ),
        *("https://github.com/--upload-pack=x/b", "https://github.com/a/-b", "https://github.com/a/..", "ext::sh -c x"),
        *("https://127.0.0.1/a/b", "https://localhost/a/b", "https://github.com/a/b;touch", "https://[::1]/a/b", ""),
        *("https://github.com/a/$(id)", "https://github.com/a b/c", "https://huggingface.co/datasets/a/b"),
    ],
)
def test_what_is_no_repository_of_a_known_host_is_left(link: str) -> None:
    assert code_address(link) is None


def test_a_strange_revision_is_none() -> None:
    for ref in ("--upload-pack", "..", "a..b", "-x", "$(id)", "a%0Ab"):
        address = code_address(f"https://github.com/a/b/tree/{ref}/x")
        assert address is None or address.ref == ""


def test_a_further_host_has_to_be_named(git_hosted: GitHost, source: GitSource) -> None:
    link = "https://git.example.org/acme/code"
    assert code_address(link) is None
    address = code_address(link, ("git.example.org",))
    assert address is not None
    git_hosted.add("git.example.org/acme/code", FILES)
    assert sorted(paths(fetch(source, address))) == sorted(FILES)


def test_places_lead_to_the_page_of_a_file() -> None:
    commit = "c" * 40
    assert (
        shown_at("github.com/a/b", commit, "x y.py", (1, 2)) == f"https://github.com/a/b/blob/{commit}/x%20y.py#L1-L2"
    )
    assert shown_at("gitlab.com/a/b", commit, "x", (1, 2)) == f"https://gitlab.com/a/b/-/blob/{commit}/x#L1-2"
    assert shown_at("bitbucket.org/a/b", commit, "x", (1, 2)) == f"https://bitbucket.org/a/b/src/{commit}/x#lines-1:2"


def test_a_text_that_is_too_long_is_unknown(git_hosted: GitHost, source: GitSource) -> None:
    git_hosted.add("github.com/acme/code", {"README.md": "x\n", "LICENSE": b" " * (git.MAX_TEXT + 1)})
    fact = fetch(source).snapshot.texts["LICENSE"]
    assert isinstance(fact, Unknown)
    assert "longer than" in fact.why


def test_texts_are_bounded_together(git_hosted: GitHost, source: GitSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MAX_TEXTS", 150)
    git_hosted.add("github.com/acme/code", {"a.txt": "a" * 100, "b.txt": "b" * 100, "c.txt": "c" * 50})
    assert set(read(fetch(source))) == {"a.txt", "c.txt"}


def test_the_document_names_hosts_modes_and_bounds() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "linked.md").read_text(encoding="utf-8")
    for told in (*HOSTS, *(f"| `{mode}` |" for mode in MODES), f"{OLDEST[0]}.{OLDEST[1]} or newer"):
        assert told in text
    plain = " ".join(text.split())
    assert f"{git.SECONDS:.0f} seconds a question, {git.MAX_FILES:,} files" in plain
    megabytes = [f"{size // 2**20} MB" for size in (git.TREES, git.BLOBS, git.MAX_TEXT, git.MAX_TEXTS)]
    assert [size for size in megabytes if size not in plain] == []
    assert f"at most {git.MAX_BLOBS} chosen files" in plain
    assert timedelta(days=1) == FRESH

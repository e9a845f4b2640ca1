"""The user's own git, run so that it can do nothing but fetch objects, and has to end.

A repository that is fetched from is a stranger's, and so is the server that answers. Git gets an environment of its
own: none of the user's settings but how the network is reached, no credentials of any kind, no protocol but https, no
hook, no filter, no submodule. What it may write lies in one new folder, and whoever runs it watches how large that
grows.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

from osaudit.compiled import regex
from osaudit.frozen import dataclass

PROTOCOLS_VARIABLE = "OSAUDIT_GIT_PROTOCOLS"
OLDEST = (2, 32)
"""`GIT_CONFIG_GLOBAL` and `GIT_CONFIG_COUNT`, by which the user's settings are kept out, need this version."""

_STEP = 0.02
_PIECE = 64 * 1024
_MAX_TOLD = 64 * 1024
_PROTOCOL = regex(r"[a-z][a-z0-9+]{0,15}")
_VERSION = regex(r"git version (\d+)\.(\d+)")
_PASSED = regex(
    r"(?i)(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|curl_ca_bundle|systemroot|windir|comspec|pathext|tmp|temp|tmpdir"
)
_OF_NETWORK = regex(
    r"(?s)url\..+\.insteadof|http\.(?:.+\.)?(?:proxy|sslcainfo|sslcapath|sslbackend|schannelusesslcainfo|"
    r"schannelcheckrevoke|proxysslcainfo|version)",
)
_DECIDING = ("PATH", "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_COUNT")
_OF_SETTINGS = regex(
    r"(?i)PATH|HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|SYSTEMROOT|PROGRAMDATA|XDG_CONFIG_HOME|"
    r"GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)"
)
"""Where git's settings are looked for, and how a user gives some in the environment."""
_UNTRACED = {"GIT_TRACE": "0", "GIT_TRACE2": "0", "GIT_TRACE2_EVENT": "0", "GIT_TRACE2_PERF": "0"}
_SECRET = regex(r"//[^/@]*@")
_FIXED: Mapping[str, str] = MappingProxyType(
    {
        "core.askPass": "",
        "core.bigFileThreshold": "1m",
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "core.attributesFile": os.devnull,
        "core.symlinks": "false",
        "credential.helper": "",
        "credential.interactive": "false",
        "fetch.fsckObjects": "true",
        "fetch.negotiationAlgorithm": "noop",
        "fetch.recurseSubmodules": "false",
        "fetch.showForcedUpdates": "false",
        "fetch.writeCommitGraph": "false",
        "gc.auto": "0",
        "http.emptyAuth": "false",
        "http.followRedirects": "false",
        "http.delegation": "none",
        "http.saveCookies": "false",
        "maintenance.auto": "false",
        "pack.threads": "1",
        "protocol.allow": "never",
        "protocol.version": "2",
        "submodule.recurse": "false",
        "transfer.bundleURI": "false",
        "transfer.credentialsInUrl": "die",
        "fetch.bundleURI": "",
    }
)


class GitError(Exception):
    """Git did not do what it was asked; `why` is a plain sentence, `told` its own words, which no report shows.

    `answered`: that is what the host has to say of the address, and it would say so again if it were asked.
    """

    def __init__(self, why: str, told: str = "", *, answered: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.told = told
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one command may take: seconds, bytes of output, bytes on disk below its folder."""

    seconds: float
    output: int = 16 * 1024 * 1024
    disk: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Git:
    """The program, its version, and the settings of the user's that tell how the network is reached."""

    path: str
    version: tuple[int, int]
    network: tuple[tuple[str, str], ...]

    def ask(self, folder: Path, arguments: Iterable[str], bounds: Bounds, given: bytes = b"") -> bytes:
        """Run a command that asks the network, and return its output; GitError where it fails or goes too far."""
        return _run([self.path, *arguments], folder, environment(folder, self.network), bounds, given)

    def read(self, folder: Path, arguments: Iterable[str], bounds: Bounds, given: bytes = b"") -> bytes:
        """Run a command that reads what was fetched, without any network; GitError as above."""
        return _run([self.path, *arguments], folder, no_network(environment(folder, ())), bounds, given)

    def entries(self, folder: Path, arguments: Iterable[str], bounds: Bounds) -> Generator[bytes]:
        """Run a command that lists, and give what stands between NUL bytes as it comes; closing it ends the command."""
        yield from _listed([self.path, *arguments], folder, no_network(environment(folder, ())), bounds)


def find_git() -> Git:
    """Find the user's git by its absolute path; GitError where there is none, or one that is too old."""
    return _found(tuple(os.environ.get(name, "") for name in _DECIDING))


@functools.lru_cache(maxsize=4)
def _found(_: tuple[str, ...]) -> Git:
    path = shutil.which("git", path=os.pathsep.join(_absolute(os.environ.get("PATH", ""))))
    if path is None or not os.path.isabs(path):  # noqa: PTH117 - no file is meant
        raise GitError("git is not installed, or no absolute folder of PATH has it")
    with tempfile.TemporaryDirectory(prefix="osaudit-git-") as made:
        folder = Path(made)
        told = _run([path, "version"], folder, environment(folder, ()), Bounds(20)).decode(errors="replace")
        found = _VERSION.match(told)
        version = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
        if version < OLDEST:
            raise GitError(f"git is older than {OLDEST[0]}.{OLDEST[1]}, which cannot be kept from its user's settings")
        return Git(path, version, _network(path, folder))


def _absolute(named: str) -> list[str]:
    return [part for part in named.split(os.pathsep) if os.path.isabs(part)]  # noqa: PTH117 - no file is meant


def _network(path: str, folder: Path) -> tuple[tuple[str, str], ...]:
    """Read which addresses the user's own settings put in the place of others, and their proxies and certificates.

    Nothing else of them is taken over, and no address that holds a name or a password.
    """
    held = {name: value for name, value in os.environ.items() if _OF_SETTINGS.fullmatch(name)}
    env = {**held, **_UNTRACED, "GIT_DIR": str(folder / "none"), "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        told = _run([path, "config", "--includes", "--list", "-z"], folder, env, Bounds(20, output=1024 * 1024))
    except GitError as error:
        raise GitError("git cannot read its own settings: `git config --list` fails", error.told) from error
    found = []
    for entry in told.decode(errors="replace").split("\0"):
        key, _, value = entry.partition("\n")
        secret = key.lower().endswith(".insteadof") and _SECRET.search(key)
        if _OF_NETWORK.fullmatch(key) and not secret:
            found.append((key, value))
    return tuple(found)


def protocols() -> tuple[str, ...]:
    """The protocols that git may speak: https, or what `OSAUDIT_GIT_PROTOCOLS` names."""
    named = re.split(r"[:,\s]+", os.environ.get(PROTOCOLS_VARIABLE, "") or "https")
    return tuple(name for name in named if _PROTOCOL.fullmatch(name) and name not in {"ext", "fd"})


def environment(folder: Path, network: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The whole environment of a command: settings reach it by this alone, files of settings do not.

    HOME is the command's own folder, so that there is no `.netrc`; an agent's socket is not passed on.
    """
    passed = {name: value for name, value in os.environ.items() if _PASSED.fullmatch(name)}
    settings = [*network, *_FIXED.items(), *((f"protocol.{name}.allow", "always") for name in protocols())]
    numbered = {f"GIT_CONFIG_KEY_{at}": key for at, (key, _) in enumerate(settings)}
    numbered |= {f"GIT_CONFIG_VALUE_{at}": value for at, (_, value) in enumerate(settings)}
    return {
        **passed,
        "PATH": os.pathsep.join(_absolute(os.environ.get("PATH", ""))),
        "HOME": str(folder),
        "USERPROFILE": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": ":".join(protocols()),
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **numbered,
    }


def no_network(env: Mapping[str, str]) -> dict[str, str]:
    """The same environment with no protocol left: before 2.45 git knows nothing of `GIT_NO_LAZY_FETCH`."""
    return {**env, "GIT_ALLOW_PROTOCOL": "none"}


def _run(command: list[str], folder: Path, env: Mapping[str, str], bounds: Bounds, given: bytes = b"") -> bytes:
    ends = time.monotonic() + bounds.seconds
    with _Started(command, folder, env, given) as started:
        out = _Channel(started.process.stdout, bounds.output)
        while started.process.poll() is None and not out.full:
            _hold(started, folder, bounds, ends)
            time.sleep(_STEP)
        if out.full:
            raise GitError("git's answer is longer than what is read of one")
        out.thread.join(1)
        _hold(started, folder, bounds, ends)
        if started.process.returncode:
            raise failure(started.told())
        return out.content


def _listed(command: list[str], folder: Path, env: Mapping[str, str], bounds: Bounds) -> Iterator[bytes]:
    with _Started(command, folder, env, b"") as started:
        watch = threading.Timer(bounds.seconds, started.end)
        watch.daemon = True
        watch.start()
        try:
            yield from _between_nul(started.process.stdout, bounds.output)
        finally:
            watch.cancel()
        if started.process.wait():
            raise failure(started.told())


def _between_nul(stream: IO[bytes] | None, most: int) -> Iterator[bytes]:
    left, read = b"", 0
    while stream is not None and (piece := os.read(stream.fileno(), _PIECE)):
        read += len(piece)
        if read > most:
            raise GitError("the list of its files is longer than what is read of one")
        *whole, left = (left + piece).split(b"\0")
        yield from whole


def _hold(started: _Started, folder: Path, bounds: Bounds, ends: float) -> None:
    if time.monotonic() > ends:
        raise GitError(f"its host did not answer within {bounds.seconds:.0f} seconds", started.told())
    if size_of(folder) > bounds.disk:
        words = f"what its host sends is larger than {bounds.disk // 2**20} MB"
        raise GitError(words, started.told(), answered=True)


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder; a file that goes away meanwhile counts for nothing."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_size  # noqa: PTH118 - asked many times a second
            except OSError:
                continue
    return total


class _Started:
    """A started process, in a group of its own that ends with it."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str], given: bytes) -> None:
        try:
            self.process = subprocess.Popen(  # noqa: S603 - an absolute path, and arguments that were taken apart before
                command,
                cwd=folder,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise GitError("git could not be started", str(error)) from error
        self._words = _Channel(self.process.stderr, _MAX_TOLD, goes_on=True)
        self._given = threading.Thread(target=_write, args=(self.process.stdin, given), daemon=True)
        self._given.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self.process.wait()
        for thread in (self._words.thread, self._given):
            thread.join(1)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def end(self) -> None:
        """End the process and all that it started, where it has not ended: nothing else is in its group."""
        if self.process.poll() is not None:
            return
        try:
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        except OSError:
            return

    def told(self) -> str:
        """What it wrote to its error channel, bounded."""
        self._words.thread.join(0.5)
        return self._words.content.decode(errors="replace")


class _Channel:
    """What comes out of a process, read beside it up to a bound; beyond it, it is thrown away or left unread."""

    def __init__(self, pipe: IO[bytes] | None, most: int, *, goes_on: bool = False) -> None:
        self.full = False
        self._pieces: list[bytes] = []
        self._pipe, self._most, self._goes_on = pipe, most, goes_on
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    @property
    def content(self) -> bytes:
        """What came, within the bound."""
        return b"".join(self._pieces)[: self._most]

    def _read(self) -> None:
        kept = 0
        try:
            while self._pipe is not None and (piece := os.read(self._pipe.fileno(), _PIECE)):
                if kept <= self._most:
                    self._pieces.append(piece)
                    kept += len(piece)
                self.full = kept > self._most
                if self.full and not self._goes_on:
                    return
        except (OSError, ValueError):  # closed: its process was ended
            return


def _write(pipe: IO[bytes] | None, given: bytes) -> None:
    if pipe is None:
        return
    try:
        pipe.write(given)
        pipe.close()
    except OSError:
        return


_REASONS: tuple[tuple[re.Pattern[str], str, bool], ...] = (
    (
        regex(r"returned error: 30[1278]|redirect", re.IGNORECASE),
        "its host sends this address on to another one (it was moved or renamed), which is not followed",
        True,
    ),
    (
        regex(
            r"not found|returned error: 40[0134]|returned error: 410|could not read (?:Username|Password)|"
            r"terminal prompts disabled|Authentication failed|not exported|does not appear to be a git repository",
            re.IGNORECASE,
        ),
        "its host has no repository under this address that everybody may read: it is gone, private or misspelt",
        True,
    ),
    (
        regex(r"transport '\w+' not allowed|protocol '.{1,20}' is not supported", re.IGNORECASE),
        "your git's settings lead this address to a protocol that is not spoken here: only https is",
        False,
    ),
    (
        regex(r"no such remote ref|couldn't find remote ref|not our ref|unadvertised object", re.IGNORECASE),
        "its host does not give the revision that it names",
        True,
    ),
    (
        regex(r"fsck|corrupt|bad object|invalid|inflate|malformed", re.IGNORECASE),
        "what its host sends is damaged",
        False,
    ),
)


def failure(told: str) -> GitError:
    """A plain sentence for what git says of a failure: its own words and the server's are no reasons for a verdict."""
    unknown = ("its host could not be reached, or is no git", False)
    why, answered = next(((why, answered) for words, why, answered in _REASONS if words.search(told)), unknown)
    return GitError(why, told, answered=answered)

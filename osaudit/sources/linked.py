"""The code repositories that a model's card links, looked at and put into its evidence.

`auto` looks where it can change something: where what they hold decides an open cell, and wherever the label would
otherwise be Open Weights or better, since words there may lower it.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import field, replace
from typing import Literal, TypeAlias

from osaudit.codehost import HOSTS, CodeAddress
from osaudit.evidence import Evidence, LinkedRepository, Seen
from osaudit.frozen import dataclass
from osaudit.judge import judge
from osaudit.label import RUNGS
from osaudit.licences.table import load_table
from osaudit.packs import load_pack
from osaudit.reading.coderepo import LINKED_READERS, Sight, read_linked, unread
from osaudit.reading.making.linking import MAX_REPOSITORIES, Link, links_of
from osaudit.reading.making.recipes import files_to_read, is_telling
from osaudit.sources.git import Fetched, GitSource, Wanted
from osaudit.sources.gitcommand import GitError
from osaudit.verdict import Scorecard

Mode: TypeAlias = Literal["auto", "never", "always"]

MODES: tuple[Mode, ...] = ("auto", "never", "always")
MAX_SHARED = 64
WANTED = Wanted(files_to_read, is_telling, LINKED_READERS)
_BY_CODE = "OSD-2/data"
_log = logging.getLogger(__name__)


class SharedSights:
    """What one run fetched: a repository that many models link is fetched, or failed with, once for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Future[Fetched | GitError]] = OrderedDict()

    def get(self, source: GitSource, address: CodeAddress) -> Fetched:
        """Fetch a repository, or wait for who is fetching it; GitError where it cannot be had."""
        with self._lock:
            known = self._known.get(address.key)
            future = self._known.setdefault(address.key, Future())
            while len(self._known) > MAX_SHARED:
                self._known.popitem(last=False)
        if known is None:
            try:
                future.set_result(_fetched(source, address))
            except BaseException:
                future.set_result(GitError("looking at it was broken off"))
                raise
        found = future.result()
        if isinstance(found, GitError):
            raise GitError(found.why, found.told)
        return found


def _fetched(source: GitSource, address: CodeAddress) -> Fetched | GitError:
    try:
        return source.fetch(address, WANTED)
    except GitError as error:
        _log.info("%s: %s", address.repo, " ".join((error.told or error.why).split())[:300])
        return error
    except OSError as error:
        _log.info("%s: %s", address.repo, error)
        return GitError("no folder could be made to fetch it into")


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """Looks at linked code repositories. `hosts` are those that the user names beside the known ones."""

    git: GitSource
    mode: Mode = "auto"
    hosts: tuple[str, ...] = ()
    shared: SharedSights = field(default_factory=SharedSights)

    def add(self, evidence: Evidence) -> Evidence:
        """Put into a model's evidence what its card's links to code lead to; the same where none is to be looked at."""
        if self.mode == "never" or evidence.ref.kind != "model":
            return evidence
        links = links_of(evidence, (*HOSTS, *self.hosts))
        asked = [link for link in links if link.asked][:MAX_REPOSITORIES]
        if asked and self.mode == "auto":
            asked = self._deciding(evidence, asked)
        if not asked:
            return evidence
        with ThreadPoolExecutor(len(asked), thread_name_prefix="osaudit-linked") as pool:
            looked = dict(zip(map(_key, asked), pool.map(lambda link: self._look(link, evidence), asked), strict=True))
        return replace(evidence, linked=Seen(tuple(_told(links, looked))))

    def _deciding(self, evidence: Evidence, asked: list[Link]) -> list[Link]:
        """Those that can change something: all of them below an open label, else those that fill an open cell."""
        card = judge(evidence, load_pack(), load_table())
        if RUNGS.index(card.label.id) >= RUNGS.index("open-weights"):
            return asked
        return [link for link in asked if link.trains] if _asks_for_code(card) else []

    def _look(self, link: Link, evidence: Evidence) -> LinkedRepository:
        try:
            found = self.shared.get(self.git, link.address)
        except GitError as error:
            return unread(link, error.why)
        return read_linked(link, Sight(found.snapshot, found.links, found.submodules, found.listed), evidence)


def _asks_for_code(card: Scorecard) -> bool:
    """Whether a cell is open that training code, or what lies beside it, may fill."""
    open_cells = (verdict for verdict in card.verdicts if verdict.answer.outcome == "review")
    return any(one.facet == "training" or f"{one.criterion}/{one.facet}" == _BY_CODE for one in open_cells)


def _key(link: Link) -> str:
    return link.address.key


def _told(links: Iterable[Link], looked: dict[str, LinkedRepository]) -> Iterable[LinkedRepository]:
    """What was looked at, and the others with the reason why they were not."""
    for link in links:
        if link.address.key in looked:
            yield looked[link.address.key]
        elif link.role == "framework":
            yield unread(link, "it is a general tool, which tells nothing of how this model was made")
        elif link.role == "base":
            yield unread(link, "it is another model's code, from which this one was made or to which it is compared")
        else:
            yield unread(link, "it was not looked into: it decides nothing that is open, or too many are linked")

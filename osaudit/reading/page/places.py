"""Where a piece of a text stands: repository, commit, file, lines and a short quote."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from urllib.parse import quote as percent

from osaudit.codehost import shown_at
from osaudit.evidence import ModelRef, Where
from osaudit.frozen import dataclass
from osaudit.licences.quotes import between, clip
from osaudit.licences.quotes import collapse as collapse  # noqa: PLC0414 - a reader's word, and had from here

MAX_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Document:
    """A text of a repository at a commit. `starts` are the offsets at which its lines begin."""

    ref: ModelRef
    commit: str | None
    path: str
    text: str
    sha256: str | None
    starts: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """Number the line, from 1, on which an offset stands."""
        return bisect_right(self.starts, offset)

    def where(self, start: int, end: int, pointer: str | None = None) -> Where:
        """Point to a span: its lines and its words, bounded."""
        words = self.text[start:end]
        lead = len(words) - len(words.lstrip())
        quote = between(self.text, start + lead, start + len(words.rstrip()), MAX_QUOTE) if words.strip() else ""
        last = max(start + lead, start + len(words.rstrip()) - 1)
        return self.place((self.line_of(start + lead), self.line_of(last)), quote or None, pointer)

    def whole(self) -> Where:
        """Point to the file."""
        return self.place(None, None)

    def place(self, lines: tuple[int, int] | None, quote: str | None, pointer: str | None = None) -> Where:
        """Point to given lines of this file."""
        return Where(
            repo=self.ref.path,
            commit=self.commit,
            path=self.path,
            lines=lines,
            pointer=pointer,
            quote=quote,
            sha256=self.sha256,
            url=file_url(self.ref, self.commit, self.path, lines),
        )


def document(ref: ModelRef, commit: str | None, path: str, text: str, sha256: str | None) -> Document:
    """Index a text's lines; they end at line feeds, as the Hub and git count them."""
    return Document(ref, commit, path, text, sha256, _starts(text))


@lru_cache(maxsize=32)  # a text is made a document several times
def _starts(text: str) -> tuple[int, ...]:
    lengths = map((1).__add__, map(len, text.split("\n")[:-1]))
    return tuple(accumulate(lengths, initial=0))


def file_url(ref: ModelRef, commit: str | None, path: str, lines: tuple[int, int] | None = None) -> str | None:
    """Link to a file at its commit, on the Hub or on its host of git; a folder's files have no link."""
    if commit is None:
        return None
    if ref.kind == "code":
        return shown_at(ref.repo, commit, path, lines)
    address = _address(ref, commit, path)
    return f"{address}#L{lines[0]}-L{lines[1]}" if lines else address


@lru_cache(maxsize=64)  # a card is pointed into many times
def _address(ref: ModelRef, commit: str, path: str) -> str:
    return f"https://huggingface.co/{ref.path}/blob/{commit}/{percent(path)}"


def record_place(ref: ModelRef, commit: str | None, pointer: str, quote: str | None = None) -> Where:
    """Point into the record that the Hub's API gives of a repository."""
    path = f"api/{ref.kind}s/{ref.repo}"
    url = f"https://huggingface.co/{path}/revision/{commit}" if commit else None
    words = clip(collapse(quote[: MAX_QUOTE * 4]), MAX_QUOTE) if quote else None
    return Where(repo=ref.path, commit=commit, path=path, pointer=pointer, quote=words or None, url=url)

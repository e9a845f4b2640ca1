"""Word classes of a language, and what two of them close within one clause: deny beside trade, only beside study.

A language is a file of stems, so that a new one costs one file. Where trade, terms or firms stand beside a word of
denial, condition or price and neither rule holds, the sentence speaks of terms and is not understood; where a word of
permission stands there alone, it gives.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from osaudit.compiled import regex
from osaudit.frozen import dataclass

GAP_WORDS = 7
GAP_LETTERS = 18
GAP_SPACED = 48  # letters, in a script that puts spaces between words and binds small ones to them
MAX_WORD = 40
_ENGLISH = regex(r"(?<!\w)(?:the|of|and|is|to|for|with|this|that|are|was|in|be|you|it|on|by|as|or|not)(?!\w)")

MAX_ALONE = 3  # letters
MIN_FOREIGN = 4
"""Letters of another language, as many as tell that a sentence is in that one."""

_ALSO_ENGLISH = frozenset({"no", "non", "solo", "personal", "sans", "for", "kan", "fin"})


class ClassHit(NamedTuple):
    """What a sentence's word classes say: a flag of the clause table, or `unclear`; the rule, and where it begins."""

    flag: str
    rule: str
    start: int


@dataclass(frozen=True)
class Language:
    """One language's word classes; stems are folded, and a word counts where it begins with one.

    `foreign`: letters that a language of the same script has alone (hiragana, for Chinese), a range for a pattern.
    """

    code: str
    name: str
    deny: tuple[str, ...]
    only: tuple[str, ...]
    trade: tuple[str, ...]
    study: tuple[str, ...]
    plain: tuple[str, ...]
    open: tuple[str, ...]
    permit: tuple[str, ...]
    terms: tuple[str, ...]
    ask: tuple[str, ...]
    firms: tuple[str, ...]
    needless: tuple[str, ...] = ()
    glued: bool = False
    spaced: bool = False
    mark: tuple[str, ...] = ()
    foreign: str = ""
    closes: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    def prepare(self) -> None:
        """Compile the expressions of all classes, which are else compiled when a sentence first asks for them."""
        for made in (self._mark if self.mark else None, self._open, self._closing, self._asks, self._bound):
            del made

    @property
    def needles(self) -> frozenset[str]:
        """The stems one of which stands in every sentence that this language's classes can say something of."""
        return frozenset((*self.trade, *self.study, *self.plain, *self.terms, *self.firms))

    def turned(self, plain: str) -> str:
        """Blank what turns a folded sentence round, with the denial before it: it explains itself alone."""
        return self._open.sub(lambda found: " " * len(found.group()), plain)

    def reads(self, plain: str) -> bool:
        """Tell whether a folded sentence may be in this language."""
        return not (self.mark and not self._is_told_in_it(plain)) and not (self.foreign and self._is_another(plain))

    def read(self, plain: str, told: str) -> ClassHit | None:
        """Tell what a sentence of this language closes, or that it is not understood; None where its words give.

        `told` is the folded sentence with what its own language, or one akin, knows to turn it round left blank.
        """
        turned = told != plain
        for flag, name, pattern in self._closing:
            found = pattern.search(told)
            if found:
                return ClassHit("unclear" if turned else flag, f"{self.code}-{name}", found.start())
        asks = None if any(word in plain for word in self.needless) else self._asks.search(told)
        if asks is not None:
            return ClassHit("unclear", f"{self.code}-ask-terms", asks.start())
        bound = self._bound.search(told)
        return ClassHit("unclear", f"{self.code}-deny-terms", bound.start()) if bound else None

    def _is_told_in_it(self, plain: str) -> bool:
        english = sum(word not in self.mark for word in _ENGLISH.findall(plain))
        return len(self._mark.findall(plain)) > english or (not english and not plain.isascii())

    def _is_another(self, plain: str) -> bool:
        return len(regex(f"[{self.foreign}]").findall(plain)) >= MIN_FOREIGN

    @cached_property
    def _mark(self) -> re.Pattern[str]:
        words = sorted({*self.mark, *self.deny, *self.only} - _ALSO_ENGLISH)  # one expression, whatever the hashes
        return regex(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")

    @cached_property
    def _open(self) -> re.Pattern[str]:
        turns = "|".join(sorted(map(re.escape, self.open), key=len, reverse=True))
        return regex(rf"(?:{self._stems(self.deny)}\W{{0,3}})?(?:{turns})\w{{0,{MAX_WORD}}}")

    @cached_property
    def _closing(self) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
        trade = f"{self._stems(self.plain)}|{self._near(self.deny, self.trade)}"
        return (
            ("non_commercial", "deny-trade", regex(trade)),
            ("field_of_use_restriction", "only-study", regex(self._near(self.only, self.study))),
        )

    @cached_property
    def _asks(self) -> re.Pattern[str]:
        return regex(self._near(self.ask, (*self.terms, *self.trade)) + "|" + self._near(self.ask, self.firms))

    @cached_property
    def _bound(self) -> re.Pattern[str]:
        narrowed = self._near(self.only, (*self.trade, *self.permit))
        return regex(self._near((*self.deny, *self.only), (*self.terms, *self.firms)) + "|" + narrowed)

    def _stems(self, words: tuple[str, ...]) -> str:
        each = "|".join(map(self._stem, sorted(words, key=len, reverse=True)))
        return f"(?:{each})" if self.glued else rf"(?<!\w)(?:{each})\w{{0,{MAX_WORD}}}"

    def _stem(self, word: str) -> str:
        """Write one stem; a short word of denial or limit stands alone ("no" begins too many others)."""
        alone = len(word) <= MAX_ALONE and not self.glued and word in (*self.deny, *self.only)
        return re.escape(word) + (r"(?!\w)" if alone else "")

    def _near(self, left: tuple[str, ...], right: tuple[str, ...]) -> str:
        one, other = self._stems(left), self._stems(right)
        gap = (
            rf"[^。.;；!?\n]{{0,{GAP_SPACED if self.spaced else GAP_LETTERS}}}?"
            if self.glued
            else rf"(?:[^\w.;:!?\n]{{1,3}}[\w'’-]{{1,{MAX_WORD}}}){{0,{GAP_WORDS}}}?[^\w.;:!?\n]{{1,3}}"
        )
        return f"{one}{gap}{other}|{other}{gap}{one}"

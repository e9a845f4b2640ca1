"""Of which part of this repository a sentence says a licence, by a table of rules: the first that fits decides."""

from __future__ import annotations

from collections.abc import Callable

from osaudit.compiled import regex
from osaudit.evidence import Component
from osaudit.frozen import dataclass
from osaudit.reading.page.subjects import Own, Passage, calls_own, component_of, foreign_in, lists_another

MAX_FRAGMENT = 8  # words: a licence's name with its article and year

_IS = regex(r"(?i)\b(?:is|are|est|sont)(?: now| also| both)?(?: the| an?)?\s*$|[是为]\s*$")
_LINK = regex(
    r"(?i)\b(?:licen[sc]ed?|licensing)\b"
    r"|\b(?:is|are|was|were|been|be|all|now|also|code|weights|models?|it|publicly|freely|openly|available|released?|"
    r"releasing|"
    r"distributed|published|provided|shared|offered|open-?sourced|governed|covered|use|used|falls?|made available|"
    r"subject|comes?|"
    r"goes|open access|available to all,?) (?:under|by|with|to|according|in accordance|as|using)\b"
    r"|\bunder (?:the|a|an|this)\b|\b(?:follows?|adopts?|adheres?|compl(?:y|ies)|implies|inherits?|accept\w*|agree)\b|"
    r"^\W*[\w .()-]{1,40}[:：]\s*$"
    r"|依照|遵循|采用|基于|遵守|按照|使用|以|采取|sous|unter der|bajo|sob"
)
_NEGATED = regex(
    r"(?i)\b(?:not|no longer|isn't|aren't|never|cannot|neither|nor|without)\b[^,;]{0,30}$"
    r"|\b(?:originally|previously|formerly|unlike|instead of|rather than|compatible with|unless|similar to|"
    r"as opposed to|until|"
    r"before|prior to|used under|used with permission under|adapted from|copied from|borrowed|portions? of|parts? of|"
    r"some of|"
    r"if you (?:want|need|use|prefer)|in case|such as|e\.g\.|permissively|copyleft|contributions?|licen[cs]e is an?)\b"
    r"|(?:もと|元)のライセンス\W{0,3}$"
)
_RELATIVE = regex(r"(?i)\b(?:(?:which|that|whose|who) (?:is|are|was|were|has|have|had)|which|whose)\b[^,]*$")
_CLAUSE = regex(
    r"(?i)[;；]|,? (?:while|whereas|but|although)\b|"
    r"[,，。] ?(?:而|模型|权重|数据|(?:the|model|weights|use|usage|our|les?|la|ceux)(?=\W))"
    r"|，(?=[^，。]{0,24}(?:模型|权重|数据|代码))"
)
_SUBJECTLESS = regex(
    r"(?i)^\W{0,4}(?:\d[.)]\s*)?(?:(?:the |its |our )?licen[cs]e is|(?:re)?released|licensed|licenced|distributed|"
    r"available|published|provided|made available|under|"
    r"copyright|\(c\)|©|open[- ]sourced)\b"
)
_IT = regex(r"(?i)^\W{0,4}(?:it|they|these|this) (?:is|are|was|were|has been|comes?|can)\b")
OTHERS = regex(
    r"(?i)\b(?:base|original|underlying|upstream|parent|teacher|source(?! code)|third[- ]party|foundation|input|"
    r"following|other|training) "
    r"(?:\w+ )?(?:models?|weights?|data ?sets?|data|images|corpus|code|components?|librar(?:y|ies)|software|work)\b"
    r"|\boutputs?\b|\bgenerated (?:images?|content|text)|生成物"
)
"""Words that say a licence of something else than this repository."""

_ANNOUNCED = regex(r"(?i)\b(?:new|updated|changed|separate) (?:\w+ )?licen[cs]e (?:for|applies|covers)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A licence's name in a sentence: where it begins, its words, and the clause before it."""

    passage: Passage
    own: Own
    start: int
    name: str
    clause: str

    @property
    def before(self) -> str:
        """The sentence up to the name."""
        return self.passage.text[: self.start]

    @property
    def after(self) -> str:
        """The sentence behind the name."""
        return self.passage.text[self.start + len(self.name) :]

    @property
    def licensing(self) -> bool:
        """Whether the sentence stands under a heading on licences."""
        return self.passage.topic == "licence"

    @property
    def part(self) -> Component:
        """The part by the clause's nearest words, or by what follows the name."""
        return _part(self.after, self.clause, self.own)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its name, when it fits, and the part of which the licence is then said; None for none of this one's."""

    name: str
    fits: Callable[[Said], object]
    part: Callable[[Said], Component | None]


def said_of(passage: Passage, own: Own, start: int, name: str) -> Component | None:
    """Tell of which part of this repository the sentence says the licence; None where it speaks of something else."""
    before = passage.text[:start]
    breaks = [found.start() for found in _CLAUSE.finditer(before)]
    clause = before[breaks[-1] :] if breaks and component_of(before[breaks[-1] :], own) != "any" else before
    said = Said(passage, own, start, name, clause)
    return next(rule for rule in RULES if rule.fits(said)).part(said)


def _nothing(_: Said) -> Component | None:
    return None


def _part_said(said: Said) -> Component | None:
    return said.part


RULES: tuple[Rule, ...] = (
    Rule("lists-another", lambda said: lists_another(said.passage.text, said.own), _nothing),
    Rule("denied-or-compared", lambda said: _NEGATED.search(said.before[-160:]), _nothing),
    Rule("of-others-things", lambda said: OTHERS.search(said.clause), _nothing),
    Rule("of-a-model-mentioned", lambda said: _is_relative(said.clause, said.own), _nothing),
    Rule("announced", lambda said: _ANNOUNCED.search(said.before), _part_said),
    Rule("named-in-passing", lambda said: not _is_tied(said), _nothing),
    Rule(
        "of-another-subject",
        lambda said: not (said.licensing or _is_own(said.passage, said.own, said.clause)),
        _nothing,
    ),
    Rule("of-others-data", lambda said: _of_others_data(said.clause, said.own), _nothing),
    Rule("weights-of-a-data-set", lambda said: said.own.kind == "dataset" and said.part == "weights", _nothing),
    Rule("said-of-a-part", bool, _part_said),
)


def _is_tied(said: Said) -> bool:
    """Whether the words tie the name to their subject: "is under", a few words under a heading on licences."""
    words = said.passage.text.split()
    if said.licensing and (len(words) <= MAX_FRAGMENT or not said.before.strip() or _IS.search(said.before)):
        return True
    weights = regex(r"(?i)\b(?:weights|checkpoints?)\b").search(said.clause)
    return bool(_LINK.search(said.before[-120:]) or (weights and _IS.search(said.before)))


def _is_own(passage: Passage, own: Own, clause: str) -> bool:
    if _IT.match(passage.text) and not calls_own(clause[3:], own):
        return calls_own(passage.lead[:120], own)
    return calls_own(clause, own) or bool(_SUBJECTLESS.match(passage.text))


def _is_relative(clause: str, own: Own) -> bool:
    """Tell whether the licence is said of a model that the sentence only mentions."""
    foreign = foreign_in(clause, own)
    if foreign is None:
        return bool(_RELATIVE.search(clause[-60:])) and not calls_own(clause[-60:], own)
    after = clause[foreign.end :]
    return not (
        calls_own(clause[: foreign.start], own) and regex(r"(?i)(?:,| and) (?:it )?(?:is|are)\b").search(after)
    ) or bool(_RELATIVE.search(after))


def _of_others_data(clause: str, own: Own) -> bool:
    """Tell whether the clause is about a data set that is not this repository's own."""
    if own.kind == "dataset" or component_of(clause, own) != "data":
        return False
    return regex(r"(?i)\b(?:this|these|our|the) (?:\w+ )?(?:data ?sets?|data|corpus)\b|本数据").search(clause) is None


def _part(after: str, clause: str, own: Own) -> Component:
    """Tell the part by the clause's nearest words, or by what follows the licence's name."""
    part = component_of(clause, own)
    names_it = regex(r"(?i)\W{0,4}(?:licen[sc]e)?\W{0,3}(?:for|applies to|covers) (?:the |our )?(.{0,40})")
    following = names_it.match(after)
    if part == "any" and following and not clause.strip():
        part = component_of(following.group(1), own)
    return "data" if own.kind == "dataset" and part == "any" else part

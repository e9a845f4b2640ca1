"""The policy: `[gate]` of osaudit.toml, `[tool.osaudit.gate]` of pyproject.toml, another file, or a ready-made one.

Strict: a key, value, criterion, licence, use, kind or level that there is not is a UsageError with the line and the
nearest name, for what is misspelt would pass what it was written to stop.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, fields, replace
from fnmatch import fnmatchcase
from typing import Any, cast

from osaudit.adopter import Adopter, adopter_from
from osaudit.errors import UsageError, meant
from osaudit.frozen import dataclass
from osaudit.gate.cells import cell_of
from osaudit.gate.conditions import (
    ALL_KINDS,
    ATTESTING,
    SETTINGS,
    Attesting,
    CellAsked,
    Conditions,
    demanded,
    in_words,
)
from osaudit.gate.findings import PolicyTold
from osaudit.gate.kinds import CONFLICTS, RISKS
from osaudit.gate.selectors import require_selector
from osaudit.licences.grants import load_vocabulary
from osaudit.packs import Pack, load_packs
from osaudit.proberun import LEVELS
from osaudit.resources import data_path
from osaudit.tomlfile import TomlFile, parse_toml
from osaudit.verdict import BASES, LADDER

READY = ("osi-strict", "commercial-use", "research")
"""The ready-made policies, in `criteria/policies/`."""

BASIS_IDS = {basis.replace(" ", "-"): basis for basis in BASES if basis != "attested"}
_DAYS = re.compile(r"(\d{1,5})\s*(?:d|days?)?")
_GLOBAL = ("extends", "adopter", "packs", "attested", "attested-any-commit", "overrides")
_OVERRIDE = ("models", "reason")


@dataclass(frozen=True, slots=True)
class Override:
    """Other conditions for the models that one of the globs names, and why."""

    models: tuple[str, ...]
    reason: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read. `given` are the conditions by the field of `Conditions` that they set.

    `attested`: whose attestations count, those in a file that a known person signed (the default), any, or none;
    `any_commit`: whether such an answer may be for whatever commit.
    """

    source: str
    given: Mapping[str, Any] = field(default_factory=dict)
    adopter: Adopter | None = None
    packs: tuple[str, ...] = ()
    attested: Attesting = "signed"
    any_commit: bool = False
    overrides: tuple[Override, ...] = ()

    def of(self, model: str) -> Conditions:
        """The conditions for one model: the later of two overrides outranks the earlier."""
        given = dict(self.given)
        for override in self.overrides:
            if any(fnmatchcase(model.casefold(), glob.casefold()) for glob in override.models):
                given |= override.given
        return Conditions(**given)

    @property
    def conditions(self) -> Conditions:
        """The conditions for a model that no override names."""
        return Conditions(**self.given)

    @property
    def demands(self) -> bool:
        """Whether any model is held to anything."""
        return self.conditions.demands

    @property
    def sha256(self) -> str:
        """The hash of what the policy asks, whatever file it stands in and however it is written."""
        told = {
            "given": _plain(self.given),
            "adopter": _plain({one.name: getattr(self.adopter, one.name) for one in fields(Adopter)})
            if self.adopter
            else None,
            "packs": list(self.packs),
            "attested": [self.attested, self.any_commit],
            "overrides": [[list(one.models), one.reason, _plain(one.given)] for one in self.overrides],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def told(self) -> PolicyTold:
        """The policy as reports name it."""
        rows = [*in_words(self.conditions, self.adopter)]
        rows.append(("attested", _ATTESTED_WORDS[self.attested] + (", for whatever commit" * self.any_commit)))
        for override in self.overrides:
            said = "; ".join(words for _, words in demanded(self.of_override(override))) or "nothing is asked"
            rows.append(("overrides", f"for {', '.join(override.models)} ({override.reason}): {said}"))
        return PolicyTold(self.source, self.sha256, tuple(rows))

    def of_override(self, override: Override) -> Conditions:
        """The conditions that an override leaves."""
        return Conditions(**{**self.given, **override.given})


_ATTESTED_WORDS = {
    "signed": "persons' answers count where a known person signed them",
    "any": "persons' answers count, signed or not",
    "none": "persons' answers do not count",
}


def ready_made(name: str) -> Policy:
    """Read one of the ready-made policies."""
    data = data_path("criteria", "policies", f"{name}.toml").read_bytes()
    return replace(parse_policy(data, f"{name}.toml"), source=name)


def parse_policy(data: bytes, name: str, *, project: bool = False) -> Policy:
    """Read the `[gate]` table of a TOML file, or the `[tool.osaudit.gate]` of a pyproject.toml."""
    file, whole = parse_toml(data, name)
    prefix = ("tool", "osaudit", "gate") if project else ("gate",)
    table: Any = whole
    for key in prefix:
        table = table.get(key) if isinstance(table, Mapping) else None
    if not isinstance(table, Mapping):
        raise UsageError(f"{name} holds no policy: write its keys under [{'.'.join(prefix)}]")
    return policy_of(table, replace(file, prefix=prefix))


def policy_of(table: Mapping[str, Any], file: TomlFile) -> Policy:
    """Read a policy's table; `file` is the text that it stands in, its prefix the keys that lead to the table."""
    file.hold(table, (*CONDITION_KEYS, *_GLOBAL), ())
    base = _extended(table, file)
    packs = _packs(table, file, base)
    asked = load_packs(packs)
    reader = _Reader(file, (asked[0], *asked[1]))
    adopter = table.get("adopter")
    return Policy(
        source=file.name,
        given={**base.given, **reader.conditions(table, ())},
        adopter=_adopter(adopter, file) if adopter is not None else base.adopter,
        packs=packs,
        attested=_attesting(table, file, base),
        any_commit=_truth(table, "attested-any-commit", file, default=base.any_commit),
        overrides=(*base.overrides, *_overrides(table, file, reader)),
    )


def _extended(table: Mapping[str, Any], file: TomlFile) -> Policy:
    name = table.get("extends")
    if name is None:
        return Policy(file.name)
    if name not in READY:
        file.refuse(("extends",), f"no ready-made policy is called {name!r:.60}{_one_of(name, READY)}")
    return ready_made(str(name))


def _packs(table: Mapping[str, Any], file: TomlFile, base: Policy) -> tuple[str, ...]:
    names = _texts(table.get("packs", list(base.packs)), ("packs",), file)
    try:
        load_packs(names)
    except UsageError as error:
        file.refuse(("packs",), str(error))
    return names


def _adopter(value: object, file: TomlFile) -> Adopter:
    """Who adopts: a table of its facts. A file of its own is named by `--as`."""
    if not isinstance(value, Mapping):
        file.refuse(("adopter",), "the adopter is a table: write [gate.adopter] with keys such as territory")
    try:
        return adopter_from({key.replace("-", "_"): one for key, one in value.items()}, file.name)
    except UsageError as error:
        file.refuse(("adopter",), str(error).removeprefix(f"{file.name}: "))


def _attesting(table: Mapping[str, Any], file: TomlFile, base: Policy) -> Attesting:
    value = table.get("attested", base.attested)
    if value not in ATTESTING:
        file.refuse(("attested",), f"'attested' takes one of {', '.join(ATTESTING)}{_one_of(value, ATTESTING)}")
    return cast("Attesting", value)


def _truth(table: Mapping[str, Any], key: str, file: TomlFile, *, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        file.refuse((key,), f"{key!r} takes true or false, and {str(value)[:60]!r} is given")
    return value


def _overrides(table: Mapping[str, Any], file: TomlFile, reader: _Reader) -> Iterable[Override]:
    rows = table.get("overrides", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        file.refuse(("overrides",), "overrides are tables: write [[gate.overrides]] with models, reason, conditions")
    for row in rows:
        file.hold(row, (*_OVERRIDE, *CONDITION_KEYS), ("overrides",))
        models = _texts(row.get("models", []), ("overrides", "models"), file)
        reason = row.get("reason")
        if not models:
            file.refuse(("overrides",), 'an override names its models: write models = "org/*"')
        if not isinstance(reason, str) or not reason.strip():
            file.refuse(("overrides",), 'an override says why: write reason = "..."')
        given = reader.conditions({key: value for key, value in row.items() if key not in _OVERRIDE}, ("overrides",))
        if not given:
            file.refuse(("overrides",), "an override changes a condition: write one, such as min-label")
        yield Override(models, reason.strip(), given)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads conditions: `packs` are those whose criteria may be named."""

    file: TomlFile
    packs: Sequence[Pack]

    def conditions(self, table: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
        """The conditions that a table gives, by the fields of `Conditions`."""
        given: dict[str, Any] = {}
        for key, value in table.items():
            read = CONDITION_KEYS.get(key)
            if read is not None:
                given[key.replace("-", "_")] = read(self, value, (*at, key))
        return given

    def label(self, value: object, at: tuple[str, ...]) -> str:
        return self._choice(value, tuple(LADDER), at)

    def basis(self, value: object, at: tuple[str, ...]) -> str:
        word = value.replace(" ", "-") if isinstance(value, str) else value
        return BASIS_IDS[self._choice(word, tuple(BASIS_IDS), at)]

    def percent(self, value: object, at: tuple[str, ...]) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:  # noqa: PLR2004 - percent
            self.file.refuse(at, f"{at[-1]!r} takes a number from 0 to 100, and {str(value)[:60]!r} is given")
        return float(value)

    def cells(self, value: object, at: tuple[str, ...]) -> tuple[CellAsked, ...]:
        return tuple(self._told(at, cell_of, name, self.packs) for name in _texts(value, at, self.file))

    def licences(self, value: object, at: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._told(at, require_selector, name) for name in _texts(value, at, self.file))

    def uses(self, value: object, at: tuple[str, ...]) -> tuple[str, ...]:
        known = tuple(load_vocabulary().uses)
        return tuple(self._choice(name, known, at) for name in _texts(value, at, self.file))

    def conflicts(self, value: object, at: tuple[str, ...]) -> tuple[str, ...]:
        return self._kinds(value, CONFLICTS, at)

    def risks(self, value: object, at: tuple[str, ...]) -> tuple[str, ...]:
        return self._kinds(value, RISKS, at)

    def setting(self, value: object, at: tuple[str, ...]) -> str:
        return self._choice(value, SETTINGS, at)

    def fail_or_warn(self, value: object, at: tuple[str, ...]) -> str:
        return self._choice(value, SETTINGS[:2], at)

    def level(self, value: object, at: tuple[str, ...]) -> str:
        return self._choice(value, LEVELS, at)

    def days(self, value: object, at: tuple[str, ...]) -> int:
        found = _DAYS.fullmatch(str(value)) if not isinstance(value, bool) else None
        if found is None:
            self.file.refuse(at, f'{at[-1]!r} takes days, such as "90d", and {str(value)[:60]!r} is given')
        return int(found.group(1))

    def _kinds(self, value: object, known: Sequence[str], at: tuple[str, ...]) -> tuple[str, ...]:
        if isinstance(value, str) and value in {"warn", "ignore"}:
            return ()
        listed = [ALL_KINDS] if value == "fail" else value
        return tuple(self._choice(name, (ALL_KINDS, *known), at) for name in _texts(listed, at, self.file))

    def _choice(self, value: object, known: Sequence[str], at: tuple[str, ...]) -> str:
        if value not in known:
            self.file.refuse(at, f"{at[-1]!r} takes no {str(value)[:60]!r}{_one_of(value, known)}")
        return str(value)

    def _told(self, at: tuple[str, ...], read: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - what it reads
        try:
            return read(*args)
        except UsageError as error:
            self.file.refuse(at, f"{at[-1]!r}: {error}")


CONDITION_KEYS: Mapping[str, Callable[[_Reader, object, tuple[str, ...]], Any]] = {
    "min-label": _Reader.label,
    "min-basis": _Reader.basis,
    "fail-under": _Reader.percent,
    "fail-on": _Reader.cells,
    "allow": _Reader.licences,
    "deny": _Reader.licences,
    "uses": _Reader.uses,
    "conflicts": _Reader.conflicts,
    "risks": _Reader.risks,
    "pickle-only": _Reader.setting,
    "remote-code": _Reader.setting,
    "gated": _Reader.setting,
    "unpinned": _Reader.setting,
    "unresolved": _Reader.setting,
    "probe": _Reader.level,
    "max-age": _Reader.days,
    "unknown": _Reader.fail_or_warn,
}
"""The keys that set a condition, each with what reads its value."""

KEYS = (*CONDITION_KEYS, *_GLOBAL)
"""Every key of the `[gate]` table."""


def _texts(value: object, at: tuple[str, ...], file: TomlFile) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
        file.refuse(at, f"{at[-1]!r} takes a list of texts")
    return tuple(one.strip() for one in listed)


def _one_of(value: object, known: Iterable[str]) -> str:
    names = tuple(known)
    return meant(str(value), names) or f": it is one of {', '.join(names)}"


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: [str(one) for one in value] if isinstance(value, tuple) else value for key, value in given.items()}

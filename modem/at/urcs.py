"""Unsolicited result codes, as data (3GPP TS 27.005 § 3.4, 27.007, vendors' manuals; docs/reference/modem-facts.md,
"Dialogue"). Those of a single maker (`modem.driver.models.quirks`) are prepended: the first entry of a name wins.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

# The read command answers <n>,<stat>; the URC has <stat> alone, or a location of three hex digits or more.
_REGISTRATION = re.compile(r'\+C(?:|G|E|5G)REG\s*:\s*"?\d{1,2}"?(?:\s*,\s*(?:"|[0-9A-F]{3}).*)?', re.IGNORECASE)
LINES: dict[str, Any] = tomllib.loads(files(__package__).joinpath("lines.toml").read_text(encoding="utf-8"))
_SIGNS = frozenset("+^*#$%!&_")
_NAMED = re.compile(r"([+^*#$%!&_][A-Z0-9]{2,}):")


@dataclass(frozen=True, slots=True)
class UrcRule:
    """The form of one URC: `name` is the whole line, or its beginning up to the colon or the first blank.

    lines     2 where a PDU follows on a line of its own
    quoted    a text in quotes may go over several lines
    only_urc  tells it from an answer with the same name (`+CREG: 1,"00C3"` from `+CREG: 2,1`)
    restart   the modem has booted, or goes down
    """

    name: str
    lines: int = 1
    only_urc: re.Pattern[str] | None = None
    restart: bool = False
    quoted: bool = False

    def goes_on(self, line: str) -> bool:
        """True when this first line may not be all of it."""
        return self.lines > 1 or (self.quoted and line.count('"') % 2 == 1)


URCS: tuple[UrcRule, ...] = (
    UrcRule("+CDS", lines=2),
    UrcRule("+CMT", lines=2),
    UrcRule("+CBM", lines=2),
    *(UrcRule(name, only_urc=_REGISTRATION) for name in ("+CREG", "+CGREG", "+CEREG", "+C5GREG")),
    UrcRule("+CMTI"),
    UrcRule("+CDSI"),
    UrcRule("+CUSD", quoted=True),
    *(UrcRule(name, restart=True) for name in LINES["lines"]["restart"]),
    *(UrcRule(name) for name in (*" ".join(LINES["names"].values()).split(), *LINES["lines"]["said"])),
)


def head(line: str) -> str:
    """The beginning of a line up to the colon, in capitals: the name of an answer's line or of a URC."""
    return line.partition(":")[0].strip().upper()


def unlisted(line: str) -> UrcRule | None:
    """The rule of a URC that no table names, for a line that no command in flight can have wanted."""
    named = _NAMED.match(line)
    return UrcRule(named[1]) if named else None


class UrcTable:
    """Finds the rule of a line; never changed once made."""

    def __init__(self, rules: Iterable[UrcRule]) -> None:
        self._rules: dict[str, UrcRule] = {}
        for rule in rules:
            self._rules.setdefault(rule.name.upper(), rule)
        self._initials = frozenset(name[0] for name in self._rules) | {'"'}

    def rule(self, line: str) -> UrcRule | None:
        """The rule of a whole line, or None when it is no URC. Capitals, quotes and blanks around do not matter."""
        if rule := self._rules.get(line.partition(":")[0]):
            return rule
        if line[:1].upper() not in self._initials:
            return None
        whole = line.strip('"').upper()
        name = whole.partition(":")[0].rstrip()
        rule = self._rules.get(name) or self._rules.get(whole)
        if rule or not name or name[0] not in _SIGNS or " " not in name:
            return rule
        return self._rules.get(name.partition(" ")[0])

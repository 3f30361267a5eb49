"""The kinds of lines: a URC, an echo, a final result, or a line of an answer, all anchored on whole lines."""

import re
from collections.abc import Iterable, Iterator
from typing import Final as Constant

from modem.at.commands import Commands, Final, parse_final
from modem.at.events import Urc
from modem.at.urcs import UrcRule, UrcTable, unlisted

_HEX: Constant = re.compile(r"[0-9A-Fa-f]+")
_MOST_LINES: Constant = 12


class Boot:
    """The modem reported that it starts, or that it stops."""


class Gathering:
    """A URC of several lines, others between them: with a PDU (`+CMT:`, `+CDS:`, `+CBM:`; 27.005 § 3.4), `+CUSD:`."""

    def __init__(self, rule: UrcRule, line: str) -> None:
        self._rule, self._lines = rule, [line]

    def takes(self, line: str) -> bool:
        is_part = self._rule.quoted or _HEX.fullmatch(line) is not None
        if is_part:
            self._lines.append(line)
        return is_part

    @property
    def is_whole(self) -> bool:
        if self._rule.quoted:
            return "".join(self._lines).count('"') % 2 == 0 or len(self._lines) > _MOST_LINES
        return len(self._lines) == self._rule.lines

    @property
    def urc(self) -> Urc:
        return Urc(self._rule.name, tuple(self._lines))


class Sorter:
    """Sorts the lines of one dialogue; the lines of answers are kept in `commands`."""

    def __init__(self, urcs: Iterable[UrcRule], commands: Commands) -> None:
        self._urcs = UrcTable(urcs)
        self._commands = commands
        self._gathering: Gathering | None = None

    def sort(self, line: str) -> Iterator[Urc | Final | Boot]:
        """The event of the next line, unless the line is to be kept."""
        text = line.strip().lstrip("> ")  # without a stale prompt
        final = parse_final(text, self._commands.text)
        rule = None if final else self._rule(text)
        if gathering := self._gathering:
            if rule is None and not self._commands.is_echo(text) and gathering.takes(text):
                if gathering.is_whole:
                    yield self._gathered(gathering)
                return
            if rule is None or rule.goes_on(text):
                yield self._gathered(gathering)
        if rule and rule.goes_on(text):
            self._gathering = Gathering(rule, text)
        elif rule:
            yield Urc(rule.name, (text,))
            if rule.restart:
                yield Boot()
        elif final:
            yield final
        elif self._commands.is_echo(text):
            self._commands.echoed(text)
        else:
            self._commands.keep(text)

    def _gathered(self, gathering: Gathering) -> Urc:
        self._gathering = None
        return gathering.urc

    def _rule(self, text: str) -> UrcRule | None:
        """The rule of the URC that this line is, when it is no final result."""
        rule = self._urcs.rule(text)
        if rule is None:
            rule = unlisted(text)
            return None if rule is None or self._commands.may_have_asked(rule.name) else rule
        if self._commands.owns(text):
            return rule if rule.only_urc and rule.only_urc.fullmatch(text) else None
        return rule

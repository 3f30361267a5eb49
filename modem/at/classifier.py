"""The kinds of lines: a URC, an echo, a final result, or a line of an answer, all anchored on whole lines. The
halves of a line with a URC in its middle are joined again.
"""

from collections.abc import Iterable, Iterator

from modem.at.commands import Commands, Final, parse_final
from modem.at.events import Urc
from modem.at.framing import Line
from modem.at.split_lines import Gathering, Mending
from modem.at.urcs import UrcRule, UrcTable, unlisted


class Boot:
    """The modem reported that it starts, or that it stops."""


def _bare(raw: str) -> str:
    """A line without outer blanks and without a stale prompt in front."""
    return raw.strip().lstrip("> ")


class Sorter:
    """Sorts the lines of one dialogue; the lines of answers are kept in `commands`."""

    def __init__(self, urcs: Iterable[UrcRule], commands: Commands) -> None:
        self._urcs = UrcTable(urcs)
        self._commands = commands
        self._mending = Mending()
        self._gathering = Gathering()
        # A registration URC while the registration is read, or the first half of the answer.
        self._half: Urc | None = None

    def prompt(self) -> None:
        """A prompt came: the line before it was whole."""
        self._mending.forget()

    def sort(self, line: Line) -> Iterator[Urc | Final | Boot]:
        """The event of the next line, unless the line is to be kept."""
        text = _bare(line.raw)
        final = parse_final(text, self._commands.text)
        rule = None if final else self._rule(text)
        if self._gathering.open:
            if rule is None and not self._commands.is_echo(text) and self._gathering.takes(line):
                if self._gathering.whole:
                    yield self._gathering.end()
                return
            if rule is None or rule.goes_on(text) or not self._gathering.outlives(line.lead):
                yield self._gathering.end()
        if rule:
            yield from self._urc(rule, line, text)
        else:
            yield from self._other(line, text, final)

    def _rule(self, text: str) -> UrcRule | None:
        """The rule of the URC that this line is, when it is no final result."""
        rule = self._urcs.rule(text)
        if rule is None:
            rule = unlisted(text)
            return None if rule is None or self._commands.may_have_asked(rule.name) else rule
        if self._commands.owns(text):
            return rule if rule.only_urc and rule.only_urc.fullmatch(text) else None
        if rule.lines > 1 and ":" not in text:
            return None  # a piece of one, or of one whose name is longer
        return rule

    def _urc(self, rule: UrcRule, line: Line, text: str) -> Iterator[Urc | Boot]:
        if rule.only_urc and self._commands.owns(text) and not self._mending.is_cut_by(line.lead):
            yield from self._tell_half()
            self._half = Urc(rule.name, (text,))
            self._mending.follow(line.raw, "half")
            return
        if not self._mending.urc(line.lead):
            yield from self._tell_half()
            self._mending.forget()
        yield from self._whole_urc(rule, line.raw, text)

    def _whole_urc(self, rule: UrcRule, raw: str, text: str) -> Iterator[Urc | Boot]:
        if rule.goes_on(text):
            self._gathering.begin(rule, raw)
            if self._gathering.whole:
                yield self._gathering.end()
            return
        yield Urc(rule.name, (text,))
        if rule.restart:
            self._mending.forget()
            yield Boot()

    def _tell_half(self) -> Iterator[Urc]:
        half, self._half = self._half, None
        if half:
            yield half

    def _other(self, line: Line, text: str, final: Final | None) -> Iterator[Urc | Final | Boot]:
        """A line that is no URC, or the second half of any line that a URC cut in two."""
        raw = line.raw
        joined = self._mending.joined(line) if final is None else None
        if joined is not None and self._belongs(joined):
            if self._mending.piece == "final":  # the end of an error code; the rest of it was an event already
                self._mending.forget()
                return
            self._mending.take_back()
            self._half = None
            raw, text = joined, _bare(joined)
            final = parse_final(text, self._commands.text)
            if final is None and (rule := self._rule(text)):
                yield from self._whole_urc(rule, raw, text)
                return
        yield from self._tell_half()
        self._mending.forget()
        if self._commands.is_echo(text):
            self._mending.follow(raw, "echo")
        elif final:
            if final.code is not None:
                self._mending.follow(raw, "final")
            yield final
        else:
            self._mending.follow(raw, "answer", self._commands.keep(text))

    def _belongs(self, joined: str) -> bool:
        text = _bare(joined)
        match self._mending.piece:
            case "echo":
                return self._commands.is_echo(text)
            case "final":
                return text[-1:].isdigit() and parse_final(text, self._commands.text) is not None
            case _:
                return True

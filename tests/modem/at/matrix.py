"""URC × gap between lines × echo × dialect × dialogue: every case there is, each as one run of the engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modem.at.commands import Final
from modem.at.events import Event, Prompt, Response, Urc
from modem.at.urcs import URCS
from tests.modem.at.dialogue import COMMAND, PDU, Dialogue
from tests.modem.at.urc_samples import SAMPLES

HARMLESS = tuple(rule.name for rule in URCS if not rule.restart)


@dataclass(frozen=True)
class Dialect:
    """How one kind of modem writes: what stands around a line, between two lines of an answer, and the prompt."""

    name: str
    start: bytes = b"\r\n"
    end: bytes = b"\r\n"
    between: bytes = b"\r\n\r\n"
    prompt: bytes = b"\r\n> "
    urc_start: bytes = b"\r\n"
    urc_end: bytes = b"\r\n"
    # Blank or not between the name and the value.
    colon: str = ": "

    def answer(self, *lines: str) -> bytes:
        text = self.between.join(line.replace(": ", self.colon).encode() for line in lines)
        return self.start + text + self.end

    def urc(self, lines: tuple[str, ...]) -> bytes:
        return self.urc_start + b"\r\n".join(line.encode() for line in lines) + self.urc_end


DIALECTS = (
    Dialect("quectel"),
    Dialect("huawei", colon=":"),
    Dialect("simcom", prompt=b"\r\n>"),
    Dialect("zte", start=b"\r\r\n", end=b"\r\r\n", between=b"\r\r\n\r\r\n", urc_start=b"\r\r\n", urc_end=b"\r\r\n"),
    Dialect("zte urcs", urc_end=b"\r\r\n"),
    Dialect("telit", between=b"\r\n", prompt=b"\r\n> "),
    Dialect("bare prompt", prompt=b"> "),
    Dialect("bare sign", prompt=b">", between=b"\r\n"),
    Dialect("sierra", end=b"\r\r\n", between=b"\r\r\n\r\n", prompt=b"\r\n> "),
)

_OK = Final("OK", text="OK")
_REFUSAL = "+CMS ERROR: 38"


@dataclass(frozen=True)
class Talk:
    """One dialogue in words: what is asked, what is answered. `code` is the error code in it, when it is refused."""

    name: str
    command: str
    lines: tuple[str, ...]
    prompted: bool = False
    code: str = ""

    def spoken(self, dialect: Dialect, echo: bool) -> Dialogue:
        """With an echo, the command's CR comes back, and the PDU without its Ctrl-Z or with it."""
        before = self.command.encode() + b"\r" if echo else b""
        if not self.prompted:
            return Dialogue(before + dialect.answer(*self.lines), b"", self.command)
        after = PDU.encode() + b"\x1a" if echo else b""
        return Dialogue(before + dialect.prompt, after + dialect.answer(*self.lines), self.command)

    def events(self, dialect: Dialect) -> list[Event]:
        """What the engine says of it."""
        *lines, last = (line.replace(": ", dialect.colon) for line in self.lines)
        final = Final("CMS", int(self.code), last) if self.code else _OK
        response = Response(self.command, tuple(lines), final)
        return [Prompt(self.command), response] if self.prompted else [response]


TALKS = (
    Talk("sent", COMMAND, ("+CMGS: 123", "OK"), prompted=True),
    Talk("refused", COMMAND, (_REFUSAL,), prompted=True, code="38"),
    Talk("refused at once", COMMAND, ("+CMS ERROR: 304",), code="304"),
    Talk("registration", "AT+CREG?", ("+CREG: 2,1", "OK")),
    Talk("location", "AT+CEREG?", ('+CEREG: 2,1,"00C3","0001A2B3",7', "OK")),
    Talk("signal", "AT+CSQ", ("+CSQ: 17,99", "OK")),
    Talk("model", "AT+CGMM", ("EC25", "OK")),
    Talk("stored", "AT+CMGR=1", ("+CMGR: 0,,21", "07913247000000F0040B913247000000F1000062114221148040", "OK")),
)


@dataclass
class Tally:
    """`cases` were exact. `ambiguous` ones cannot be, and are counted apart. `wrong` should be empty."""

    cases: int = 0
    ambiguous: int = 0
    wrong: list[tuple[str, str, bool, str, int]] = field(default_factory=list)


def run(names: Iterable[str], talks: Iterable[Talk] = TALKS, dialects: Iterable[Dialect] = DIALECTS) -> Tally:
    """Every gap, with and without echo."""
    tally = Tally()
    names = tuple(names)
    for talk in talks:
        for dialect in dialects:
            for echo in (False, True):
                for name, at, events in _events(talk, dialect, echo, names):
                    _judge(tally, talk, dialect, (talk.name, dialect.name, echo, name, at), events)
    return tally


def _events(talk: Talk, dialect: Dialect, echo: bool, names: tuple[str, ...]) -> Iterator[tuple[str, int, list[Event]]]:
    dialogue = talk.spoken(dialect, echo)
    for name in names:
        data = dialect.urc(SAMPLES[name])
        for at in dialogue.gaps:
            yield name, at, dialogue.with_inserted(at, data).run()


def _judge(
    tally: Tally, talk: Talk, dialect: Dialect, case: tuple[str, str, bool, str, int], events: list[Event]
) -> None:
    *_, name, _at = case
    urc = Urc(name, SAMPLES[name])
    if is_ambiguous(talk, name):
        tally.ambiguous += 1
    elif [event for event in events if event != urc] == talk.events(dialect) and events.count(urc) == 1:
        tally.cases += 1
    else:
        tally.wrong.append(case)


def is_ambiguous(talk: Talk, name: str) -> bool:
    """It looks like the answer: no reader could know better."""
    return name == talk.command[2:].rstrip("?") and not any(rule.only_urc for rule in URCS if rule.name == name)

"""A transcript of a real modem, to be played (`--script FILE`): each command is answered as it was recorded.

The format, in UTF-8, a line at a time; blank lines and lines that begin with `#` are comments:

    model: Fibocom L716-EU          header, up to the first line that begins with < or >: NAME: VALUE. Nothing of it is
                                    needed, and names other than these are notes
    prompt: ">"                     what AT+CMGS answers, in quotes ("> ")
    line-end: crcrlf                crlf (the usual) or crcrlf
    unknown: ERROR                  the answer to what was not recorded
    profile: default                a profile that answers what was not recorded instead
    vanish: 12                      the port vanishes for so many seconds at AT+CFUN=1,1; 0, the usual: it stays
    < +ZURDY: 1,0                   before anything was asked: said after switching on
    > AT+CSQ                        what was asked
    < +CSQ: 20,99                   and the lines of the answer up to its final result
    < OK
    < ^MODE: 17,17                  after the final result: said by itself, after that answer
    > AT+CREG?
    @ 0.8                           what follows came so many seconds after the line above
    < +CREG: 2,1,"00C3","0000A1B2",7
    < OK
    # (lines left out)              what stood here is not known: nothing is said until the next command

Asked several times, a command gives its answers in turn and the last one again and again, anew after each restart. A
command without a final result is never answered, but for the last of all, which was cut off. Echoes are no answers.

The simulated SIM stands in for the recorded one: IMEI, IMSI, ICCID and service centre in the answers of the commands
that ask for them become its own, as do {imei} {imsi} {iccid} {iccid_swapped} {smsc} {number} and the rest of the
placeholders of `Profile.answers` anywhere. What is masked otherwise is said as it stands. `> ` lines that are no
command were typed at a prompt and are not read.

Only the world is simulated: AT+CMGS, AT+CMGW (with the prompt), AT+CMGR, AT+CMGL, AT+CMGD and AT+CPMS act on the
simulated network and storages, of which size and manner (empty places, a list that never comes) are the recorded ones.
What AT+CPIN?, AT+CREG?, AT+COPS? and their like told holds while the simulated SIM is ready and registered. A setting
that was taken (AT+CNMI …) is set, and one that was not recorded is unknown to this modem.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.simulator.commands import is_final
from tests.simulator.dialects import PROFILES
from tests.simulator.profile import Boot, Profile

_HEADER = re.compile(r"([a-z][a-z-]*): *+(.+)")
_MEMORY = re.compile(r'"(\w+)" ?, ?\d+ ?, ?(\d+)')
_LEFT_OUT = "# (lines left out)"
_LINE_ENDS = {"crlf": "\r\n", "crcrlf": "\r\r\n"}
# whose answer, what in it, and the placeholder for it
_IDENTITIES = tuple(
    (re.compile(asked), re.compile(pattern), placeholder)
    for asked, pattern, placeholder in (
        (r"^(\+C?GSN|I\d?)\b", r"(?<!\d)\d{14,16}(?!\d)", "{imei}"),
        (r"^\+CIMI", r"(?<!\d)\d{14,15}(?!\d)", "{imsi}"),
        (r"CCID", r"(?<!\d)98\d{16}[\dFf]{2}", "{iccid_swapped}"),
        (r"CCID", r"(?<!\d)\d{18,20}(?!\d)", "{iccid}"),
        (r"^\+CSCA\?", r'(?<=")\+?[\d•]{6,}(?=")', "{smsc}"),
    )
)
_ALL_FIGURES = ((0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2), (0, 1))


class ScriptError(ValueError):
    """A transcript that cannot be understood; the text is a sentence that names the line."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line, `after_s` seconds after the one before."""

    text: str
    after_s: float = 0.0

    @property
    def final(self) -> bool:
        """It ends an answer."""
        return is_final(self.text)


Answer = tuple[Said, ...]


@dataclass(slots=True)
class Script:
    """A transcript. `answers` is command line without AT, in capitals and without blanks → its answers in turn."""

    header: dict[str, str] = field(default_factory=dict)
    boot: list[Said] = field(default_factory=list)
    answers: dict[str, list[list[Said]]] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Script":
        """Raises ScriptError, OSError."""
        try:
            return cls.parse(file.read_text("utf-8"))
        except UnicodeDecodeError as error:
            raise ScriptError("The transcript is not in UTF-8.") from error

    @classmethod
    def parse(cls, text: str) -> "Script":
        """Raises ScriptError."""
        script = cls()
        said, key, after_s, begun = script.boot, "", 0.0, False
        for number, line in _meaningful(text):
            mark, _, rest = line.partition(" ")
            if line == _LEFT_OUT:
                script._drop_unfinished(key)
                said, key = [], ""
            elif mark == ">":
                begun = True
                if rest.upper().startswith("AT"):  # else it was typed at a prompt
                    key = normal(rest)
                    said = script._answer_to(key)
            elif mark == "<":
                begun = True
                if normal(rest) != key:  # else it is the echo
                    said.append(Said(_as_template(key, rest), after_s))
                    after_s = 0.0
            elif mark == "@":
                after_s = _seconds(number, rest)
            elif not begun and (found := _HEADER.fullmatch(line)):
                script.header[found[1]] = found[2].strip()
            else:
                raise ScriptError(f"Line {number} of the transcript begins with none of < > @ #.")
        script._drop_unfinished(key)
        script.boot = [item for item in script.boot if not item.final]
        script._check()
        return script

    def _answer_to(self, key: str) -> list[Said]:
        """A further answer to this command, still empty."""
        answer: list[Said] = []
        self.answers.setdefault(key, []).append(answer)
        return answer

    def _drop_unfinished(self, key: str) -> None:
        """The recording broke off: nobody knows the rest of this answer."""
        answers = self.answers.get(key, [])
        if answers and not _ends(answers[-1]):
            answers.pop()
            if not answers:
                del self.answers[key]

    def _check(self) -> None:
        if (name := self.header.get("profile", "default")) not in PROFILES:
            raise ScriptError(f"The transcript wants profile {name!r}; known are {', '.join(PROFILES)}.")
        if (end := self.header.get("line-end", "crlf")) not in _LINE_ENDS:
            raise ScriptError(f"The transcript's line-end is {end!r}; known are {', '.join(_LINE_ENDS)}.")
        if not re.fullmatch(r"\d+(\.\d+)?", self.header.get("vanish", "0")):
            raise ScriptError("The transcript's vanish is no number of seconds.")

    def profile(self) -> Profile:
        """The modem's kind as far as the transcript shows it."""
        base = PROFILES[self.header.get("profile", "default")]
        return replace(
            base,
            name=self.header.get("model") or self._told("+CGMM") or "recorded",
            manufacturer=self._told("+CGMI") or base.manufacturer,
            model=self._told("+CGMM") or base.model,
            revision=self._told("+CGMR") or base.revision,
            unknown_answer=self.header.get("unknown", base.unknown_answer),
            prompt=self.header.get("prompt", '"> "').strip('"'),
            line_end=_LINE_ENDS[self.header.get("line-end", "crlf")],
            cnmi=_ALL_FIGURES,
            memories=self._memories() or base.memories,
            empty_place=self._empty_place() or base.empty_place,
            list_never=any(not _ends(answer) for answer in self._recorded("+CMGL=")),
            boot=Boot(start=tuple(said.text for said in self.boot)),
            vanish_s=float(self.header.get("vanish", "0")),
        )

    def restart(self) -> None:
        """Every command's first answer comes next."""
        self._asked.clear()

    def next_answer(self, line: str) -> Answer | None:
        """The recorded answer to a command line, whose turn it is; None when there is none."""
        key = normal(line)
        if key not in self.answers:
            return None
        turn = self._asked.get(key, 0)
        self._asked[key] = turn + 1
        return tuple(self.answers[key][min(turn, len(self.answers[key]) - 1)])

    def refuses(self, line: str) -> bool:
        """A command line that was recorded and never taken."""
        answers = self.answers.get(normal(line), [])
        return bool(answers) and not any(said.text == "OK" for answer in answers for said in answer)

    def _recorded(self, beginning: str) -> Iterator[list[Said]]:
        for key, answers in self.answers.items():
            if key.startswith(beginning):
                yield from answers

    def _told(self, command: str) -> str:
        """The one line of the answer to an identification."""
        lines = [said.text for answer in self.answers.get(command, []) for said in answer if not said.final]
        return lines[0].removeprefix(f"{command}: ") if lines else ""

    def _memories(self) -> dict[str, int]:
        told = (said.text for answer in self._recorded("+CPMS?") for said in answer)
        return {name: int(places) for line in told for name, places in _MEMORY.findall(line)}

    def _empty_place(self) -> str:
        """The final result of a recorded AT+CMGR that gave nothing else."""
        finals = (answer[0].text for answer in self._recorded("+CMGR=") if answer and answer[0].final)
        return next(finals, "")


def normal(line: str) -> str:
    """A command line as the key of its answers: no AT, no blanks, in capitals."""
    return re.sub(r"\s", "", line).upper().removeprefix("AT")


def _as_template(key: str, line: str) -> str:
    """An answer's line with the simulated SIM in place of the recorded one: simulated must be told from real."""
    for asked, pattern, placeholder in _IDENTITIES:
        if asked.search(key):
            line = pattern.sub(placeholder, line)
    return line


def _ends(answer: list[Said]) -> bool:
    return any(said.final for said in answer)


def _meaningful(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and (not line.startswith("#") or line == _LEFT_OUT):
            yield number, line


def _seconds(number: int, text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text.strip()):
        raise ScriptError(f"Line {number} of the transcript: {text.strip()!r} is no number of seconds.")
    return float(text)

"""The kinds of fault, as data: what each is a fault of, what its argument is, and what it does."""

from dataclasses import dataclass
from typing import Literal

# What a fault strikes, and how often its dice are rolled:
#   network  a submit, when the network decides about it; may bind to a recipient
#   submit   a submit, whoever it is for
#   line     a line that the modem says
#   command  a command line
#   start    once, when the modem is switched on
#   text     a text that somebody sends to this SIM; may bind to a sender
Of = Literal["network", "submit", "line", "command", "start", "text"]
Argument = Literal["", "code", "seconds", "stage", "word"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`argument` is what may follow the colon; `needs`, what must. Codes lie from `lowest` to `highest`."""

    name: str
    of: Of
    meaning: str
    argument: Argument = ""
    needs: bool = False
    lowest: int = 0
    highest: int = 0
    default: int = 0
    default_s: float = 0.0
    words: tuple[str, ...] = ()

    @property
    def argument_words(self) -> str:
        """What the argument is, for a sentence."""
        if self.argument == "code":
            return f"a code from {self.lowest} to {self.highest}"
        if self.words:
            return " or ".join(self.words)
        return {"seconds": "seconds", "stage": "a stage and seconds"}.get(self.argument, "a word")

    @property
    def usage(self) -> str:
        """`late:SECONDS`, `hang[:[STAGE/]SECONDS]`, as --help shows it."""
        shown = {"": "", "code": "CODE", "seconds": "SECONDS", "stage": "[STAGE/]SECONDS", "word": "|".join(self.words)}
        argument = shown[self.argument] or "NAME"
        return self.name if not self.argument else f"{self.name}{f':{argument}' if self.needs else f'[:{argument}]'}"


_ALL = (
    # what the network makes of a submit
    Kind("cms", "network", "refused with +CMS ERROR: CODE", "code", needs=True, highest=511),
    Kind("cme", "network", "refused with +CME ERROR: CODE", "code", needs=True, highest=999),
    Kind("error", "network", "refused with ERROR"),
    Kind(
        "validity",
        "network",
        "refused with +CMS ERROR: CODE (198) when it has a TP-VP",
        "code",
        highest=511,
        default=198,
    ),
    Kind("bearer", "network", "refused with +CMS ERROR: 50 unless AT+CGSMS=CODE", "code", needs=True, highest=3),
    Kind("unanswered", "network", "taken, and no result line ever comes"),
    Kind("untaken", "network", "answered with +CMGS, and the network never had it"),
    Kind(
        "late",
        "network",
        "taken, and the result line comes SECONDS later; the modem answers meanwhile",
        "seconds",
        needs=True,
    ),
    Kind("slow", "network", "the result takes SECONDS more, and the modem is busy meanwhile", "seconds", needs=True),
    Kind("noreport", "network", "taken, and never reported on"),
    Kind("report", "network", "reported with TP-ST CODE", "code", needs=True, highest=255),
    Kind("report-trying", "network", "reported with TP-ST 0x30, still trying, and then again"),
    Kind("report-late", "network", "reported on SECONDS later than usual", "seconds", needs=True),
    Kind(
        "report-disorder",
        "network",
        "reported on up to SECONDS (5) later: reports overtake each other",
        "seconds",
        default_s=5.0,
    ),
    Kind("report-early", "network", "reported on before the +CMGS line"),
    Kind("report-twice", "network", "reported on twice"),
    Kind("report-smsc", "network", "reported on by another SMSC"),
    Kind(
        "report-reference",
        "network",
        "reported on with a TP-MR that is CODE (1) too high",
        "code",
        lowest=1,
        highest=255,
        default=1,
    ),
    # what happens to the modem at a submit; stages: prompt (it is given), pdu (Ctrl-Z has come), taken (by the network)
    Kind("noprompt", "submit", "AT+CMGS is lost: no prompt, no answer"),
    Kind(
        "reset",
        "submit",
        "the modem restarts at STAGE (pdu), as after AT+CFUN=1,1, away for SECONDS (the profile's)",
        "stage",
    ),
    Kind("hang", "submit", "the modem says nothing more at STAGE (pdu), for SECONDS (for ever)", "stage"),
    Kind("unplug", "submit", "the port vanishes at STAGE (pdu), for SECONDS (until replug)", "stage"),
    Kind("loss", "submit", "the network is lost, for SECONDS (until network on)", "seconds"),
    Kind(
        "sim",
        "submit",
        "the SIM is taken out, or asks for its PIN or PUK",
        "word",
        needs=True,
        words=("out", "pin", "puk"),
    ),
    # what the wire does to lines
    Kind("urc", "line", "lines that nobody asked for, before lines of answers"),
    Kind(
        "cut",
        "line",
        "a line that nobody asked for inside a line, after CODE bytes (anywhere)",
        "code",
        highest=4095,
        default=4095,
    ),
    Kind("garbage", "line", "bytes 0xFF and NUL inside a line"),
    Kind("crcrlf", "line", "lines end with CR CR LF"),
    Kind("dribble", "line", "one byte at a time"),
    Kind("echo", "line", "ATE0 is answered and the echo stays"),
    # what commands meet
    Kind("silent", "command", "the command NAME (as +CSCA) is never answered", "word", needs=True),
    Kind("refuse", "command", "the command NAME (as +CMMS) is answered with ERROR", "word", needs=True),
    Kind(
        "nofinal",
        "command",
        "the question NAME (as +CPIN) is answered with its line and no final result",
        "word",
        needs=True,
    ),
    Kind(
        "locked",
        "command",
        "before its PIN all but AT+CPIN is refused with CME CODE (11; 0: ERROR, ATE0 and AT+CMEE too)",
        "code",
        highest=999,
        default=11,
    ),
    # how it is found
    Kind("staleprompt", "start", "a prompt stands open, left by a client that was killed"),
    Kind("simbusy", "start", "the SIM is busy for the first SECONDS", "seconds", needs=True),
    Kind("full", "start", "every storage is full of old texts"),
    Kind(
        "radio-off",
        "start",
        "the radio is off: AT+CFUN=CODE (4; 0: the card has no power either)",
        "code",
        highest=4,
        default=4,
    ),
    # what comes in
    Kind("inbound-missing", "text", "of several parts, one never comes"),
    Kind("inbound-disorder", "text", "several parts come in another order"),
    Kind("inbound-twice", "text", "it comes twice"),
)

KINDS = {kind.name: kind for kind in _ALL}


def described() -> str:
    """The table for --help."""
    width = max(len(kind.usage) for kind in _ALL)
    return "\n".join(f"  {kind.usage:{width}}  {kind.meaning}" for kind in _ALL)

"""The events of the engine: bytes in, these out."""

from dataclasses import dataclass

from modem.at.commands import Final


@dataclass(frozen=True, slots=True)
class Prompt:
    """The modem waits for the PDU of `command` (3GPP TS 27.005 § 3.5.1 and § 4.3)."""

    command: str


@dataclass(frozen=True, slots=True)
class Response:
    """The command in flight is answered: its lines without echo and URCs, then the final result."""

    command: str
    lines: tuple[str, ...]
    final: Final


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A result of `command`, or of a submit that was given up before it: they cannot be distinguished yet. The command
    stays in flight. A second result identifies both (`Late`, `Response`). Before the prompt it is a refusal; a prompt
    after it shows that it was the older submit's. `is_brief`: the older one is from before this dialogue; where no
    second result comes soon, this one is the command's.
    """

    command: str
    lines: tuple[str, ...]
    final: Final
    is_brief: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """The answer to a command that was given up: `command` is "" if it is not known which. `submit` is its number
    (`AtEngine.submits`), None if it belongs to no submit or perhaps to another: then no reference may be taken from it.
    """

    command: str
    lines: tuple[str, ...]
    final: Final
    submit: int | None = None


@dataclass(frozen=True, slots=True)
class Urc:
    """An unsolicited result code: its name (`+CDS`, `RING`) and its lines, several where a PDU or a text follows."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem boots or goes down: `command`, in flight or "", is lost, and so is all that was set up."""

    command: str


Event = Prompt | Response | Doubtful | Late | Urc | Restarted

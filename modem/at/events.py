"""What the engine says: bytes in, these out."""

from dataclasses import dataclass

from modem.at.finals import Final


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
class Late:
    """The answer of a command that was given up: `command` is "" when it is not known which."""

    command: str
    lines: tuple[str, ...]
    final: Final


@dataclass(frozen=True, slots=True)
class Urc:
    """An unsolicited result code: its name (`+CDS`, `RING`) and its one or two lines."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem booted: the command in flight (or "") is lost, and so is everything that was set up."""

    command: str


Event = Prompt | Response | Late | Urc | Restarted

"""The messages between the driver and its process, pickled: first `Connect`, then a `Call` at a time, which has one
`Answer`. `Heard` comes at any time. Texts, numbers and PINs are in no message's `repr`.
"""

from dataclasses import dataclass, field
from typing import Any

from modem.driver.interface.protocol import Direction, ModemEvent
from modem.errors import ModemError


@dataclass(frozen=True, slots=True)
class Connect:
    """The phone to take at the first call; `traffic`: tell the dialogue."""

    device: str
    traffic: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A method of `Phone` or of its `storages`, with its arguments."""

    method: str
    arguments: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a method, or its error."""

    value: Any = field(repr=False)
    error: ModemError | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of the dialogue; the PIN is left out."""

    direction: Direction
    data: bytes = field(repr=False)


Heard = ModemEvent | Traffic

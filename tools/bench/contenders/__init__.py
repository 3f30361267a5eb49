"""The senders: this product, the floor, and the daemons that Debian has, each started anew for each measurement."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101."


class Contender(Protocol):
    """One sender on its modems. `start` returns when it is ready to send."""

    def start(self) -> None:
        """Begin. Raises RuntimeError when it does not get ready."""
        ...

    def send(self, count: int) -> None:
        """Hand over so many messages, each to another number."""
        ...

    @property
    def pids(self) -> Sequence[int]:
        """The processes that are measured; their children are counted with them."""
        ...

    def close(self) -> None:
        """End it."""
        ...


# (a folder of its own, the modems' ttys, how many messages at most) → a contender, not yet started
Make = Callable[[Path, Sequence[Path], int], Contender]


def mobile(number: int) -> str:
    """An invented number, E.164."""
    return f"+324701{number:05}"

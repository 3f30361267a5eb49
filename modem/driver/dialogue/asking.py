"""Asking a modem one command at a time, whoever has its port."""

from typing import Protocol


class Asking(Protocol):
    """A dialogue, as set-up steps, the network and the storages want it."""

    def ask(self, command: str, timeout_s: float = ...) -> tuple[str, ...]:
        """The answer's lines. Raises CommandError (refused), ModemTimeout, PortGone."""
        ...

    def attempt(self, command: str, timeout_s: float = ...) -> tuple[str, ...] | None:
        """None when the modem refuses. Raises ModemTimeout, PortGone."""
        ...

    def write(self, data: bytes) -> None:
        """Bytes outside any command. Raises PortGone."""
        ...

    def pause(self, timeout_s: float) -> None:
        """Wait until the modem says that it is ready; at most so long. Raises PortGone."""
        ...

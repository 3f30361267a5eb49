"""The port as a Unix socket at an abstract address (unix(7)): what ModemManager's test interface connects to."""

import contextlib
import selectors
import socket
from collections.abc import Callable


class AbstractSocket:
    """Listens within the host's loop; who connects last has the port. `heard` gets the bytes that the client wrote."""

    def __init__(self, name: str, selector: selectors.BaseSelector, heard: Callable[[bytes], None]) -> None:
        """`name` is the address without its leading NUL. Raises OSError, when it is taken among others."""
        self._selector = selector
        self._heard = heard
        self._client: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(f"\0{name}")
            self._listener.listen()
        except OSError:
            self._listener.close()
            raise
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    @property
    def connected(self) -> bool:
        """A client has the port."""
        return self._client is not None

    def _accept(self) -> None:
        self.hang_up()
        self._client, _ = self._listener.accept()
        self._client.setblocking(False)
        self._selector.register(self._client, selectors.EVENT_READ, self._read)

    def _read(self) -> None:
        data = b""
        with contextlib.suppress(ConnectionError):
            data = self._client.recv(65536) if self._client else b""
        if data:
            self._heard(data)
        else:
            self.hang_up()

    def write(self, data: bytes) -> None:
        """Write; bytes for which a client has no room are lost, as on a port that nobody has open."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while data and self._client:
                data = data[self._client.send(data) :]

    def hang_up(self) -> None:
        """The client sees the end; harmless without one."""
        if self._client:
            self._selector.unregister(self._client)
            self._client.close()
            self._client = None

    def close(self) -> None:
        self.hang_up()
        self._selector.unregister(self._listener)
        self._listener.close()

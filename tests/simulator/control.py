"""The sockets of a simulated modem: for control (a command per line, a line of JSON as answer), and as its port."""

import contextlib
import json
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LONGEST_LINE = 65536


class _Listening:
    """A unix socket that listens within the host's loop: `selector` calls back."""

    def __init__(self, address: str, selector: selectors.BaseSelector) -> None:
        """Raises OSError."""
        self._selector = selector
        self._clients: dict[socket.socket, bytearray] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(address)
            self._listener.listen()
        except OSError:
            self._listener.close()
            raise
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self._clients[client] = bytearray()
        self._selector.register(client, selectors.EVENT_READ, lambda: self._read(client))

    def _read(self, client: socket.socket) -> None:
        raise NotImplementedError

    def _forget(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        del self._clients[client]
        client.close()

    def hang_up(self) -> None:
        """The clients see the end; harmless without one."""
        for client in list(self._clients):
            self._forget(client)

    def close(self) -> None:
        self.hang_up()
        self._selector.unregister(self._listener)
        self._listener.close()


class ControlSocket(_Listening):
    """Listens at `path`; `answer` gives a line's answer."""

    def __init__(self, path: Path, selector: selectors.BaseSelector, answer: Callable[[str], dict[str, Any]]) -> None:
        """Raises OSError. A socket left behind at `path` is replaced."""
        if path.is_socket():
            path.unlink()
        self._path, self._answer = path, answer
        super().__init__(str(path), selector)

    def _read(self, client: socket.socket) -> None:
        received = self._clients[client]
        try:
            data = client.recv(4096)
            received += data
            *lines, rest = received.split(b"\n")
            for line in lines:
                answer = json.dumps(self._answer(line.decode("utf-8", "replace")), ensure_ascii=False)
                client.sendall(answer.encode() + b"\n")
        except OSError:
            data = b""
        if not data or len(rest) > _LONGEST_LINE:
            self._forget(client)
        else:
            received[:] = rest

    def close(self) -> None:
        super().close()
        self._path.unlink(missing_ok=True)


class AbstractSocket(_Listening):
    """Listens at an abstract address; who connects last has the port. `heard` gets the bytes that the client wrote."""

    def __init__(self, name: str, selector: selectors.BaseSelector, heard: Callable[[bytes], None]) -> None:
        """`name` is the address without its leading NUL. Raises OSError, when it is taken among others."""
        self._heard = heard
        super().__init__(f"\0{name}", selector)

    @property
    def connected(self) -> bool:
        return bool(self._clients)

    def _accept(self) -> None:
        self.hang_up()
        super()._accept()
        for client in self._clients:
            client.setblocking(False)

    def _read(self, client: socket.socket) -> None:
        if client not in self._clients:  # any more, by another that came in the same turn
            return
        data = b""
        with contextlib.suppress(ConnectionError):
            data = client.recv(65536)
        if data:
            self._heard(data)
        else:
            self._forget(client)

    def write(self, data: bytes) -> None:
        """Write; bytes for which a client has no room are lost, as on a port that nobody has open."""
        for client in self._clients:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while data:
                    data = data[client.send(data) :]

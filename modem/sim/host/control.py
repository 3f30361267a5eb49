"""The control socket of a simulated modem: a command of `modem.sim.host.orders` per line, a line of JSON as answer."""

import contextlib
import json
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LONGEST_LINE = 65536


class ControlSocket:
    """Listens at `path` within the host's loop: `selector` calls back, `answer` gives a line's answer."""

    def __init__(self, path: Path, selector: selectors.BaseSelector, answer: Callable[[str], dict[str, Any]]) -> None:
        """Raises OSError. A socket left behind at `path` is replaced."""
        if path.is_socket():
            path.unlink()
        self._path = path
        self._selector = selector
        self._answer = answer
        self._clients: dict[socket.socket, bytearray] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listener.bind(str(path))
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

    def _forget(self, client: socket.socket) -> None:
        self._selector.unregister(client)
        del self._clients[client]
        client.close()

    def close(self) -> None:
        for client in list(self._clients):
            self._forget(client)
        self._selector.unregister(self._listener)
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

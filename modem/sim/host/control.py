"""The sockets of a simulated modem: for control (a command per line, a line of JSON as answer), and as its port. A text
to another simulated modem comes in at that one's control socket, FOLDER/NUMBER.control.
"""

import contextlib
import json
import os
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LONGEST_LINE = 65536


def _listening(address: str) -> socket.socket:
    """A unix socket that listens. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


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
        self._listener = _listening(str(path))
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


class AbstractSocket:
    """Listens within the host's loop; who connects last has the port. `heard` gets the bytes that the client wrote."""

    def __init__(self, name: str, selector: selectors.BaseSelector, heard: Callable[[bytes], None]) -> None:
        """`name` is the address without its leading NUL. Raises OSError, when it is taken among others."""
        self._selector = selector
        self._heard = heard
        self._client: socket.socket | None = None
        self._listener = _listening(f"\0{name}")
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    @property
    def connected(self) -> bool:
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


def control_of(folder: Path, number: str) -> Path:
    """The control socket of the modem with this number (E.164), from where we are: unix(7) takes 107 octets."""
    return Path(os.path.relpath(folder / f"{number}.control"))


def carry(folder: Path, number: str, tpdu: bytes) -> None:
    """Hand an SMS-DELIVER to the modem with this number; nothing happens where there is none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(1.0)
        wire.connect(str(control_of(folder, number)))
        # Its answer is not waited for: it may be busy with a text to us.
        wire.sendall(f"inbound-tpdu {tpdu.hex()}\n".encode())

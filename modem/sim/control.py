"""The world around a simulated modem, played over a unix socket: a command per line, a line of JSON as answer.

    unplug · replug [PATH] · hang · resume · network on|off · sim in|out · inbound FROM TEXT… · csq N · stats

Answers are {"ok": true, …} or {"ok": false, "error": SENTENCE}.
"""

import contextlib
import json
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modem.sim.host import PtyHost

_LONGEST_LINE = 65536


class _NotDone(Exception):
    """Why a command was not done, as a sentence."""


def obey(host: "PtyHost", line: str) -> dict[str, Any]:
    """Do one command, in the thread of the host's loop."""
    verb, _, rest = line.strip().partition(" ")
    try:
        if verb not in _COMMANDS:
            raise _NotDone(f"Unknown command {verb!r}; known are {', '.join(_COMMANDS)}.")
        return {"ok": True} | (_COMMANDS[verb](host, rest.strip()) or {})
    except (_NotDone, OSError) as refused:
        return {"ok": False, "error": str(refused)}


def _unplug(host: "PtyHost", rest: str) -> None:
    if not host.plugged:
        raise _NotDone("It is unplugged already.")
    host.unplug()


def _replug(host: "PtyHost", rest: str) -> dict[str, Any]:
    if host.plugged:
        raise _NotDone("It is plugged in already.")
    if rest:
        host.link = Path(rest)
    host.plug_in()
    return {"link": host.device}


def _hang(host: "PtyHost", rest: str) -> None:
    host.hang(True)


def _resume(host: "PtyHost", rest: str) -> None:
    host.hang(False)


def _switch(rest: str, on: str, off: str) -> bool:
    if rest not in (on, off):
        raise _NotDone(f"Say {on} or {off}.")
    return rest == on


def _network(host: "PtyHost", rest: str) -> None:
    host.modem.phone.network_on = _switch(rest, "on", "off")
    host.say()


def _sim(host: "PtyHost", rest: str) -> None:
    host.modem.phone.card_in = _switch(rest, "in", "out")
    host.say()


def _inbound(host: "PtyHost", rest: str) -> dict[str, Any]:
    sender, _, text = rest.partition(" ")
    if not text:
        raise _NotDone("Say inbound FROM TEXT.")
    try:
        parts = host.modem.phone.expect_text(sender, text, host.clock())
    except ValueError as error:
        raise _NotDone(f"{sender!r} cannot be a sender.") from error
    host.say()
    return {"parts": parts}


def _csq(host: "PtyHost", rest: str) -> None:
    if not rest.isdecimal() or not (int(rest) <= 31 or int(rest) == 99):
        raise _NotDone("Say 0 to 31, or 99 for unknown.")
    host.modem.phone.quality = int(rest)


def _stats(host: "PtyHost", rest: str) -> dict[str, Any]:
    phone = host.modem.phone
    network = phone.network
    return {
        "imei": phone.identity.imei,
        "imsi": phone.identity.imsi,
        "iccid": phone.identity.iccid,
        "link": host.device,
        "plugged": host.plugged,
        "hung": host.hung,
        "submits": host.modem.faults.submits,
        "tpdus": network.counts.tpdus,
        "messages": network.counts.messages,
        "incomplete": network.incomplete,
        "repeated": network.counts.repeated,
        "reports": phone.counts["reports"],
        "inbound": phone.counts["inbound"],
    }


_COMMANDS: dict[str, Callable[["PtyHost", str], dict[str, Any] | None]] = {
    "unplug": _unplug,
    "replug": _replug,
    "hang": _hang,
    "resume": _resume,
    "network": _network,
    "sim": _sim,
    "inbound": _inbound,
    "csq": _csq,
    "stats": _stats,
}


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

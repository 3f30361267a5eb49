"""Servers that are slow or never end, on loopback: each is a function that gets the connection."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

CERTIFICATES = Path(__file__).parent / "smtp" / "certificates"
PIECE = 64 * 1024


@contextmanager
def server(behave, tls=False):
    """`port` of a server that behaves so to each connection; `ended` is set at the end of the block."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls:
        context.load_cert_chain(CERTIFICATES / "good.pem")

    def serve():
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection):
        with suppress(OSError), connection, context.wrap_socket(connection, True) if tls else connection as spoken:
            behave(spoken, ended)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def silent(connection, ended):
    """It takes the connection, and says nothing."""
    ended.wait()


def deaf(before=b""):
    """After this it never reads what it is sent."""

    def behave(connection, ended):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(before)
        ended.wait()

    return behave


def dripping(before=b"", piece=b"x", every_s=0.02):
    """After this, a byte at a time."""

    def behave(connection, ended):
        connection.sendall(before)
        while not ended.wait(every_s):
            connection.sendall(piece)

    return behave


def endless(before=b"", line=b"x" * 62 + b"\r\n"):
    """After this, as fast as it is taken; `sent_bytes` counts."""

    def behave(connection, ended):
        connection.sendall(before)
        piece = line * (PIECE // len(line))
        while not ended.is_set():
            connection.sendall(piece)
            behave.sent_bytes += len(piece)

    behave.sent_bytes = 0
    return behave


def answering(*pairs, then):
    """To each command that begins so, its answer, after a greeting; at the last one it begins with `then`."""
    (greeting, *others) = pairs

    def behave(connection, ended):
        connection.sendall(greeting)
        lines = connection.makefile("rb")
        for answer in others:
            command = lines.readline()
            connection.sendall(answer.replace(b"TAG", command.split(b" ")[0]))
        lines.readline()
        then(connection, ended)

    return behave


def seconds(work):
    """How long it took, with its error or result."""
    begun_s = time.monotonic()
    try:
        result = work()
    except Exception as error:  # noqa: BLE001
        result = error
    return time.monotonic() - begun_s, result

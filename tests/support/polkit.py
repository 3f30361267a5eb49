"""An authority like polkit's on a test's bus, which says yes or no to everything (org.freedesktop.PolicyKit1)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.PolicyKit1"


@contextmanager
def polkit(address: str, *, allows: bool) -> Iterator[list[str]]:
    """Yields the actions that were asked about."""
    connection, asked = open_dbus_connection(address), list[str]()
    connection.send_and_get_reply(message_bus.RequestName(NAME), timeout=5)
    thread = threading.Thread(target=_answer, args=(connection, asked, allows), daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        connection.sock.shutdown(2)
        thread.join()
        connection.close()


def _answer(connection: DBusConnection, asked: list[str], allows: bool) -> None:
    with suppress(OSError, ValueError):
        while True:
            message = connection.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            match message.header.fields[HeaderFields.member]:
                case "CheckAuthorization":
                    asked.append(message.body[1])
                    reply = new_method_return(message, "(bba{ss})", ((allows, False, {}),))
                case "GetAll":
                    told = {"BackendName": ("s", "test"), "BackendVersion": ("s", "1"), "BackendFeatures": ("u", 0)}
                    reply = new_method_return(message, "a{sv}", (told,))
                case _:
                    reply = new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
            connection.send(reply)

"""One connection to the system bus, for one caller at a time, with a thread that reads.

DBUS_SYSTEM_BUS_ADDRESS names another bus. A call without a reply in time is given up here; the other side may still
carry it out.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from modem.driver.dbus.messages import refusal
from modem.errors import ModemTimeout, NotManaged

_log = logging.getLogger(__name__)

SERVICE: Final = "org.freedesktop.ModemManager1"
ROOT: Final = "/org/freedesktop/ModemManager1"
CALL_TIMEOUT_S: Final = 20.0


class Bus:
    """`hear` gets every signal of ModemManager's, in the reader's thread; `lost` is called in it, once, at the end."""

    def __init__(self, hear: Callable[[Message], None], lost: Callable[[], None]) -> None:
        """Raises NotManaged without a bus."""
        self._hear, self._lost = hear, lost
        self._waiting: dict[int, Future[Message]] = {}
        self._sending = threading.Lock()
        self._closed = False
        try:
            self._connection: DBusConnection = open_dbus_connection("SYSTEM")
        except (OSError, EOFError, RuntimeError, ValueError) as error:
            raise NotManaged("no system bus runs") from error
        self._reader = threading.Thread(target=self._read, name="modemmanager", daemon=True)
        self._reader.start()
        try:
            left_the_bus = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
            left_the_bus.add_arg_condition(0, SERVICE)
            for rule in (MatchRule(type="signal", sender=SERVICE), left_the_bus):
                self._ask(message_bus.AddMatch(rule), CALL_TIMEOUT_S)
        except BaseException:
            self.close()
            raise

    def call(
        self,
        path: str,
        interface: str,
        method: str,
        signature: str = "",
        *arguments: object,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> Any:
        """Its answer; `interface` without the service. Raises NotManaged, NotAllowed, CommandError, ModemTimeout."""
        address = DBusAddress(path, SERVICE, SERVICE + interface)
        return self._answer_to(new_method_call(address, method, signature or None, arguments), timeout_s)

    def properties(self, path: str, interface: str, timeout_s: float = CALL_TIMEOUT_S) -> Mapping[str, Any]:
        """All properties of one interface of the object. Raises as `call`."""
        values = self._answer_to(Properties(DBusAddress(path, SERVICE, SERVICE + interface)).get_all(), timeout_s)
        return {name: value for name, (_, value) in values.items()}

    def modems(self) -> dict[str, Mapping[str, Any]]:
        """Path → properties of every modem that ModemManager has. Raises as `call`."""
        address = DBusAddress(ROOT, SERVICE, "org.freedesktop.DBus.ObjectManager")
        objects = self._answer_to(new_method_call(address, "GetManagedObjects"), CALL_TIMEOUT_S)
        return {
            path: {name: value for name, (_, value) in interfaces[f"{SERVICE}.Modem"].items()}
            for path, interfaces in objects.items()
            if f"{SERVICE}.Modem" in interfaces
        }

    def close(self) -> None:
        """End it, from any thread: callers that wait for an answer get NotManaged."""
        self._closed = True
        with suppress(OSError):
            self._connection.sock.shutdown(2)
        if threading.current_thread() is not self._reader:
            self._reader.join()
        self._connection.close()

    def _answer_to(self, message: Message, timeout_s: float) -> Any:
        reply = self._ask(message, timeout_s)
        if reply.header.message_type is MessageType.error:
            method = str(message.header.fields[HeaderFields.member])
            name = str(reply.header.fields.get(HeaderFields.error_name, ""))
            raise refusal(method, name, " ".join(str(value) for value in reply.body))
        return reply.body[0] if reply.body else None

    def _ask(self, message: Message, timeout_s: float) -> Message:
        answer: Future[Message] = Future()
        with self._sending:
            serial = next(self._connection.outgoing_serial)
            self._waiting[serial] = answer
            try:
                if self._closed:
                    raise NotManaged("the bus is gone")
                self._connection.send(message, serial=serial)
            except OSError as error:
                raise NotManaged("the bus is gone") from error
        try:
            return answer.result(timeout_s)
        except TimeoutError as error:
            raise ModemTimeout(str(message.header.fields[HeaderFields.member])) from error
        finally:
            self._waiting.pop(serial, None)

    def _read(self) -> None:
        try:
            while True:
                message = self._connection.receive()
                answer = self._waiting.pop(message.header.fields.get(HeaderFields.reply_serial, 0), None)
                if answer is not None:
                    answer.set_result(message)
                elif message.header.message_type is MessageType.signal:
                    self._hear(message)
        except Exception as error:  # noqa: BLE001  (whatever came, those who wait must not wait for ever)
            if not isinstance(error, OSError | EOFError):
                _log.exception("the bus said something that cannot be read")
            was_closed, self._closed = self._closed, True
            with self._sending:
                for answer in [self._waiting.pop(serial) for serial in list(self._waiting)]:
                    answer.set_exception(NotManaged("the bus is gone"))
            if not was_closed:
                self._lost()


def is_gone(message: Message) -> bool:
    """A signal that ModemManager left the bus."""
    fields = message.header.fields
    return fields.get(HeaderFields.member) == "NameOwnerChanged" and not message.body[2]

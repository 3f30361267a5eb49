"""The ModemManager driver (`driver = modemmanager`), for modems without a usable AT port (QMI, MBIM).

The host's ModemManager drives the modem; we use it by D-Bus (docs/adr/0036-modemmanager-by-d-bus.md). It splits long
texts itself, so it gets whole messages, of which only the last SMS has a reference and a report.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from jeepney import HeaderFields, Message

from modem.driver.base import interface
from modem.driver.dbus.bus import ROOT, SERVICE, Bus, is_gone
from modem.driver.dbus.managed import Managed, find
from modem.driver.dbus.messages import RECEIVED, SUBMIT, UnclearError, content, parts_of, properties_of
from modem.driver.dialogue.handover import is_doubtful
from modem.errors import CmsError, CommandError, ModemError, PortGone, SubmitUnconfirmed
from modem.sms.message import OutgoingPart

PROBE_TIMEOUT_S: Final = 5.0
_NO_NETWORK: Final = 331
_SMS: Final = f"{ROOT}/SMS/"
_STORAGE: Final = "MM"


class ModemManagerDriver(interface.BaseDriver):
    """`ModemDriver` over ModemManager.

    `device` is the modem's IMEI, the path of one of its ports (/dev/cdc-wdm0), or `auto`: the only one it has. No lines
    go to `on_traffic`.

    ModemManager may go and come back at any time: `PortLost` is reported, and `open` looks for the modem again.
    """

    capabilities: Final = frozenset[interface.Capability]({"whole"})
    _bus: Bus | None = None
    _modem: Managed | None = None
    # It reads all that waits when the modem is enabled anew.
    _may_have_missed = False

    # -- the modem ---------------------------------------------------------------------------------------------

    def open(self, before: interface.Before | None = None) -> interface.ModemIdentity:
        """Find the modem and enable it; ModemManager gives each result to its own SMS. Raises PortError, ModemTimeout,
        SimError, CommandError.
        """
        with self._turn:
            self._drop()
            self._forget_losses()
            self._bus = Bus(self._hear, self._lose)
            try:
                self._modem = Managed(self._bus, find(self._bus, self._device))
                self._modem.start(self._pin)
                self._forget_sent()
                return self._modem.identity(self._smsc)
            except BaseException:
                self._drop()
                raise

    def close(self) -> None:
        if bus := self._bus:
            bus.close()
        with self._turn:
            self._drop()

    def _drop(self) -> None:
        bus, self._bus = self._bus, None
        self._modem = None
        if bus:
            bus.close()

    # -- questions and orders ----------------------------------------------------------------------------------

    def registration(self) -> interface.Registration:
        """As ModemManager last heard. Raises SimMissing, and PortGone when the card is not the one that `open` met."""
        with self._turn:
            return self._open().registration()

    def signal_dbm(self) -> int | None:
        with self._turn:
            return self._open().signal_dbm()

    def hold_link(self, hold: bool) -> None:
        """ModemManager has no word for it."""

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        """`part` is a whole message; of a long one nobody knows which SMS was refused: it is SubmitUnconfirmed."""
        single = parts_of(part) == 1
        with self._turn:
            modem = self._open()
            if not modem.is_registered():
                raise CmsError("Send", _NO_NETWORK)
            message = modem.call(".Modem.Messaging", "Create", "a{sv}", properties_of(part, self._smsc))
            try:
                on_pdu_start()
                reference = self._send(message, single)
            except SubmitUnconfirmed:  # it may still be on its way; the next `open` deletes it
                raise
            except BaseException:
                self._forget(message)
                raise
            self._forget(message)
            return reference

    def _send(self, message: str, single: bool) -> int:
        """TP-MR of its last SMS. Raises SubmitUnconfirmed, and CommandError when nothing went out."""
        bus, started, sent = self._open().bus, time.monotonic(), False
        try:
            bus.call(message, ".Sms", "Send", timeout_s=self._submit_timeout_s)
            sent = True
            return int(bus.properties(message, ".Sms")["MessageReference"]) % 256
        except ModemError as error:
            waited_s = time.monotonic() - started
            unclear = sent or not single or isinstance(error, UnclearError)
            if isinstance(error, CommandError) and not unclear and not is_doubtful(error, waited_s):
                raise
            says_why = not sent and not isinstance(error, UnclearError)
            raise SubmitUnconfirmed(waited_s) from (error if says_why else None)

    def probe(self) -> None:
        """ModemManager lives and has the modem, which it gives up itself when that does not answer."""
        with self._turn:
            self._open().properties(PROBE_TIMEOUT_S)

    def reset(self) -> None:
        """Restart the modem where ModemManager can. Raises PortError, ModemTimeout, CommandError."""
        with self._turn:
            if self._bus is None:
                self._bus = Bus(self._hear, self._lose)
            try:
                Managed(self._bus, find(self._bus, self._device)).call(".Modem", "Reset")
            finally:
                self._drop()

    def switch_bearer(self) -> bool:
        """ModemManager has no word for it."""
        return False

    def restore_smsc(self) -> bool:
        """Each message names the configured one; ModemManager cannot write the card's."""
        return self._smsc is not None

    # -- what came in ------------------------------------------------------------------------------------------

    def storage_use(self) -> list[interface.StorageUse]:
        """The number of messages that ModemManager holds; it does not report the capacity."""
        with self._turn:
            if self._may_have_missed:
                self._may_have_missed = False
                self._open().enable(False)
                self._open().enable(True)
            return [interface.StorageUse(_STORAGE, len(self._list()), 0)]

    def list_stored(self) -> Iterator[tuple[interface.StoredEvent, interface.StoredContent]]:
        with self._turn:
            places = sorted(map(_place, self._list()), key=lambda place: place.index)
        for place in places:
            if (message := self.read_stored(place)) is not None:
                yield place, message

    def read_stored(self, stored: interface.StoredEvent) -> interface.StoredContent | None:
        with self._turn:
            if f"{_SMS}{stored.index}" not in self._list():
                return None
            return content(self._open().bus.properties(f"{_SMS}{stored.index}", ".Sms"))

    def delete_stored(self, stored: interface.StoredEvent) -> None:
        with self._turn:
            path = f"{_SMS}{stored.index}"
            if path in self._list():
                self._open().call(".Modem.Messaging", "Delete", "o", path)

    def _list(self) -> list[str]:
        return list(self._open().call(".Modem.Messaging", "List"))

    def _forget(self, message: str) -> None:
        """ModemManager keeps what it sent until it is deleted; a failure is put right at the next `open`."""
        with suppress(ModemError):
            self._open().call(".Modem.Messaging", "Delete", "o", message)

    def _forget_sent(self) -> None:
        """Delete what an earlier daemon left, so that nothing is sent by itself; what is on the card stays."""
        for path in self._list():
            properties = self._open().bus.properties(path, ".Sms")
            if properties["PduType"] == SUBMIT and properties["Storage"] == 0:
                self._forget(path)

    # -- the bus -----------------------------------------------------------------------------------------------

    def _open(self) -> Managed:
        if self._modem is None:
            raise PortGone(f"{self._device} is not open")
        return self._modem

    def _hear(self, message: Message) -> None:
        """A signal, in the reader's thread."""
        fields, body = message.header.fields, message.body
        path, member = str(fields.get(HeaderFields.path, "")), fields.get(HeaderFields.member)
        modem = self._modem.path if self._modem else None
        if is_gone(message) or (member == "InterfacesRemoved" and body[0] == modem):
            self._lose()
        elif member == "Added" and path == modem and body[1]:
            self._may_have_missed = self._modem is not None and self._modem.misses_bursts
            self._add(_place(body[0]))
        elif member == "PropertiesChanged" and body[0] == f"{SERVICE}.Sms" and _state(body[1]) == RECEIVED:
            self._add(_place(path))  # its last part came

    def _lose(self) -> None:
        self._add(interface.PortLost())


def _state(changed: Mapping[str, tuple[str, Any]]) -> Any:
    return changed["State"][1] if "State" in changed else None


def _place(path: str) -> interface.StoredEvent:
    return interface.StoredEvent(_STORAGE, int(path.rpartition("/")[2]), report=False)

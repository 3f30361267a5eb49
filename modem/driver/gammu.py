"""The python-gammu driver (`driver = gammu`), for modems that the AT driver cannot drive.

Never the default: libgammu sleeps 700 ms in every message. Its process (`modem.driver.gammu_process`) is killed when it
does not answer in time.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from modem.driver.dialogue.handover import is_doubtful
from modem.driver.dialogue.storage import Storages
from modem.driver.dialogue.unlock import enter_pin
from modem.driver.gammu_process.child import Call, Child, Heard, Traffic
from modem.driver.gammu_process.phone import Phone
from modem.driver.interface.base import BaseDriver
from modem.driver.interface.protocol import (
    Capability,
    ModemIdentity,
    PortLost,
    Registration,
    StorageUse,
    StoredContent,
    StoredEvent,
)
from modem.errors import (
    CmsError,
    CommandError,
    ModemError,
    ModemTimeout,
    PortError,
    PortGone,
    ProtocolError,
    SubmitUnconfirmed,
)
from modem.sms.message import OutgoingPart
from modem.sms.submit import libgammu_message

OPEN_TIMEOUT_S: Final = 30.0
CALL_TIMEOUT_S: Final = 20.0
# A storage that cannot be listed is read place by place.
LIST_TIMEOUT_S: Final = 60.0
PROBE_TIMEOUT_S: Final = 5.0
# SMSC address unknown (27.005 § 3.2.5): libgammu sends nothing without one.
_NO_CENTRE: Final = 330

_P = ParamSpec("_P")
_T = TypeVar("_T")


class GammuDriver(BaseDriver):
    """`ModemDriver` over python-gammu. `on_traffic` gets the lines of the dialogue as libgammu tells them: numbers and
    texts too, never the PIN.

    A call that is not answered within its deadline costs the process: `PortLost` is added, and `open` starts another.
    """

    _told_smsc: str | None = None
    _child: Child | None = None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """No `late`, because the process is gone then."""
        return frozenset({"direct", "stored", "link", "reset", "bearer", "port"})

    # -- the port ----------------------------------------------------------------------------------------------

    def open(self) -> ModemIdentity:
        """Start the process, take the port and set the phone up: a second, on a phone that answers at once. Raises as
        the protocol's `open` does.
        """
        with self._turn:
            self._drop()
            self._forget_losses()
            try:
                self._child = Child(self._device, self._hear)
            except OSError as error:
                raise PortError("the gammu process cannot be started") from error
            try:
                identity, locked, tries_left = self._ask_within(OPEN_TIMEOUT_S, Phone.identity)
                self._unlock(identity.iccid or identity.imei, locked, tries_left)
                imsi, self._told_smsc = self._ask_within(OPEN_TIMEOUT_S, Phone.card)
                self._ask_within(OPEN_TIMEOUT_S, Phone.prepare)
            except BaseException:
                self._drop()
                raise
        return replace(identity, imsi=imsi, smsc=self._centre)

    def close(self) -> None:
        if child := self._child:
            child.kill()
        with self._turn:
            self._drop()

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child:
            child.close()

    def _unlock(self, card: str, locked: bool, tries_left: int | None) -> None:
        """Once per card and PIN (27.007 § 8.3)."""
        if locked:
            enter_pin(self._pin, card, tries_left, lambda pin: self._ask(Phone.enter_pin, pin))
        elif self._pin:
            self._pin.accepted(card)

    @property
    def _centre(self) -> str | None:
        """libgammu names the service centre in every message: the configured one, else the card's own."""
        return self._smsc or self._told_smsc

    # -- questions and orders ----------------------------------------------------------------------------------

    def registration(self) -> Registration:
        return self._ask(Phone.registration)

    def signal_dbm(self) -> int | None:
        return self._ask(Phone.signal_dbm)

    def ussd(self, code: str) -> str:
        """libgammu sees the end of a +CUSD only in what comes behind it: it is left out."""
        raise CommandError("AT+CUSD")

    def hold_link(self, hold: bool) -> None:
        with suppress(ModemError):  # the next submit finds out what is wrong
            self._ask(Phone.hold_link, hold)

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        """`on_pdu_start` runs before libgammu is called, for nothing can hold it back at the prompt: a kill in between
        leaves a part UNCONFIRMED that never went out. A part that libgammu would not send octet for octet as the AT
        driver does (one without validity) is a PduError.
        """
        libgammu_message(part)
        with self._turn:
            self._ask(Phone.ready)
            if (smsc := self._centre) is None:
                raise CmsError("SendSMS", _NO_CENTRE)
            on_pdu_start()
            started = time.monotonic()
            try:
                return self._ask_within(self._submit_timeout_s, Phone.submit, part, smsc)
            except ModemError as error:
                waited_s = time.monotonic() - started
                if self._may_be_out(error, waited_s):
                    raise SubmitUnconfirmed(waited_s) from (None if isinstance(error, ProtocolError) else error)
                raise

    def _may_be_out(self, error: ModemError, waited_s: float) -> bool:
        """False when it is sure that the network has nothing of it."""
        if isinstance(error, CommandError):
            return is_doubtful(error, waited_s)
        if isinstance(error, ModemTimeout):
            return self._child is not None and self._child.killed  # else no prompt came
        return isinstance(error, PortGone | ProtocolError)  # the latter was taken, but under no reference

    def probe(self) -> None:
        self._ask_within(PROBE_TIMEOUT_S, Phone.probe)

    def reset(self) -> None:
        with self._turn:
            with suppress(PortGone):  # a modem that goes before it answers has obeyed
                self._ask(Phone.reset)
            self._drop()  # held, the port's name could not come back

    def switch_bearer(self) -> bool:
        return self._ask(Phone.switch_bearer)

    def restore_smsc(self) -> bool:
        self._told_smsc = self._ask(Phone.card)[1] or self._told_smsc
        return self._centre is not None

    # -- what came in ------------------------------------------------------------------------------------------

    def storage_use(self) -> list[StorageUse]:
        return self._ask(Storages.use)

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        return self._ask_within(LIST_TIMEOUT_S, Storages.waiting)

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        return self._ask(Storages.read, stored)

    def delete_stored(self, stored: StoredEvent) -> None:
        self._ask(Storages.delete, stored)

    # -- the process -------------------------------------------------------------------------------------------

    def _ask(self, method: Callable[Concatenate[Any, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return self._ask_within(CALL_TIMEOUT_S, method, *args, **kwargs)

    def _ask_within(
        self, timeout_s: float, method: Callable[Concatenate[Any, _P], _T], *args: _P.args, **_: _P.kwargs
    ) -> _T:
        """The answer of its phone or storages. Raises what they do, PortGone, and ModemTimeout after a kill."""
        with self._turn:
            if self._child is None:
                raise PortGone(f"{self._device} is not open")
            owner, name = method.__qualname__.split(".")
            call = Call(f"storages.{name}" if owner == Storages.__name__ else name, args)
            try:
                return cast(_T, self._child.ask(call, timeout_s))
            except ModemTimeout:
                if self._child.killed:
                    self._add(PortLost())
                raise

    def _hear(self, heard: Heard) -> None:
        """From the reader's thread."""
        if isinstance(heard, Traffic):
            self._show(heard.direction, heard.data)
        else:
            self._add(heard)

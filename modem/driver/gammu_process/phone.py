"""A phone, through gammu.StateMachine: what the driver calls, as python-gammu does it for any phone."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import gammu

from modem.driver.dialogue.unlock import check_ready
from modem.driver.gammu_process.content import content, event, modem_error
from modem.driver.gammu_process.messages import Connect, Heard
from modem.driver.gammu_process.port import Port
from modem.driver.gammu_process.trail import Passage, Trail
from modem.driver.interface.protocol import ModemIdentity, Registration, StorageUse, StoredContent, StoredEvent
from modem.errors import ModemError, ModemTimeout, PortGone, ProtocolError
from modem.sms.message import OutgoingPart
from modem.sms.submit import libgammu_message

# Reports directly if it can, else into the storage: as the AT driver has it. Without this line python-gammu leaves
# every setting at 0 and libgammu takes that for "no indications". Cell broadcasts are never wanted.
CNMI: Final = ("2,1,0,1,0", "2,1,0,2,0")
# Errors after which nothing else needs to be tried.
LOST: Final = (ModemTimeout, PortGone)
# More than libgammu keeps of what came in, so that nothing is left behind.
_READS: Final = 12
_ON_NETWORK: Final = frozenset({"HomeNetwork", "RoamingNetwork"})
# libgammu's locations go on through all folders of a phone.
_ALL_FOLDERS: Final = 0


class Phone:
    """One phone. `tell` is called, in the caller's thread, with what came by itself. Raises ModemError."""

    def __init__(self, connect: Connect, port: Port, tell: Callable[[Heard], None]) -> None:
        self.port = port
        self._connect, self._tell = connect, tell
        self._trail = Trail()
        self.passage = Passage("")
        self._came: list[dict[str, Any]] = []
        self.imsi: str | None = None
        self._machine = self._connected(CNMI[0])

    def _connected(self, cnmi: str) -> gammu.StateMachine:
        machine = gammu.StateMachine()
        # only a file can say it: nobody else ever opens this one
        file = os.memfd_create("gammurc")
        os.write(file, f"[gammu]\natgen_setcnmi={cnmi}\n".encode())
        machine.ReadConfig(0, 0, f"/proc/self/fd/{file}")
        os.close(file)
        machine.SetConfig(
            0,
            {
                "Device": self._connect.device,
                "Connection": self._connect.connection,
                "Model": self._connect.model,
                "UseGlobalDebugFile": True,
                "LockDevice": False,
                "StartInfo": False,
                "SyncTime": False,
            },
        )
        self._machine = machine
        self.call("Init")
        # without a callback the next event ends the process
        machine.SetIncomingCallback(self._called)
        return machine

    # -- what the driver calls ---------------------------------------------------------------------------------

    def identity(self) -> tuple[ModemIdentity, bool, int | None]:
        """Who answers, without IMSI and service centre; whether the card asks for its PIN, and the tries left where
        it tells them. Raises PukRequired, SimError.
        """
        identity = ModemIdentity(
            manufacturer=self._said("AT+CGMI", self.call("GetManufacturer")),
            model=self._said("AT+CGMM", self.call("GetModel")[1]),
            revision=self._said("AT+CGMR", self.call("GetFirmware")[0]),
            imei=self.call("GetIMEI"),
            imsi=None,
            iccid=None,
            smsc=None,
        )
        state = self._card_state()
        if state != "SIM PIN":
            check_ready(state)
        return identity, state == "SIM PIN", None

    def enter_pin(self, pin: str) -> None:
        self.call("EnterSecurityCode", "PIN", pin)

    def card(self) -> tuple[str | None, str | None]:
        """The IMSI and the service centre of a card that is open."""
        self.imsi = self._optional("GetSIMIMSI") or None
        told = self._optional("GetSMSC", 1)
        return self.imsi, (told["Number"] or None) if told else None

    def prepare(self) -> None:
        """Ask to be told what comes. A phone that refuses it is asked from time to time what waits."""
        with suppress(ModemError):
            self.call("SetIncomingSMS", True)

    def ready(self) -> None:
        """Raises PortGone like every call when the port is gone; the phone itself is not asked."""

    def submit(self, part: OutgoingPart, smsc: str) -> int:
        """TP-MR. Waits for ever where no answer comes: whoever asked has the deadline."""
        try:
            return checked(int(self.call("SendSMS", submission(part, smsc))))
        except ModemTimeout:
            raise PortGone("SendSMS") from None  # how far libgammu came, python-gammu does not say

    def registration(self) -> Registration:
        """As `ModemDriver.registration`, without the technology."""
        if self.imsi and self._optional("GetSIMIMSI") not in (None, "", self.imsi):
            raise PortGone("another card is in the phone")
        told = self.call("GetNetworkInfo")
        states = {told.get("State"), told.get("PacketState")} & _ON_NETWORK
        if not states:
            return Registration(False, False, None, None)
        return Registration(True, "HomeNetwork" not in states, None, told["NetworkCode"].replace(" ", "") or None)

    def signal_dbm(self) -> int | None:
        """libgammu says -1 for unknown, and only what is below that can be dBm."""
        told = self._optional("GetSignalQuality")
        dbm = int(told["SignalStrength"]) if told else -1
        return dbm if dbm < -1 else None

    def probe(self) -> None:
        """A refusal is a sign of life too."""
        self._optional("GetSignalQuality")

    def reset(self) -> None:
        self.call("Reset", False)

    def hold_link(self, hold: bool) -> None:
        """Only an AT phone can be told that."""

    def switch_bearer(self) -> bool:
        return False

    def storage_use(self) -> list[StorageUse]:
        told = self.call("GetSMSStatus")
        uses = [StorageUse(name, told[f"{at}Used"], told[f"{at}Size"]) for name, at in (("SM", "SIM"), ("ME", "Phone"))]
        return [use for use in uses if use.total > 0]

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        """All that came in and was not deleted."""
        found: list[tuple[StoredEvent, StoredContent]] = []
        messages = self._stored("GetNextSMS", _ALL_FOLDERS, True)
        while messages:
            message, location = messages[0], int(messages[0]["Location"])
            if message["InboxFolder"]:
                report = message["Type"] == "Status_Report"
                found.append((StoredEvent(message["Memory"] or "ME", location, report), content(message)))
            messages = self._stored("GetNextSMS", _ALL_FOLDERS, False, location)
        return found

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        found = self._stored("GetSMS", _ALL_FOLDERS, stored.index)
        return content(found[0]) if found else None

    def delete_stored(self, stored: StoredEvent) -> None:
        try:
            self.call("DeleteSMS", _ALL_FOLDERS, stored.index)
        except LOST:
            raise
        except ModemError:
            if self.read_stored(stored):
                raise

    # -- what comes by itself ----------------------------------------------------------------------------------

    def listen(self) -> None:
        """Take in what came."""
        for _ in range(_READS):
            self._machine.ReadDevice(False)
        self._taken()

    def attend(self) -> None:
        """Pass on what came."""
        while self._came:
            self._tell(event(self._came.pop(0)))

    def _called(self, machine: object, kind: str, event: dict[str, Any]) -> None:
        """From libgammu, within a call."""
        if kind == "SMS":
            self._came.append(event)

    # -- python-gammu ------------------------------------------------------------------------------------------

    def call(self, call: str, *arguments: Any) -> Any:
        """One of gammu.StateMachine's calls; `passage` is the dialogue that it was."""
        try:
            result = getattr(self._machine, call)(*arguments)
        except gammu.GSMError as error:
            self.passage = self._taken()
            raise modem_error(error, self.passage) from error
        except (ValueError, TypeError) as error:  # python-gammu cannot say in Python what libgammu understood
            self.passage = self._taken()
            raise ProtocolError(f"{call}: an answer that libgammu does not know") from error
        self.passage = self._taken()
        return result

    def _optional(self, call: str, *arguments: Any) -> Any:
        """None when the phone refuses."""
        try:
            return self.call(call, *arguments)
        except LOST:
            raise
        except ModemError:
            return None

    def _stored(self, call: str, *arguments: Any) -> list[dict[str, Any]]:
        """None at an empty place and behind the last one."""
        return self._optional(call, *arguments) or []

    def _card_state(self) -> str:
        """As AT+CPIN? tells it: READY, SIM PIN, SIM PUK …"""
        try:
            told = self.call("GetSecurityStatus")
        except ModemError as error:
            if isinstance(error.__cause__, gammu.ERR_NOTSUPPORTED):  # a phone that is no modem
                return "READY"
            raise
        return f"SIM {told}" if told else "READY"

    def _said(self, command: str, otherwise: str) -> str:
        """What the phone answered to `command`."""
        return otherwise

    def _taken(self) -> Passage:
        return self._trail.take()


def submission(part: OutgoingPart, smsc: str) -> dict[str, Any]:
    """What SendSMS takes. Raises PduError."""
    message = libgammu_message(part)
    message["SMSC"]["Number"] = smsc
    return message


def checked(reference: int | None) -> int:
    """TP-MR of a message that was taken: without it no report can be matched with it. Raises ProtocolError."""
    if reference is None or not 0 <= reference <= 255:
        raise ProtocolError("it was taken under no reference")
    return reference

"""The phone inside the modem: SIM, radio, storage, and what the network has for it. Knows nothing of AT dialogue."""

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from modem.sim.identity import Identity
from modem.sim.network import Network
from modem.sim.profile import GSM, Profile
from modem.sim.tpdu import SMSC, Submit, make_address, make_delivers, make_report

SimState = Literal["READY", "SIM PIN", "SIM PUK", "ABSENT"]
Kind = Literal["deliver", "report", "submit"]

# a network that cannot hand something over tries again
RETRY_S = 10.0
PIN_TRIES = 3


@dataclass(slots=True)
class Stored:
    """One place of storage. `status` as in 3GPP TS 27.005 § 3.1: 0 unread, 1 read, 2 unsent, 3 sent."""

    kind: Kind
    status: int
    pdu: bytes


@dataclass(slots=True)
class Settings:
    """What AT commands set and a restart forgets."""

    echo: bool = True
    error_detail: int = 0
    message_format: int = 0
    service: int = 0
    cnmi: tuple[int, ...] = (2, 0, 0, 0, 0)
    registration_reports: dict[str, int] = field(default_factory=dict)
    operator_format: int = 0
    keep_link: int = 0
    character_set: str = "GSM"
    bearer: int = 3
    memories: tuple[str, str, str] = ("SM", "SM", "SM")
    quiet: bool = False


@dataclass(slots=True)
class Phone:
    """State that outlives a dialogue. Times are seconds since the epoch. `smsc` is E.164."""

    identity: Identity
    network: Network
    profile: Profile
    report_s: float = 0.05
    sim: SimState = "READY"
    pin: str = "1234"
    smsc: str = SMSC
    next_reference: int = 0
    settings: Settings = field(default_factory=Settings)
    stores: dict[str, dict[int, Stored]] = field(default_factory=dict)
    pin_tries: int = PIN_TRIES
    radio_on: bool = True
    deregistered: bool = False
    network_on: bool = True
    card_in: bool = True
    quality: int = 20
    counts: dict[str, int] = field(default_factory=lambda: {"reports": 0, "inbound": 0})
    _coming: list[tuple[float, int, Kind, bytes]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.stores = {name: {} for name in self.profile.memories}

    @property
    def sim_state(self) -> SimState:
        return self.sim if self.card_in else "ABSENT"

    @property
    def registered(self) -> bool:
        return self.network_on and self.radio_on and not self.deregistered and self.sim_state == "READY"

    def restart(self) -> None:
        """Off and on again: settings are lost; SIM, storage and what the network holds stay."""
        self.settings = Settings()
        self.radio_on, self.deregistered = True, False

    def enter_pin(self, pin: str) -> bool:
        """3GPP TS 27.007 § 8.3; three wrong ones and the SIM asks for its PUK."""
        if pin == self.pin:
            self.sim, self.pin_tries = "READY", PIN_TRIES
            return True
        self.pin_tries -= 1
        if self.pin_tries <= 0:
            self.sim = "SIM PUK"
        return False

    def registration_line(self, command: str) -> str:
        """`stat[,lac,ci[,AcT]]` as the setting of this registration command wants it, TS 27.007 § 7.2."""
        line = "1" if self.registered else "2" if self.network_on and self.radio_on else "0"
        if self.settings.registration_reports.get(command, 0) < 2 or not self.registered:
            return line
        # access technology was not in the 2G modems' answer
        technology = "" if self.profile.technology == GSM else f",{self.profile.technology}"
        return f'{line},"00C3","0000A1B2"{technology}'

    def submit_refusal(self) -> int | None:
        """The CMS code (TS 27.005 § 3.2.5) that stands before any submit, if one does."""
        codes: dict[SimState, int] = {"ABSENT": 310, "SIM PIN": 311, "SIM PUK": 312}
        return codes.get(self.sim_state) or (None if self.registered else 331)

    def take_reference(self) -> int:
        """TP-MR of the next submit; the modem's own count, whatever the PDU says (TS 23.040 § 9.2.3.6)."""
        reference = self.next_reference
        self.next_reference = (reference + 1) % 256
        return reference

    def expect_report(self, submit: Submit, reference: int, status: int, now: float) -> None:
        """The network will report on this submit after `report_s`."""
        due = now + self.report_s
        self._expect(due, "report", make_report(submit, reference, status, now, due))

    def expect_text(self, sender: str, text: str, now: float) -> int:
        """Somebody writes to this SIM; returns the parts. Raises ValueError when `sender` can be no sender."""
        parts = list(make_delivers(sender, text, next(self._order), now))
        for part in parts:
            self._expect(now, "deliver", part)
        return len(parts)

    def _expect(self, due: float, kind: Kind, tpdu: bytes) -> None:
        heapq.heappush(self._coming, (due, next(self._order), kind, tpdu))

    @property
    def due(self) -> float | None:
        """When something next comes in."""
        return self._coming[0][0] if self._coming else None

    def receive(self, now: float) -> list[str]:
        """What the modem says (3GPP TS 27.005 § 3.4.1) about what has come in until now."""
        lines: list[str] = []
        while self._coming and self._coming[0][0] <= now:
            _, _, kind, tpdu = heapq.heappop(self._coming)
            pdu = self._smsc_field() + tpdu
            line = self._hand_over(kind, pdu, len(tpdu)) if self.registered else None
            if line is None:
                self._expect(now + RETRY_S, kind, tpdu)
                continue
            self.counts["reports" if kind == "report" else "inbound"] += 1
            lines += [line] if line else []
        return lines

    def _hand_over(self, kind: Kind, pdu: bytes, tpdu_octets: int) -> str | None:
        """The line to say, empty when nothing is to be said, None when there is no place."""
        mode = self.settings.cnmi[3 if kind == "report" else 1]
        if kind == "report" and mode == 0:
            return ""
        if kind == "report" and mode == 1:
            return f"+CDS: {tpdu_octets}\r\n{pdu.hex().upper()}"
        if kind == "deliver" and mode >= 2:
            return f"+CMT: ,{tpdu_octets}\r\n{pdu.hex().upper()}"
        memory = self.settings.memories[2]
        place = self.store(memory, Stored(kind, 0, pdu))
        if place is None:
            return None
        if kind == "deliver" and mode == 0:
            return ""
        return f'{"+CDSI" if kind == "report" else "+CMTI"}: "{memory}",{place}'

    def store(self, memory: str, message: Stored) -> int | None:
        """The place it got, from 1; None when the memory is full."""
        places = self.stores[memory]
        free = next((place for place in range(1, self.profile.memories[memory] + 1) if place not in places), None)
        if free is not None:
            places[free] = message
        return free

    def _smsc_field(self) -> bytes:
        address = make_address(self.smsc)
        return bytes([len(address) - 1]) + address[1:]

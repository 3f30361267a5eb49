"""What the tests of the simulator share: PDUs made by libgammu, and a client at the modem's wire without a pty."""

from dataclasses import dataclass, field
from typing import Any

import gammu

from modem.sim.identity import Identity
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone

NOW = 1_795_500_000.0
ANNA = "+32470000001"
BERT = "+32470000002"


def pdus(text: str, to: str = ANNA, *, ucs2: bool = False, report: bool = True) -> list[bytes]:
    """Whole SUBMIT PDUs (with an empty service centre address), by a codec that is not the simulator's."""
    info = {"Class": -1, "Unicode": ucs2, "Entries": [{"ID": "ConcatenatedTextLong", "Buffer": text}]}
    made = []
    for part in gammu.EncodeSMS(info):
        part["SMSC"] = {"Number": "", "Validity": "4H"}
        part["Number"] = to
        part["Type"] = "Status_Report" if report else "Submit"
        pdu = gammu.EncodePDU(part, "Submit")
        made.append(b"\x00" + bytes(pdu[1 + pdu[0] :]))
    return made


def tpdus(text: str, to: str = ANNA, *, ucs2: bool = False) -> list[bytes]:
    return [pdu[1:] for pdu in pdus(text, to, ucs2=ucs2)]


def without_validity(pdu: bytes) -> bytes:
    """The same SUBMIT, of which the relative validity is left out."""
    return pdu[:1] + bytes([pdu[1] & ~0x18]) + pdu[2:13] + pdu[14:]


def with_reference(tpdu: bytes, reference: int) -> bytes:
    """The same part with another concatenation reference of 8 bits."""
    at = tpdu.index(b"\x05\x00\x03") + 3
    return tpdu[:at] + bytes([reference]) + tpdu[at + 1 :]


def command(pdu: bytes) -> bytes:
    return b"AT+CMGS=%d\r" % (len(pdu) - 1 - pdu[0])


def entry(pdu: bytes) -> bytes:
    return pdu.hex().upper().encode() + b"\x1a"


@dataclass
class Desk:
    """One modem and whoever types at it; `now` goes on only when told."""

    modem: SimModem
    now: float = NOW
    heard: bytes = field(default=b"")

    @property
    def network(self) -> Network:
        return self.modem.phone.network

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(line["to"], line["text"]) for line in self.network.messages.lines]

    def type(self, data: bytes) -> str:
        return self.modem.feed(data, self.now).decode()

    def at(self, line: str) -> list[str]:
        """The words of the answer to a command line."""
        return self.type(line.encode() + b"\r").split()

    def ask(self, line: str) -> list[str]:
        """The lines of the answer to a command line."""
        return [said for said in self.type(line.encode() + b"\r").replace("\r", "\n").split("\n") if said]

    def send(self, pdu: bytes) -> str:
        """What comes after Ctrl-Z."""
        prompt = self.type(command(pdu))
        return self.type(entry(pdu)) if prompt.endswith("> ") else prompt

    def wait(self, seconds: float) -> str:
        """Lets time pass, polling whenever something is due."""
        end, said = self.now + seconds, b""
        while (due := self.modem.due()) is not None and due <= end:
            self.now = max(self.now, due)
            said += self.modem.poll(self.now)
        self.now = end
        return (said + self.modem.poll(end)).decode()


def desk(profile: str = "default", faults: str = "", seed: int = 0, **options: Any) -> Desk:
    """A modem without echo; `options` are SimModem's, and some of Phone's."""
    of_phone = {key: options.pop(key) for key in _OF_PHONE if key in options}
    script = options.get("script")
    phone = Phone(Identity.derive(seed), Network(), script.profile() if script else PROFILES[profile], **of_phone)
    made = Desk(SimModem(phone, Faults([faults], seed), **options))
    phone.now = made.now
    made.at("ATE0")
    return made


_OF_PHONE = ("sim", "report_s", "next_reference", "number", "pin_tries")

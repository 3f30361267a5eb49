"""The phone inside the modem: SIM, storages, and incoming messages. It does not know the AT dialogue."""

from collections.abc import Callable
from dataclasses import dataclass, field

from modem.sim.identity import Identity
from tests.simulator.base.arrivals import Arrival, Arrivals, Storage, Stored
from tests.simulator.base.network import Network
from tests.simulator.base.profile import GSM, Profile
from tests.simulator.base.tpdu import SMSC, Submit, make_address, make_deliver_of


@dataclass
class Settings:
    """Settings of AT commands, which a restart forgets."""

    echo: bool = True
    error_detail: int = 0
    service: int = 0
    cnmi: tuple[int, ...] = (2, 0, 0, 0, 0)
    registration_reports: dict[str, int] = field(default_factory=dict)
    operator_format: int = 0
    keep_link: int = 0
    character_set: str = "GSM"
    bearer: int = 3
    ussd_told: int = 0
    memories: tuple[str, str, str] = ("SM", "SM", "SM")

    @classmethod
    def of(cls, profile: Profile) -> "Settings":
        """As they are after switching on."""
        first = next(iter(profile.memories))
        return cls(
            echo=profile.echo,
            error_detail=profile.error_detail,
            service=profile.services[0],
            memories=(first, first, first),
        )


@dataclass
class Phone:
    """State that outlives a dialogue. Times are seconds since the epoch; `smsc` and `number`, its own, are E.164.

    `now` is the time, kept going by the phone's holder. `report_s` is the time from a receipt to its status report.
    """

    identity: Identity
    network: Network
    profile: Profile = field(default_factory=Profile)
    report_s: float = 0.05
    smsc: str = SMSC
    number: str = ""
    next_reference: int = 0
    settings: Settings = field(init=False)
    storages: dict[str, Storage] = field(init=False)
    arrivals: Arrivals = field(default_factory=Arrivals)
    quality: int = 20
    now: float = 0.0
    news: list[str] = field(default_factory=list)  # what is to be said unasked
    # Hands an SMS-DELIVER to another simulated modem, by its number.
    carry: Callable[[str, bytes], None] = lambda number, tpdu: None

    def __post_init__(self) -> None:
        self.settings = Settings.of(self.profile)
        self.storages = {name: Storage(places) for name, places in self.profile.memories.items()}

    def restart(self) -> None:
        """Off and on again: settings are lost; storage and waiting messages are kept."""
        self.settings = Settings.of(self.profile)

    @property
    def registered(self) -> bool:
        """The network serves this SIM."""
        return True

    def registration_line(self, command: str) -> str:
        """`stat[,location]` in the form set by this registration command, TS 27.007 § 7.2."""
        line = str(self.profile.registered_as[command])
        if self.settings.registration_reports.get(command, 0) < 2:
            return line
        return f"{line},{self.profile.location.replace('{access}', str(self.profile.technology))}"

    @property
    def technology(self) -> str:
        """`,<AcT>`; access technology was not in the 2G modems' answers."""
        return "" if self.profile.technology == GSM else f",{self.profile.technology}"

    def take_reference(self) -> int:
        """TP-MR of the next submit; the modem's own count, whatever is in the PDU (TS 23.040 § 9.2.3.6)."""
        reference = self.next_reference
        self.next_reference = (reference + 1) % 256
        return reference

    def hand_over(self, submit: Submit, reference: int, now: float, began: float) -> None:
        """The network has this submit, whose AT+CMGS `began` then; its consequences arrive later."""
        self.network.take(submit, reference, now, began)
        if submit.wants_report:
            self.arrivals.add_report(submit, reference, now, self.report_s)
        if self.number:
            due = now + self.report_s
            text = make_deliver_of(submit, self.number, due)
            if submit.to == self.number:
                self.arrivals.add_part(due, text, self.number)
            else:
                self.carry(submit.to, text)

    @property
    def due(self) -> float | None:
        """The time at which something comes in next."""
        return self.arrivals.due

    def receive(self) -> list[str]:
        """The modem's lines (3GPP TS 27.005 § 3.4.1) about arrivals until now."""
        lines: list[str] = []
        while arrival := self.arrivals.take(self.now):
            line = self._line_of(arrival)
            if line is None:
                self.arrivals.postpone(arrival, self.now)
            elif line:
                lines.append(line)
        return lines

    def _line_of(self, arrival: Arrival) -> str | None:
        """The line to send, empty if there is none, None if no place is free."""
        report = arrival.kind == "report"
        mode = self.settings.cnmi[3 if report else 1]
        if report and mode == 0:
            return ""
        pdu = self.smsc_field(arrival.smsc) + arrival.tpdu
        if mode == 1 if report else mode >= 2:
            head = "+CDS: " if report else f"+CMT: {self.profile.alpha},"
            return f"{head}{len(arrival.tpdu)}\r\n{pdu.hex().upper()}"
        memory = self.memory_for(arrival)
        place = self.storages[memory].put(Stored(arrival.kind, 0, pdu))
        if place is None:
            return None
        if not report and mode == 0:
            return ""
        return f'{"+CDSI" if report else "+CMTI"}: "{memory}",{place}'

    def memory_for(self, arrival: Arrival) -> str:
        """The storage that takes it in."""
        return self.settings.memories[2]

    def smsc_field(self, smsc: str) -> bytes:
        """The field before a TPDU (TS 27.005 § 3.1); the SIM's own centre when `smsc` is empty."""
        address = make_address(smsc or self.smsc)
        return bytes([len(address) - 1]) + address[1:]

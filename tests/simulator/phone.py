"""The phone inside the modem with all that may become of its SIM, its radio and its calls."""

from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from tests.simulator.arrivals import Arrivals
from tests.simulator.base import phone
from tests.simulator.base.arrivals import Arrival, Stored
from tests.simulator.base.tpdu import SMSC
from tests.simulator.calls import Calls
from tests.simulator.deliver import make_delivers
from tests.simulator.faults import Faults
from tests.simulator.profile import Profile, with_other_card

SimState = Literal["READY", "SIM PIN", "SIM PUK", "ABSENT"]

PIN_TRIES, PUK_TRIES = 3, 10
# A radio that was switched on has to look for its network.
FIND_NETWORK_S = 0.3
# AT+CNMA has to come within this time (27.005 § 3.4.1 leaves it to the network's timer).
ACKNOWLEDGE_S = 10.0
_OLD_TEXT = "Ancien message"


@dataclass
class Settings(phone.Settings):
    """Settings of AT commands, which a restart forgets."""

    verbose: bool = True
    results: bool = True
    caller_shown: int = 0
    ring_told: int = 0
    ims_told: int = 0
    quiet: bool = False
    text_mode: bool = False


@dataclass
class Phone(phone.Phone):
    """From `card_at` on the SIM can be read, from `sms_at` on there is service, from `late_until` on commands about SMS
    are not refused with `late_code`. `pin_tries` are those left.
    """

    profile: Profile = field(default_factory=Profile)
    sim: SimState = "READY"
    pin: str = "1234"
    pin_tries: int = PIN_TRIES
    settings: Settings = field(init=False)
    arrivals: Arrivals = field(default_factory=Arrivals)
    calls: Calls = field(default_factory=Calls)
    pin_wanted: bool = field(init=False)
    functionality: int = 1
    deregistered: bool = False
    network_on: bool = True
    network_lost_until: float = 0.0
    card_in: bool = True
    # The modem does not see its card until it restarts.
    is_stuck: bool = False
    # It refuses every PDU with this code until it restarts.
    mad_code: int = 0
    ims: str = field(init=False)
    ims_announced: bool = True
    card_at: float = 0.0
    sms_at: float = 0.0
    late_until: float = 0.0
    late_code: int = 0
    # What was said directly and is to be acknowledged until then.
    unacknowledged: tuple[Arrival, float] | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"reports": 0, "inbound": 0, "acknowledged": 0})
    _chains: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = Settings.of(self.profile)
        self.ims = self.profile.ims
        self.pin_wanted = self.sim == "SIM PIN"

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.arrivals.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.arrivals.faults = faults

    @property
    def sim_state(self) -> SimState:
        """The state that AT+CPIN? tells."""
        return self.sim if self.card_in and self.functionality and not self.is_stuck else "ABSENT"

    @property
    def card_busy(self) -> bool:
        return self.now < self.card_at

    @property
    def is_late(self) -> bool:
        """Commands about SMS are not taken yet."""
        return self.now < self.late_until

    @property
    def has_network(self) -> bool:
        """There is a cell to be heard."""
        return self.network_on and self.functionality == 1 and self.now >= self.network_lost_until

    @property
    def registered(self) -> bool:
        return self.has_network and not self.deregistered and self.sim_state == "READY" and self.now >= self.sms_at

    def restart(self, card_s: float = 0.0, sms_s: float = 0.0) -> None:
        """Off and on again: settings are lost, the SIM asks for its PIN; storage and waiting messages stay. The card is
        read `card_s` from now, and there is service `sms_s` from now.
        """
        busy = self.faults.hits("simbusy")
        busy_s = busy.seconds if busy else 0.0
        self.settings = Settings.of(self.profile)
        self.settings.text_mode = self.faults.hits("textmode") is not None
        late = self.faults.hits("sms-late")
        self.late_until, self.late_code = (self.now + card_s + late.seconds, late.code) if late else (0.0, 0)
        self.is_stuck, self.mad_code = False, 0
        self.acknowledge(well=False)
        if left := self.faults.hits("left"):
            self.settings.verbose, self.settings.results = left.text != "V0", left.text != "Q1"
        off = self.faults.hits("radio-off")
        self.functionality, self.deregistered = off.code if off else 1, False
        self.calls.caller = ""
        self.card_at, self.sms_at = self.now + max(card_s, busy_s), self.now + max(sms_s, busy_s)
        self._ask_pin()

    def switch_to(self, functionality: int) -> None:
        """AT+CFUN: 1 all, 4 without radio, 0 without the card too, which asks for its PIN when it has power again."""
        if functionality != self.functionality == 0:
            self._ask_pin()
        if functionality == 1 != self.functionality:
            self.network_lost_until = max(self.network_lost_until, self.now + FIND_NETWORK_S)
        self.functionality = functionality

    def _ask_pin(self) -> None:
        if self.pin_wanted and self.sim == "READY":
            self.sim = "SIM PIN"

    def enter_pin(self, pin: str) -> bool:
        """3GPP TS 27.007 § 8.3; three wrong ones and the SIM asks for its PUK."""
        if pin == self.pin:
            self.sim, self.pin_tries = "READY", PIN_TRIES
            return True
        self.pin_tries = max(0, self.pin_tries - 1)
        if self.pin_tries == 0:
            self.sim = "SIM PUK"
        return False

    def take_card_out(self) -> None:
        if self.card_in:
            self.card_in = False
            self.news += self.profile.card_out

    def put_card_in(self) -> None:
        """The SIM is back; it asks for its PIN if it has one."""
        if not self.card_in:
            self.card_in = True
            self._ask_pin()
            self.news += self.profile.card_in

    def swap_card(self) -> None:
        """Another SIM is in the modem: without a PIN, with its own number and references, and nothing stored on it."""
        self.take_card_out()
        self.identity = with_other_card(self.identity)
        self.unlock()
        self.smsc, self.number, self.next_reference = SMSC, "", 0
        faults, self.arrivals = self.faults, Arrivals()
        self.faults = faults
        for name, storage in self.storages.items():
            if name != "ME":  # which is the modem's own
                storage.messages.clear()
        self.put_card_in()

    def lock(self, state: SimState) -> None:
        """The SIM asks for its PIN, or for its PUK."""
        self.sim, self.pin_wanted = state, True
        if state == "SIM PUK":
            self.pin_tries = 0

    def unlock(self) -> None:
        """The SIM is open and wants no PIN."""
        self.sim, self.pin_wanted, self.pin_tries = "READY", False, PIN_TRIES

    def lose_network(self, seconds: float) -> None:
        """No cell to be heard for so long; 0: until `network_on` is set."""
        if seconds:
            self.network_lost_until = self.now + seconds
        else:
            self.network_on = False

    def registration_line(self, command: str) -> str:
        if not self.registered:
            return "2" if self.has_network else "0"
        return super().registration_line(command)

    def submit_refusal(self) -> int | None:
        """The CMS code (TS 27.005 § 3.2.5) that stands before any submit, if one does."""
        codes: dict[SimState, int] = {"ABSENT": 310, "SIM PIN": 311, "SIM PUK": 316}
        if self.sim_state in codes:
            return codes[self.sim_state]
        if self.now < self.sms_at:
            return 314
        return None if self.registered else self.profile.no_network

    def expect_text(self, sender: str, text: str, now: float) -> int:
        """Somebody writes to this SIM; returns the parts. Raises ValueError when `sender` can be no sender."""
        parts = list(make_delivers(sender, text, next(self._chains), now))
        self.arrivals.add_text(sender, parts, now)
        return len(parts)

    def fill(self, number: int, memory: str) -> int:
        """Store old texts that were read long ago; returns how many found a place."""
        (tpdu,) = make_delivers("+32470000000", _OLD_TEXT, 0, self.now)
        put = 0
        while put < number and self.storages[memory].put(Stored("deliver", 1, self.smsc_field("") + tpdu)):
            put += 1
        return put

    @property
    def due(self) -> float | None:
        times = [self.unacknowledged[1] if self.unacknowledged else self.arrivals.due, self.calls.due]
        times += [time for time in (self.network_lost_until, self.sms_at) if time > self.now]
        return min((time for time in times if time is not None), default=None)

    def unasked(self) -> list[str]:
        """The modem's lines about the card and about calls."""
        if not self.news and not self.calls.caller:
            return []
        lines, self.news = self.news, []
        ring = "+CRING: VOICE" if self.settings.ring_told else "RING"
        return lines + self.calls.lines(self.now, ring, bool(self.settings.caller_shown), self.profile.call_over)

    def receive(self) -> list[str]:
        lines: list[str] = []
        if self.unacknowledged and self.now >= self.unacknowledged[1]:
            self.acknowledge(well=False)
            mode, _, cells, _, *buffer = self.settings.cnmi
            self.settings.cnmi = (mode, 0, cells, 0, *buffer)
        while self.unacknowledged is None and (arrival := self.arrivals.take(self.now)):
            line = self._line_of(arrival) if self.registered else None
            if line is None:
                if self.registered and self.profile.full:
                    lines.append(self.profile.full.replace("{memory}", self.memory_for(arrival)))
                self.arrivals.postpone(arrival, self.now)
                continue
            self.counts["reports" if arrival.kind == "report" else "inbound"] += 1
            lines += [line] if line else []
        return lines

    def acknowledge(self, *, well: bool = True) -> bool:
        """AT+CNMA; False when nothing was to be acknowledged. Not `well`: the network tries again."""
        if self.unacknowledged is None:
            return False
        (arrival, _), self.unacknowledged = self.unacknowledged, None
        if well:
            self.counts["acknowledged"] += 1
        else:
            self.arrivals.postpone(arrival, self.now)
        return True

    def _line_of(self, arrival: Arrival) -> str | None:
        line = super()._line_of(arrival)
        if line and line.startswith(("+CDS: ", "+CMT: ")) and self.settings.service == 1:
            self.unacknowledged = arrival, self.now + ACKNOWLEDGE_S
        if line and line.startswith("+CDSI: ") and self.profile.report_told:
            return f"+CDSI: {self.profile.report_told}"
        return line

    def memory_for(self, arrival: Arrival) -> str:
        return (self.profile.report_memory if arrival.kind == "report" else "") or super().memory_for(arrival)

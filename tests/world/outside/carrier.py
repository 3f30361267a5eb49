"""The network and the phones: what was taken from which card, what a phone got, and the reports that go back."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tests.simulator.arrivals import OTHER_SMSC
from tests.simulator.base.tpdu import Submit, make_report
from tests.world.timeline import Timeline

# TP-ST (3GPP TS 23.040 § 9.2.3.15): delivered, still trying, nobody has this number, its time ran out.
DELIVERED, TRYING, DEAD, TIMED_OUT = 0x00, 0x30, 0x41, 0x46
# A network may give up long before the validity ends.
KEPT_S = 1500.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One TPDU that the network has. `shown_at`: the time by the machine's clock; `began_s`: when its AT+CMGS began;
    `chain` is (reference, total, number).
    """

    at_s: float
    shown_at: datetime
    began_s: float
    imsi: str
    to: str
    text: str
    chain: tuple[int, int, int] | None
    reference: int


@dataclass
class Handset:
    """A member's phone. `off_until_s`: it is off until then; a dead number belongs to nobody."""

    number: str
    is_dead: bool = False
    off_until_s: float = 0.0
    got: list[Taken] = field(default_factory=list)

    def shows(self, texts: set[str]) -> bool:
        """True when it has all of these segments of one message, joined by card and reference."""
        joined: dict[tuple[str, int], set[str]] = defaultdict(set)
        for taken in self.got:
            joined[taken.imsi, taken.chain[0] if taken.chain else -1].add(taken.text)
        return any(texts <= shown for shown in joined.values())


@dataclass(frozen=True)
class Weather:
    """The network's mood of a night: chances per message, and usual seconds."""

    delay_s: float = 4.0
    no_report: float = 0.0
    report_twice: float = 0.0
    report_late: float = 0.0
    other_centre: float = 0.0
    trying: float = 0.0
    filtered: float = 0.0
    # It reports that it gave up, and delivers all the same.
    gives_up: float = 0.0


class Card(Protocol):
    """The SIM through which it came, and which gets the report."""

    imsi: str

    def hear_report(self, due_s: float, tpdu: bytes, smsc: str) -> None: ...


class Carrier:
    """One network for all cards."""

    def __init__(self, timeline: Timeline, weather: Weather, chance: random.Random) -> None:
        self._timeline, self.weather, self._chance = timeline, weather, chance
        self.taken: list[Taken] = []
        self.handsets: dict[str, Handset] = {}
        self.on_delivery = lambda handset, taken: None

    def handset(self, number: str) -> Handset:
        return self.handsets.setdefault(number, Handset(number))

    def take(self, card: Card, submit: Submit, reference: int, began_s: float) -> None:
        """The network has it; what comes of it comes in time."""
        now_s, chain = self._timeline.now_s, submit.concatenation
        taken = Taken(
            now_s, self._timeline.now(), began_s, card.imsi, submit.to, submit.text,
            (chain.reference, chain.total, chain.number) if chain else None, reference,
        )  # fmt: skip
        self.taken.append(taken)
        phone, weather = self.handset(submit.to), self.weather
        if self._rolls(weather.filtered):
            return
        due_s = max(now_s + weather.delay_s * self._chance.uniform(0.3, 2), phone.off_until_s)
        status = DELIVERED
        if phone.is_dead:
            due_s, status = now_s + self._chance.uniform(1, 30), DEAD
        elif due_s > now_s + KEPT_S:
            due_s, status = now_s + KEPT_S, TIMED_OUT
        if status == DELIVERED:
            self._timeline.at(due_s, lambda: self._deliver(phone, taken))
        self._report(card, submit, taken, due_s + self._chance.uniform(0.2, 2), status)

    def _deliver(self, phone: Handset, taken: Taken) -> None:
        phone.got.append(taken)
        self.on_delivery(phone, taken)

    def _report(self, card: Card, submit: Submit, taken: Taken, due_s: float, status: int) -> None:
        weather = self.weather
        if not submit.wants_report or self._rolls(weather.no_report):
            return
        if self._rolls(weather.trying):
            early_s = self._timeline.now_s + self._chance.uniform(0.5, 3)
            tpdu = make_report(submit.address, taken.reference, TRYING, taken.at_s, early_s)
            card.hear_report(early_s, tpdu, "")
        if status == DELIVERED and self._rolls(weather.gives_up):
            early_s = self._timeline.now_s + self._chance.uniform(0.5, 3)
            tpdu = make_report(
                submit.address, taken.reference, self._chance.choice((DEAD, TIMED_OUT)), taken.at_s, early_s
            )
            card.hear_report(early_s, tpdu, "")
        if self._rolls(weather.report_late):
            due_s += self._chance.choice((30, 300, 1800))
        smsc = OTHER_SMSC if self._rolls(weather.other_centre) else ""
        tpdu = make_report(submit.address, taken.reference, status, taken.at_s, due_s)
        for again in range(2 if self._rolls(weather.report_twice) else 1):
            card.hear_report(due_s + 20 * again, tpdu, smsc)

    def _rolls(self, rate: float) -> bool:
        return rate > 0 and self._chance.random() < rate

"""Two of our own modems that write to each other, and a network between them that does what it is told."""

from dataclasses import dataclass
from datetime import datetime

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import Claim, Sender
from db.inbound.received import apply_inbound
from db.models.modem_records import SimCard
from db.modems.proof import begin_proof, mark_placed
from db.modems.sims import accept, apply_seen
from db.modems.status import ModemCard, beat, modem_cards
from modem.sms.composition import compose
from modem.sms.message import Deliver
from plp.services.orders.automatic import place_selftest
from tests.support.people import later, mobile, ready_modem

NUMBERS = {"a": mobile(701), "b": mobile(702), "c": mobile(703)}
IMSIS = {"a": "206010000000001", "b": "206010000000002", "c": "206010000000003"}


def seated(name: str, now: datetime, imsi: str = "", **changes: object) -> Sender:
    """The modem is ready, and its card accepted."""
    imei = f"86000000000000{ord(name) - ord('a')}"
    if not apply_seen("box", name, imei, imsi or IMSIS[name], None, now):
        accept(SimCard.get(SimCard.imei == imei, SimCard.imsi == (imsi or IMSIS[name])).id, "tech", now)
    return ready_modem(name, now, imsi or IMSIS[name], imei=imei, **changes)


def card(name: str, now: datetime) -> ModemCard:
    return next(card for card in modem_cards(now) if card.name == name)


def place(name: str, to: str | None, now: datetime) -> int:
    """A proof from this modem to that one, or to the duty phone, without the job that does it; the broadcast's id."""
    beat("box", "modem", 1, now)
    text = f"plp-alerte {name} {to} {now.isoformat()}"
    begun = begin_proof(card(name, now), now, card(to, now) if to else None, text, now)
    assert begun is not None
    number = NUMBERS[to] if to else mobile(99)
    placed = place_selftest(number, IMSIS[name], compose(text), "plp", now, f"box/{name}", "proof", f"proof:{begun.id}")
    mark_placed(begun.id, placed)
    return placed


@dataclass(frozen=True)
class Taken:
    """A message that the network took from `sender`; `deliver` and `report` are what it may do next."""

    sender: Sender
    claim: Claim
    reference: int

    def report(self, now: datetime, outcome: str = "delivered", status: int = 0) -> None:
        about = NetworkReport(self.sender.imsi, self.reference, self.claim.msisdn, now, status, outcome)  # type: ignore[arg-type]
        apply_report(about, now)

    def deliver(self, to: str, now: datetime) -> bool:
        writer = Deliver(NUMBERS[self.sender.modem], self.claim.text, now, None)
        return apply_inbound(IMSIS[to], writer, False, now)


def take(sender: Sender, now: datetime, reference: int = 7) -> Taken:
    """The modem hands over what is queued for it, and the network takes it a second later."""
    claim = claim_part(sender, now)
    assert claim is not None
    mark_pdu_started(claim, now)
    mark_sent(claim, reference, sender, later(now, 1))
    return Taken(sender, claim, reference)

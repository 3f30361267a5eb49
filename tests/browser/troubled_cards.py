"""Of the house in trouble: a modem in order, whose card is near its ceiling, and one that stopped proving itself."""

from datetime import datetime, timedelta

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.alerts.values import Sender
from db.engine.connection import writing
from db.inbound.replies.judging import apply_own_numbers
from db.modems.budgets import apply_configured, count_sent
from db.modems.proof import begin_proof, mark_placed
from db.modems.signal_history import apply_ims
from db.modems.status import ModemCard, modem_cards
from db.operations.incidents import open_incident
from modem.sms.composition import compose
from plp.services.orders.automatic import place_selftest
from rules.orders.budgets import Limits
from rules.sentences import coded
from tests.support.people import mobile

NUMBERS = {"l": "+32470009901", "m": "+32470009902"}
REFERENCE = 77


def fill_cards(host: str, now: datetime) -> None:
    """Modem l was proven in the night and has sent 19 of 20; nothing of m's proof was heard."""
    cards = {card.name: card for card in modem_cards(now) if card.name in NUMBERS}
    apply_own_numbers(host, NUMBERS)
    apply_ims("Quectel EC25", "Proximus", "sms", now)
    _proven(host, cards["l"], cards["m"], now - timedelta(hours=5))
    imsi = cards["l"].imsi or ""
    apply_configured(imsi, host, "l", Limits(20, 5000, 250))
    with writing():
        for number in range(18):
            count_sent(imsi, mobile(number), now)
    near = coded("budget_near", modem="l", imsi=imsi[-4:], used=19, limit=20, what=coded("budget_day"))
    open_incident("budget_near", f"{imsi}/day", near.stored, now)
    why = coded("proof_nothing", to=coded("proof_to_modem", name="l"))
    open_incident("proof", f"{host}/m", coded("proof_never", name="m", host=host, why=why).stored, now)


def _proven(host: str, sender: ModemCard, receiver: ModemCard, at: datetime) -> None:
    text, imsi = f"plp-alerte {sender.name} {at.isoformat()}", sender.imsi or ""
    begun = begin_proof(sender, at, receiver, text, at)
    assert begun is not None
    seat, number = f"{host}/{sender.name}", NUMBERS[receiver.name]
    mark_placed(begun.id, place_selftest(number, imsi, compose(text), "plp", at, seat, "proof", f"proof:{begun.id}"))
    modem = Sender(host, sender.name, imsi, simulated=False)
    claim = claim_part(modem, at)
    assert claim is not None
    mark_pdu_started(claim, at)
    mark_sent(claim, REFERENCE, modem, at + timedelta(seconds=2))
    done = at + timedelta(seconds=6)
    apply_report(NetworkReport(imsi, REFERENCE, number, done, 0, "delivered"), done)

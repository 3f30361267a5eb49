"""A modem's self-test: one SMS from its SIM to itself through the queue and the running daemon.

Wanted are the network's receipt, its status report, and the text itself, which shows that the modem receives; what did
not come is said in words.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.alerts.orders.automatic import place_selftest
from db.alerts.orders.control import cancel_broadcast
from db.modems.proof import ProofCard, begin_proof, mark_placed, proof_of, seat_of
from db.modems.status import ModemCard, modem_cards
from db.settings.values import Settings
from modem.daemon.policy.error_table import About, rule_of
from modem.sms.composition import compose
from plp.rules.refusals import Refusal

PATIENCE: Final = timedelta(seconds=60)

RECEIPT: Final = "envoyé (accepté par le réseau)"
REPORT: Final = "reçu (accusé de réception)"
INBOUND: Final = "arrivé par le modem"

_REFUSED: dict[About, str] = {
    "recipient": "l'opérateur ne connaît pas ce numéro : vérifiez « number » dans config.ini",
    "sim": "l'opérateur refuse cette carte SIM : appelez-le (bloquée, sans crédit, ou soupçonnée d'envois en masse)",
    "network": "le réseau est encombré ou absent : réessayez dans quelques minutes",
    "bearer": "ce réseau n'accepte pas les SMS de ce modem : essayez une autre carte SIM ou un autre modem",
    "modem": "erreur du modem ou mémoire de la carte SIM pleine : lancez « plp modem doctor »",
}
_UNCLEAR: Final = "motif inconnu : réessayez, puis lancez « plp modem doctor »"
_NO_ANSWER: Final = "Non confirmé : le modem n'a pas répondu après l'envoi. Lancez « plp modem doctor »."
_NOT_DELIVERED: Final = (
    "Envoyé, mais non reçu : vérifiez que « number » dans config.ini est le numéro d'une carte SIM allumée."
)
_NO_REPORT: Final = "Le SMS est arrivé, mais sans accusé de réception : vous ne saurez pas qui a reçu les alertes."
_NO_NEWS: Final = "Envoyé, sans accusé de réception : téléphone éteint ou accusés perdus. Lancez « plp modem doctor »."
_NOT_BACK: Final = (
    "Reçu selon le réseau, mais rien n'est arrivé par ce modem : « number » n'est pas le numéro de cette carte SIM, "
    "ou sa mémoire est pleine."
)


@dataclass(frozen=True, slots=True)
class Target:
    """`own`: the number is the SIM's, so the text is expected to come back."""

    number: str
    own: bool


def target_of(settings: Settings, name: str) -> Target:
    """The recipient of this modem's test. Raises Refusal where config.ini gives neither number."""
    section = next((modem for modem in settings.modems if modem.name == name), None)
    if section is not None and section.number:
        return Target(section.number, own=True)
    if settings.sending.duty_phone:
        return Target(settings.sending.duty_phone, own=False)
    raise Refusal(
        "Aucun destinataire pour l'autotest : donnez le numéro de la carte SIM (number, dans [modem:{name}]) "
        "ou un GSM de garde (duty_phone, dans [sending]).",
        name=name,
    )


def modem_to_test(name: str, now: datetime) -> ModemCard:
    """The modem of that name, ready. Raises Refusal."""
    cards = [card for card in modem_cards(now) if card.name == name]
    if not cards:
        known = ", ".join(card.name for card in modem_cards(now)) or "aucun"
        raise Refusal("Modem « {name} » inconnu. Modems connus : {known}.", name=name, known=known)
    ready = next((card for card in cards if card.state == "ready" and card.imsi), None)
    if ready is None:
        raise Refusal("Le modem {name} n'est pas prêt : {why}", name=name, why=cards[0].told or cards[0].state)
    return ready


class Trial:
    """One test under way. `look` tells what is new; it is over when `done`, and good when `passed`."""

    def __init__(self, card: ModemCard, target: Target, by: str, now: datetime) -> None:
        self._card, self._target, self._by, self._began_at = card, target, by, now
        self._missing = [RECEIPT, REPORT, *([INBOUND] if target.own else [])]
        text = f"plp-alerte, essai du modem {card.name}, {secrets.token_hex(4)}"
        begun = begin_proof(card, now, card if target.own else None, text, now)
        self._id = place_selftest(target.number, card.imsi or "", compose(text), by, now, seat_of(card))
        mark_placed(begun.id, self._id)

    def look(self, now: datetime) -> list[str]:
        """The news since the last look, in the order of coming."""
        outcome = self._outcome()
        there = {RECEIPT} if outcome.sent_at is not None else set()
        if outcome.state == "delivered":
            there |= {RECEIPT, REPORT}
        if outcome.arrived_at is not None:
            there.add(INBOUND)
        came = [what for what in self._missing if what in there]
        self._missing = [what for what in self._missing if what not in there]
        return came

    def done(self, now: datetime) -> bool:
        """Nothing is missing, nothing more can come, or a minute is over."""
        hopeless = self._outcome().state in ("failed", "undelivered", "expired", "cancelled")
        return not self._missing or hopeless or not timedelta() <= now - self._began_at < PATIENCE

    @property
    def passed(self) -> bool:
        """Everything came."""
        return not self._missing

    def end(self, now: datetime) -> str:
        """Stop what still waits, and say in one sentence how it went."""
        outcome = self._outcome()
        if outcome.state == "queued":
            try:
                cancel_broadcast(self._id, self._by, now)
            except Refusal:  # a modem took it in this very moment
                outcome = self._outcome()
        if self.passed:
            words = "Le modem {name} envoie et reçoit." if self._target.own else "Le modem {name} envoie."
            return words.format(name=self._card.name)
        return self._why(outcome, now)

    def _outcome(self) -> ProofCard:
        found = proof_of(self._id)
        if found is None:
            raise Refusal("L'autotest a été supprimé de la base de données.")
        return found

    def _why(self, outcome: ProofCard, now: datetime) -> str:
        if outcome.reason.startswith(("CMS ", "CME ", "ERROR")) and RECEIPT in self._missing:
            code = outcome.reason.removeprefix("CMS ")
            about = rule_of(int(code)).about if code.isdecimal() else "unknown"
            return f"Le SMS a été refusé ({outcome.reason}) : {_REFUSED.get(about, _UNCLEAR)}."
        if outcome.state == "unconfirmed":
            return _NO_ANSWER
        if RECEIPT in self._missing:
            card = next((card for card in modem_cards(now) if card.name == self._card.name), self._card)
            return f"Le SMS n'a pas été envoyé : {card.sentence or 'le modem traite un envoi plus urgent.'}"
        if outcome.state in ("undelivered", "expired"):
            return _NOT_DELIVERED
        if REPORT in self._missing:
            return _NO_REPORT if self._target.own and INBOUND not in self._missing else _NO_NEWS
        return _NOT_BACK

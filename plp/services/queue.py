"""A technician's say on one message of the queue, whichever door it came through."""

from datetime import datetime

from db.alerts.orders.control import Only, resend_broadcast
from db.alerts.queue import decisions
from db.alerts.queue.listing import PartCard, message_parts
from db.modems.status import modem_cards
from plp.services.broadcasts import Request
from rules.people import Actor
from rules.refusals import Missing, NotReady, Refusal
from rules.states import PartState


def message(message_id: int) -> list[PartCard]:
    """All parts of it. Raises Missing."""
    parts = message_parts(message_id)
    if not parts:
        raise Missing("Ce message n'existe plus.")
    return parts


def cancel(message_id: int, by: Actor, now: datetime) -> int:
    """Cancel its waiting parts; returns how many parts. Raises Refusal."""
    return decisions.cancel_message(message_id, by, now)


def hand_over(message_id: int, seat: str, by: Actor, now: datetime) -> None:
    """This modem (host/name) is to send it, or with an empty name whichever is free first. Raises Refusal."""
    if not seat:
        decisions.hand_over(message_id, None, None, by, now)
        return
    modem = next((card for card in modem_cards(now) if f"{card.host}/{card.name}" == seat), None)
    if modem is None or modem.state != "ready" or modem.imsi is None:
        raise NotReady("Aucune modification : le modem {name} ne peut pas envoyer actuellement.", name=seat)
    decisions.hand_over(message_id, modem.imsi, seat, by, now)


def resend(message_id: int, request: Request, *, perhaps_twice: bool) -> None:
    """Send one message again, whole. `perhaps_twice`: whoever asks knows that a phone may have it. Raises Refusal."""
    parts = message(message_id)
    if not perhaps_twice:
        raise Refusal("Aucun SMS n'a été envoyé : cochez que cette personne peut le recevoir deux fois.")
    only: Only = "unconfirmed" if any(part.state is PartState.UNCONFIRMED for part in parts) else "incomplete"
    resend_broadcast(parts[0].broadcast_id, only, request.by, request.sending, request.now, among=[message_id])

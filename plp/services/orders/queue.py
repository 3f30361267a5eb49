"""A technician's decision on one message of the queue, by page or command."""

from datetime import datetime

from db.alerts.orders.control import Only
from db.alerts.queue import choosing, listing, recovery
from db.engine.connection import writing
from db.journal import audit
from db.modems import budgets, status
from plp.services.broadcasts import Request
from plp.services.orders import going_on
from rules.people import Actor
from rules.refusals import Missing, NotReady, OverBudget, Refusal, WrongState, required
from rules.states import LANE_NORMAL, OF_ONE_SIM, PartState, Stage


def message(message_id: int) -> list[listing.PartCard]:
    """All parts of it. Raises Missing."""
    parts = listing.message_parts(message_id)
    if not parts:
        raise Missing("Ce message n'existe plus.")
    return parts


def cancel(message_id: int, by: Actor, now: datetime) -> int:
    """Cancel its waiting parts; returns how many parts. Raises Refusal."""
    with writing():
        waiting, states = _waiting(message_id)
        stopped = recovery.mark_stopped(states, now)
        audit.record(now, by, "message_cancelled", str(waiting.broadcast_id), message=message_id, parts=stopped)
        return stopped


def hand_over(message_id: int, seat: str, by: Actor, now: datetime) -> None:
    """Bind it to the SIM in this modem (host/name), "" for the first that is free, while nothing of it went out."""
    imsi: str | None = None
    if seat:
        modem = next((card for card in status.modem_cards(now) if f"{card.host}/{card.name}" == seat), None)
        if modem is None or modem.state != "ready" or modem.imsi is None:
            raise NotReady("Aucune modification : le modem {name} ne peut pas envoyer actuellement.", name=seat)
        imsi = modem.imsi
    with writing():
        waiting, states = _waiting(message_id)
        if any(state is not PartState.QUEUED for state in states.values()):
            raise WrongState(
                "Une partie de ce message est déjà envoyée : la suite exige la même carte SIM. Si la carte "
                "est absente, renvoyez tout le message."
            )
        if waiting.broadcast.kind in OF_ONE_SIM:
            raise WrongState("Ce SMS teste un modem précis : aucun autre ne peut l'envoyer.")
        if imsi is not None and waiting.broadcast.lane == LANE_NORMAL:
            has_room = choosing.admits(budgets.room_of(imsi, now), imsi, waiting.msisdn, len(states), now)
            if not has_room:
                raise OverBudget(
                    "Le plafond de cette carte SIM est atteint : choisissez un autre modem, ou attendez demain."
                )
        recovery.bind_message(message_id, imsi, seat or None)
        audit.record(now, by, "message_handed_over", str(waiting.broadcast_id), message=message_id, modem=seat or "any")


def resend(message_id: int, request: Request, *, perhaps_twice: bool) -> None:
    """Send one message again, whole. `perhaps_twice`: the technician knows that a phone may have it. Raises Refusal."""
    parts = message(message_id)
    if not perhaps_twice:
        raise Refusal("Aucun SMS n'a été envoyé : confirmez d'abord que cette personne peut le recevoir deux fois.")
    only: Only = "unconfirmed" if any(part.state is PartState.UNCONFIRMED for part in parts) else "incomplete"
    going_on.resend(parts[0].broadcast_id, request, only=only, among=[message_id])


def _waiting(message_id: int) -> tuple[recovery.Message, dict[int, PartState]]:
    """A message that waits, with its parts, none in a modem, where it may be on its way. Raises Refusal."""
    waiting, states = required(recovery.locked_message(message_id), Missing("Ce message n'existe plus."))
    if PartState.SENDING in states.values():
        raise WrongState("Ce message est en cours d'envoi : aucune modification. Réessayez dans une minute.")
    if PartState.QUEUED not in states.values():
        raise WrongState("Ce message n'est plus en attente : aucune modification.")
    if waiting.broadcast.stage not in (Stage.QUEUED, Stage.PAUSED):
        raise WrongState(
            "L'envoi {id} est bloqué ou arrêté : décidez pour tout l'envoi, sur sa page.", id=waiting.broadcast_id
        )
    return waiting, states

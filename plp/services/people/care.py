"""The list kept alive: the yearly question whether people stay, numbers confirmed; and a person's rights to data."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.operations.dossier import Dossier, dossier
from db.people.members.dead_numbers import mark_right
from db.people.members.erasure import give_consents_back, mark_restricted, withhold_consents
from db.people.members.renewal import Answer, add_renewal, answer_of_member, open_renewal
from rules.refusals import Refusal


def begin_renewal(until_at: datetime, by: str, now: datetime) -> int:
    """Ask every member whose data may be used, by SMS or else by mail; returns its number. Raises Refusal."""
    if until_at <= now:
        raise Refusal("Choisissez une date dans le futur.")
    with writing("renewal"):
        if open_renewal() is not None:
            raise Refusal("Un renouvellement est déjà en cours.")
        renewal_id = add_renewal(until_at, by, now)
        audit.record(now, by, "renewal_begun", str(renewal_id), until=f"{until_at:%Y-%m-%d}")
    return renewal_id


def answer_by_hand(member_id: int, answer: Answer, by: str, now: datetime) -> None:
    """An admin learnt the answer from the person; empty takes it back. Raises Refusal."""
    with writing():
        if not answer_of_member(member_id, answer, now):
            raise Refusal("Cette personne n'est pas dans le renouvellement en cours.")
        audit.record(now, by, "renewal_answered", str(member_id), answer=answer or "nothing")


def dismiss_dead_number(member_id: int, by: str, now: datetime) -> None:
    """Somebody knows that the number is right: it is removed from the list until another alert does not reach it."""
    with writing():
        if mark_right(member_id, now):
            audit.record(now, by, "dead_number_dismissed", str(member_id))


def consulted(member_id: int, by: str, now: datetime) -> Dossier | None:
    """All that is held of this person, for somebody to read, which the journal has; None where nobody has this id."""
    whole = dossier(member_id)
    if whole is not None:
        audit.record(now, by, "member_consulted", str(member_id))
    return whole


def restrict_member(member_id: int, by: str, now: datetime, *, lift: bool = False) -> None:
    """Keep the data, send nothing: what waits is cancelled; `lift` undoes it, consents included. Raises Refusal."""
    with writing():
        if not mark_restricted(member_id, None if lift else now, now):
            raise Refusal("Demande déjà exécutée, ou membre supprimé.")
        audit.record(now, by, "member_unrestricted" if lift else "member_restricted", str(member_id))
        change_consents = give_consents_back if lift else withhold_consents
        change_consents(member_id, by, now)

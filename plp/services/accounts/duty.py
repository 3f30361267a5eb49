"""The duty roster, which the admin keeps: who is called when something needs a person."""

from dataclasses import dataclass
from datetime import date, datetime

from db.engine.connection import writing
from db.journal import audit
from db.people import duty
from plp.services.accounts.rights import account_card
from rules.refusals import Refusal

DAY_MINUTES = 24 * 60
MOST_TURNS = 9


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """A shift: ISO weekdays, minutes from midnight in Belgium (an end not after the start: of the next day), dates."""

    account_id: int
    days: frozenset[int]
    from_minute: int
    until_minute: int
    first_day: date | None = None
    last_day: date | None = None
    turn: int = 1


def save_shift(draft: DutyDraft, by: str, now: datetime) -> int:
    """Add a shift; its id. Raises Refusal."""
    if not draft.days or not draft.days <= set(range(1, 8)):
        raise Refusal("Choisissez au moins un jour de la semaine.")
    if not (0 <= draft.from_minute < DAY_MINUTES and 0 <= draft.until_minute <= DAY_MINUTES):
        raise Refusal("Donnez l'heure de début et l'heure de fin, par exemple 18:00 et 08:00.")
    if draft.first_day and draft.last_day and draft.last_day < draft.first_day:
        raise Refusal("Le dernier jour est avant le premier : corrigez l'un des deux.")
    with writing():
        card = account_card(draft.account_id)
        if not card.active:
            raise Refusal("Cet utilisateur n'existe plus.")
        if not card.mobile:
            raise Refusal(
                "{name} n'a pas de numéro de GSM : ajoutez-le sur la page « Utilisateurs », puis recommencez.",
                name=card.name,
            )
        shift_id = duty.create_shift(
            card.id,
            days="".join(str(day) for day in sorted(draft.days)),
            from_minute=draft.from_minute,
            until_minute=draft.until_minute,
            first_day=draft.first_day.isoformat() if draft.first_day else "",
            last_day=draft.last_day.isoformat() if draft.last_day else "",
            turn=min(max(draft.turn, 1), MOST_TURNS),
        )
        audit.record(now, by, "duty_saved", card.name)
    return shift_id


def delete_shift(shift_id: int, by: str, now: datetime) -> None:
    """Remove a shift; harmless if it was already deleted."""
    with writing():
        name = duty.delete_shift(shift_id)
        if name is not None:
            audit.record(now, by, "duty_deleted", name)

"""A person's rights: what is held of them is consulted; their data are kept and not used, or used again."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.operations.dossier import Dossier, dossier
from db.people.members.erasure import give_consents_back, mark_restricted, withhold_consents
from rules.refusals import Refusal


def consulted(member_id: int, by: str, now: datetime) -> Dossier | None:
    """All that is held of this person, for somebody to read, which the journal has; None where nobody has this id."""
    whole = dossier(member_id)
    if whole is not None:
        audit.record(now, by, "member_consulted", str(member_id))
    return whole


def restrict_member(member_id: int, by: str, now: datetime) -> None:
    """Keep this member and write to them no more; what waits for them is cancelled. Raises Refusal."""
    with writing():
        _mark(member_id, now, now)
        audit.record(now, by, "member_restricted", str(member_id))
        withhold_consents(member_id, by, now)


def lift_restriction(member_id: int, by: str, now: datetime) -> None:
    """Use their data again: they agree to what they agreed to before. Raises Refusal."""
    with writing():
        _mark(member_id, None, now)
        audit.record(now, by, "member_unrestricted", str(member_id))
        give_consents_back(member_id, by, now)


def _mark(member_id: int, at: datetime | None, now: datetime) -> None:
    if not mark_restricted(member_id, at, now):
        raise Refusal("Demande déjà exécutée, ou membre supprimé.")

"""A person's data kept and not used, at their wish (GDPR, article 18): nothing is sent to them until that ends."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.models.people import Consent, Member
from db.people.members.saving import RESTRICTED, write_consent
from plp.rules.refusals import Refusal


def restrict_member(member_id: int, by: str, now: datetime) -> None:
    """Keep this member and write to them no more; what waits for them is cancelled. Raises Refusal."""
    _mark(member_id, now, by, now)


def lift_restriction(member_id: int, by: str, now: datetime) -> None:
    """Use their data again: they agree to what they agreed to before. Raises Refusal."""
    _mark(member_id, None, by, now)


def record_consulted(member_id: int, by: str, now: datetime) -> None:
    """Journal that all that is held of this member was handed out."""
    audit.record(now, by, "member_consulted", str(member_id))


def _mark(member_id: int, at: datetime | None, by: str, now: datetime) -> None:
    with writing():
        other = Member.restricted_at.is_null(at is not None)
        if not Member.update(restricted_at=at, updated_at=now).where(Member.id == member_id, other).execute():
            raise Refusal("Demande déjà exécutée, ou membre supprimé.")
        audit.record(now, by, "member_restricted" if at is not None else "member_unrestricted", str(member_id))
        rows = list(Consent.select().where(Consent.member == member_id))
        for row in rows:
            if at is not None and row.given:
                write_consent(member_id, row.channel, False, by, RESTRICTED, now)
            elif at is None and row.how == RESTRICTED:
                Consent.update(given=True, at=now, how="lifted", who=by).where(Consent.id == row.id).execute()
                audit.record(now, by, "consent_changed", str(member_id), channel=row.channel, given=True, how="lifted")

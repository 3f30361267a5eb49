"""Two rows that are one person become one."""

from datetime import datetime

from peewee import IntegrityError

from db.engine.base import database
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Consent, Member
from db.people.members.acts import write_card
from db.people.members.cards import COLUMNS
from db.people.members.listing import member
from db.people.members.saving import cancel_unless_shared
from plp.rules.refusals import Refusal


def merge_members(kept_id: int, gone_id: int, by: str, now: datetime) -> None:
    """Keep one row, with what only the other knows: empty columns, messages, mails, groups. Raises Refusal.

    What both say stays as the kept one has it, consents too: the other's number gets nothing more.
    """
    with writing():
        kept, gone = member(kept_id), member(gone_id)
        if kept is None or gone is None or kept_id == gone_id:
            raise Refusal("Choisissez deux membres différents, qui existent encore.")
        Consent.delete().where(Consent.member == gone_id).execute()
        for key, table in Member._meta.backrefs.items():
            for row in table.select(table.id).where(key == gone_id):
                try:
                    with database.atomic():
                        table.update({key: kept_id}).where(table.id == row.id).execute()
                except IntegrityError:  # the kept one has its own: this one goes with the row
                    continue
        Member.delete().where(Member.id == gone_id).execute()
        lacking = {column: getattr(gone, column) for column in COLUMNS if not getattr(kept, column)}
        known = {column: value for column, value in lacking.items() if value}
        for way, channel in (("mobile", "sms"), ("email", "mail_group")):
            if way in known and getattr(gone, channel):
                known[channel] = True
        write_card(kept, known, by, "merge", now)
        if gone.mobile:
            cancel_unless_shared(gone.mobile, now, by)
        audit.record(now, by, "members_merged", str(kept_id), other=gone_id)

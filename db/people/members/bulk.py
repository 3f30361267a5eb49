"""Many members at once: what `saving` writes for one person, in a handful of statements; and two rows made one."""

from collections.abc import Collection, Sequence
from datetime import datetime

from peewee import IntegrityError

from db.engine.base import database
from db.engine.cached_queries import inserting
from db.engine.connection import in_chunks, next_ids, writing
from db.journal import audit
from db.models.people import Consent, Member
from db.people.members.acts import STORED, Note, begin_act, write_card, write_cards
from db.people.members.cards import COLUMNS, changeable, stored_columns
from db.people.members.listing import cards_of, member
from db.people.members.saving import MemberDraft, answers, cancel_unless_shared, save_member
from plp.rules.refusals import Refusal


def add_members(
    people: Sequence[tuple[dict[str, object], MemberDraft]], by: str, how: str, now: datetime, welcome: bool
) -> list[int]:
    """Write checked columns, consents and audit entries of people; in a transaction. Returns their ids."""
    rows, consents, entries = [], [], []
    ids = list(next_ids(Member, len(people)))
    for member_id, (values, draft) in zip(ids, people, strict=True):
        stored = stored_columns(values)
        rows.append([member_id, stored["mobile"], *(stored[name] for name in STORED)])
        agreed = answers(draft, values)
        consents += [(member_id, channel, said) for channel, said in agreed.items()]
        entries.append((str(member_id), {"how": how, **agreed}))
    asked_at = now if welcome else None
    _MEMBER.change_each(("id", "mobile", *STORED), rows, created_at=now, updated_at=now, welcome_requested_at=asked_at)
    _CONSENT.change_each(("member", "channel", "given"), consents, at=now, how=how, who=by)
    audit.record_each(now, by, "member_added", entries)
    return ids


def change_together(ids: Sequence[int], column: str, value: object, by: str, now: datetime) -> tuple[int, int]:
    """Give all of these members one value: of neighbourhood (an id), language, role, `sms` or `mail_group` (a bool).

    Returns the number of those who had another, and of the act, which can be undone for a day.
    """
    act, changed = begin_act("bulk", by, now), 0

    def take(some: Sequence[int]) -> None:
        nonlocal changed
        others = [(card, before) for card in cards_of(some) if (before := changeable(card)[column]) != value]
        write_cards([(card, {column: value}) for card, _before in others], by, "bulk", now)
        notes: list[Note] = [(card.id, {column: (before, value)}) for card, before in others]
        act.note(notes)
        changed += len(notes)

    in_chunks(ids, take)
    with writing():
        act.finish({"changed": changed})
        audit.record(now, by, "members_changed_together", str(act.id), members=changed, changed={column: []})
    return changed, act.id


def change_one(
    member_id: int, draft: MemberDraft, by: str, now: datetime, number_shared: bool, shown: Collection[str]
) -> int:
    """Save a member as `save_member` does, as an act of its own; returns its id. Raises what that raises."""
    with writing():
        act, card = begin_act("row", by, now), member(member_id)
        save_member(member_id, draft, by, now, number_shared=number_shared, how="table", shown=shown)
        before, after = (changeable(each) for each in (card, member(member_id)) if each)
        act.note([(member_id, {name: (value, after[name]) for name, value in before.items() if value != after[name]})])
        act.finish({"changed": 1})
    return act.id


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


_MEMBER = inserting(Member, "id", "mobile", *STORED, "created_at", "updated_at", "welcome_requested_at")
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")

"""Many members at once: what `saving` writes for one person, in a handful of statements."""

from collections.abc import Sequence
from datetime import datetime

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given, inserting
from db.journal import audit
from db.models.people import Consent, Member
from db.people.members.cards import FURTHER
from db.people.members.saving import MemberDraft, answers, changes_of


def add_members(
    people: Sequence[tuple[dict[str, object], MemberDraft]], by: str, how: str, now: datetime, welcome: bool
) -> None:
    """Write checked columns, consents and audit entries of people with distinct mobiles (or addresses); in a
    transaction.
    """
    asked_at = now if welcome else None
    stamped = {"created_at": now, "updated_at": now, "welcome_requested_at": asked_at}
    made = Member.insert_many([values | stamped for values, _ in people])
    ids = {
        mobile or email: member_id
        for member_id, mobile, email in tuples(made.returning(Member.id, Member.mobile, Member.email))
    }
    consents, entries = [], []
    for values, draft in people:
        member_id = ids[values["mobile"] or values["email"]]
        agreed = answers(draft, values)
        consents += [(member_id, channel, said) for channel, said in agreed.items()]
        entries.append((str(member_id), {"how": how, **agreed}))
    _CONSENT.change_each(("member", "channel", "given"), consents, at=now, how=how, who=by)
    audit.record_each(now, by, "member_added", entries)


def change_members(people: Sequence[tuple[int, dict[str, object]]], by: str, how: str, now: datetime) -> None:
    """Write the checked columns of known people, inside the caller's transaction. Numbers and consents stay."""
    before = {row.id: row for row in Member.select().where(Member.id.in_([member_id for member_id, _ in people]))}
    about = [(str(who), {"how": how, **changes_of(before[who], values)}) for who, values in people if who in before]
    names = [*_COLUMNS, "id"]
    rows = [[*(values[name] for name in _COLUMNS), member_id] for member_id, values in people]
    _CHANGE.change_each(names, rows, now=now)
    audit.record_each(now, by, "member_changed", about)


_COLUMNS = ("first_name", "last_name", "email", "language", "neighbourhood", "role", *FURTHER)
_CHANGE = Prepared(
    lambda: Member.update(updated_at=given("now"), **{name: given(name) for name in _COLUMNS}).where(
        Member.id == given("id")
    )
)
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")

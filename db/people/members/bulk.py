"""Many members at once: what `saving` writes for one person, in a handful of statements."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given, inserting
from db.journal import audit
from db.models.people import Consent, Member
from db.people.members.cards import COLUMNS, MemberCard, columns_of, stored_columns
from db.people.members.saving import MemberDraft, answers, changes_of


def add_members(
    people: Sequence[tuple[dict[str, object], MemberDraft]], by: str, how: str, now: datetime, welcome: bool
) -> list[int]:
    """Write checked columns, consents and audit entries of people with distinct mobiles (or addresses); in a
    transaction. Returns their ids.
    """
    asked_at = now if welcome else None
    stamped = {"created_at": now, "updated_at": now, "welcome_requested_at": asked_at}
    made = Member.insert_many([stored_columns(values) | stamped for values, _ in people])
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
    return list(ids.values())


def change_members(people: Sequence[tuple[MemberCard, Mapping[str, object]]], by: str, how: str, now: datetime) -> None:
    """Write some checked columns of known people, inside the caller's transaction. Mobiles and consents stay."""
    rows, about = [], []
    for card, changed in people:
        stored = stored_columns({**columns_of(card), **changed})
        about.append((str(card.id), {"how": how, **changes_of(columns_of(card), changed)}))
        rows.append([*(stored[name] for name in _STORED), card.id])
    _CHANGE.change_each((*_STORED, "id"), rows, now=now)
    audit.record_each(now, by, "member_changed", about)


_STORED = (*(name for name in COLUMNS if name != "mobile"), "neighbourhood", "name_key", "searchable")
_CHANGE = Prepared(
    lambda: Member.update(updated_at=given("now"), **{name: given(name) for name in _STORED}).where(
        Member.id == given("id")
    )
)
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")

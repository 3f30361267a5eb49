"""Writers of members and of their consents; their values were checked before (`plp.services.people.saving`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from db.engine.base import put
from db.engine.cached_queries import inserting
from db.engine.connection import next_ids
from db.journal import audit
from db.models.broadcasts import Message, Part
from db.models.people import Consent, Member
from db.people.members.cards import stored_columns
from db.people.members.listing import neighbourhood_names, reachable_members
from db.people.members.places import places_of, put_places, text_of
from rules.members.columns import COLUMNS, MemberDraft, answers
from rules.states import Cause, PartState, sources

# The columns of a member that are written many at a time; a mobile is written alone.
_OWN = (name for name, column in COLUMNS.items() if name != "mobile" and not column.apart)
STORED = (*_OWN, "neighbourhood", "name_key", "searchable")
_MEMBER = inserting(Member, "id", "mobile", *STORED, "created_at", "updated_at", "welcome_requested_at")
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")

# What the journal keeps with its values: it says nothing of a person.
_WITH_VALUES = ("language", "neighbourhood", "role")
# How a consent ended that is given again when the person's data may be used again.
RESTRICTED = "restricted"


def add_members(
    people: Sequence[tuple[dict[str, Any], MemberDraft]], by: str, how: str, now: datetime, welcome: bool
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
    for member_id, (values, _draft) in zip(ids, people, strict=True):
        if values["other_places"]:
            put_places(member_id, values["other_places"])
    audit.record_each(now, by, "member_added", entries)
    return ids


def write_member(
    member_id: int, values: dict[str, Any], agreed: Mapping[str, bool], by: str, how: str, now: datetime
) -> bool:
    """Write checked columns, and `answers` by channel, in the caller's transaction; False where nobody has this id."""
    before = Member.get_or_none(Member.id == member_id)
    if before is None:
        return False
    known = {**before.__data__, "other_places": text_of(places_of([member_id]).get(member_id, ()))}
    stored = {name: value for name, value in stored_columns(values).items() if name in ("mobile", *STORED)}
    Member.update(**stored, updated_at=now).where(Member.id == member_id).execute()
    if values["other_places"] != known["other_places"]:
        put_places(member_id, values["other_places"])
    if before.mobile and before.mobile != values["mobile"]:
        cancel_unless_shared(before.mobile, now, by)
    audit.record(now, by, "member_changed", str(member_id), how=how, **changes_of(known, values))
    for channel, said in agreed.items():
        write_consent(member_id, channel, said, by, how, now)
    return True


def changes_of(
    before: Mapping[str, object], values: Mapping[str, object], places: Mapping[int, str] | None = None
) -> dict[str, object]:
    """The detail `changed` of a member's entry, empty if nothing changed: non-personal fields with their values, a
    neighbourhood by its name. `places` are those names by id, if known.
    """
    changed = audit.changes({name: before[name] for name in values}, values, _WITH_VALUES)
    if place := changed.get("neighbourhood"):
        names = places or neighbourhood_names()
        changed["neighbourhood"] = [names.get(cast(int, place_id)) for place_id in place]
    return {"changed": changed} if changed else {}


def agreed_channels(member_id: int) -> set[str]:
    """The channels that this person agreed to."""
    given = Consent.select(Consent.channel).where(Consent.member == member_id, Consent.given)
    return {row.channel for row in given}


def write_consent(member_id: int, channel: str, given: bool, by: str, how: str, now: datetime) -> None:
    """Record an answer when it differs from the last one; a withdrawal stops what is queued.

    Whose data are kept and not used agrees to nothing before that ends (`db.people.members.erasure`).
    """
    last = Consent.get_or_none(Consent.member == member_id, Consent.channel == channel)
    if last is not None and (last.given == given or last.how == RESTRICTED):
        return
    put(Consent, {"member": member_id, "channel": channel}, given=given, at=now, how=how, who=by)
    if last is not None:
        audit.record(now, by, "consent_changed", str(member_id), channel=channel, given=given, how=how)
        mobile = Member.get_by_id(member_id).mobile
        if channel == "sms" and not given and mobile:
            cancel_unless_shared(mobile, now, by)


def cancel_unless_shared(msisdn: str, now: datetime, by: str) -> None:
    """Cancel what is queued to a number, unless someone else still wants texts on it."""
    if not reachable_members().where(Member.mobile == msisdn).exists():
        cancel_queued_to(msisdn, now, by)


def cancel_queued_to(msisdn: str, now: datetime, by: str) -> None:
    """Cancel every queued part to this number, inside the caller's transaction."""
    messages = Message.select(Message.id).where(Message.msisdn == msisdn)
    queued = Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out").where(
        Part.message.in_(messages), Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
    )
    if cancelled := queued.execute():
        audit.record(now, by, "queued_parts_cancelled", "", parts=cancelled)

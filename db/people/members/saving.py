"""Writers of members and of their consents; their values were checked before (`plp.services.people.saving`). And acts
on many members at once, in a handful of statements, with the state before kept for a day so that they can be undone.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from peewee import SQL, IntegrityError

from db.engine.base import database, put, tuples
from db.engine.cached_queries import Prepared, given, inserting
from db.engine.connection import delete_in_chunks, lock_by_id, locked_by_id, next_ids, writing
from db.journal import audit
from db.models.broadcasts import Message, Part, ends_as
from db.models.partnership import PeopleCount
from db.models.people import Consent, Member, MembersAct, MembersActChange, Neighbourhood
from db.people.members.cards import MemberCard, changeable, columns_of, places_of, put_places, stored_columns, text_of
from db.people.members.listing import neighbourhood_names, reachable_members
from rules.members import CHANNELS, COLUMNS, MemberDraft, answers
from rules.states import Cause, PartState, sources

# The columns of a member that are written many at a time; a mobile is written alone.
_OWN = (name for name, column in COLUMNS.items() if name != "mobile" and not column.apart)
STORED = (*_OWN, "neighbourhood", "name_key", "searchable")
_MEMBER = inserting(Member, "id", "mobile", *STORED, "created_at", "updated_at", "welcome_requested_at")
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")
# What the journal keeps with its values: it says nothing of a person.
_WITH_VALUES = ("language", "neighbourhood", "role")
Movement = Literal["gained", "lost", "dead"]
# How a consent ended that is given again when the person's data may be used again.
RESTRICTED = "restricted"
UNDONE_WITHIN = timedelta(days=1)
# An act writes many times a second; one that was silent for so long was cut short.
SILENT = timedelta(seconds=30)
_BEAT = Prepared(
    MembersAct.update(beat_at=given("beat_at")).where(
        MembersAct.id == given("act"), MembersAct.finished_at.is_null(), MembersAct.undone_at.is_null()
    )
)
_HALF_DONE = Prepared(
    MembersAct.select(MembersAct.id, MembersAct.by).where(
        MembersAct.beat_at < given("before"),
        MembersAct.finished_at.is_null()
        | (MembersAct.undone_at.is_null(False) & MembersAct.id.in_(MembersActChange.select(MembersActChange.act))),
    )
)
_NOTE = inserting(MembersActChange, "act", "member", "changes")
_ANY_OLD = Prepared(lambda: MembersAct.select(SQL("1")).where(_is_old(given("before"))).limit(1))
_CHANGE = Prepared(
    Member.update(updated_at=given("now"), **{name: given(name) for name in STORED}).where(Member.id == given("id"))
)
Changes = Mapping[str, Sequence[object]]
# A member by id, and [before, after] by column; nothing of one who was added.
Note = tuple[int, Changes]


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
    count_people("gained", (values["neighbourhood"] for values, _draft in people), now)
    audit.record_each(now, by, "member_added", entries)
    return ids


def lock_members(ids: Iterable[int]) -> None:
    """Nobody erases or changes these, and no STOP of theirs is taken, until the transaction ends: call it before their
    cards are read, to change them. A card holds consents, and writing it would give back one that was withdrawn since.
    """
    lock_by_id(Member, Member.id.in_([*ids, 0]))


def lock_members_of(msisdn: str) -> None:
    """As `lock_members`, those with this number."""
    lock_by_id(Member, Member.mobile == msisdn)


def count_people(kind: Movement, neighbourhood_ids: Iterable[int], at: datetime, sign: int = 1) -> None:
    """Count a person for every neighbourhood given, nameless, in the caller's transaction; `sign` -1: take it back."""
    rows = Counter(neighbourhood_ids).items()
    counts = [{"at": at, "neighbourhood": place, "kind": kind, "number": number * sign} for place, number in rows]
    if counts:
        PeopleCount.insert_many(counts).execute()


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
    """The detail `changed` of a member's entry, if any: non-personal fields with their values, a neighbourhood by name
    (in `places` by id, if known)."""
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
    """Record an answer when it differs from the last one; a withdrawal stops what is queued. Whose data are kept and
    not used agrees to nothing (`db.people.members.erasure`).
    """
    last = Consent.get_or_none(Consent.member == member_id, Consent.channel == channel)
    if last is not None and (last.given == given or (given and last.member.restricted_at is not None)):
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
    waits = Part.message.in_(messages) & Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
    cancelling = Part.update(**ends_as(PartState.CANCELLED, "opted_out"), changed_at=now)
    if cancelled := cancelling.where(locked_by_id(Part, waits)).execute():
        audit.record(now, by, "queued_parts_cancelled", "", parts=cancelled)


@dataclass(frozen=True, slots=True)
class RunningAct:
    """An act running since `at`; `began_s` is the same moment on the monotonic clock."""

    id: int
    at: datetime
    began_s: float = field(default_factory=time.monotonic)

    def beat_at(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.began_s)

    def note(self, notes: Sequence[Note]) -> bool:
        """Keep what was changed of members, in its transaction; False once the act was undone for its silence."""
        if not _BEAT.change(act=self.id, beat_at=self.beat_at()):
            return False
        rows = [(member_id, json.dumps(changes, ensure_ascii=False)) for member_id, changes in notes]
        _NOTE.change_each(("member", "changes"), rows, act=self.id)
        return True

    def forget(self, member_ids: Sequence[int]) -> None:
        """These members are as they were before. Inside the caller's transaction."""
        theirs = MembersActChange.act == self.id, MembersActChange.member.in_(member_ids)
        MembersActChange.delete().where(*theirs).execute()
        MembersAct.update(beat_at=self.beat_at()).where(MembersAct.id == self.id).execute()

    def finish(self, counts: Mapping[str, int]) -> None:
        """It is whole. Inside the caller's transaction."""
        whole = MembersAct.update(finished_at=self.at, counts=json.dumps(dict(counts)))
        whole.where(MembersAct.id == self.id).execute()


def add_act(kind: str, by: str, now: datetime, began_s: float) -> RunningAct:
    """A new, running act."""
    with writing():
        return RunningAct(int(MembersAct.create(kind=kind, by=by, at=now, beat_at=now).id), now, began_s)


def acts(now: datetime) -> list[MembersAct]:
    """Those of the last day, newest first."""
    rows = MembersAct.select().where(MembersAct.at > now - UNDONE_WITHIN, MembersAct.finished_at.is_null(False))
    return list(rows.order_by(MembersAct.id.desc()))


def act(act_id: int) -> MembersAct:
    """One act, however old it is."""
    return MembersAct.get_by_id(act_id)


def mark_undone(act_id: int, now: datetime) -> bool:
    """An act of the last day is being taken back; False for one that is older, or was taken back before."""
    this = MembersAct.id == act_id, MembersAct.undone_at.is_null(), MembersAct.at > now - UNDONE_WITHIN
    return bool(MembersAct.update(undone_at=now, beat_at=now).where(*this).execute())


def half_done(now: datetime) -> list[tuple[int, str]]:
    """(id, by) of the acts that a kill cut short: silent for long, and neither whole nor taken back."""
    return [(int(act_id), str(by)) for act_id, by in _HALF_DONE.rows(before=now - SILENT)]


def mark_cut_short(act_id: int, now: datetime) -> None:
    """It no longer runs, and is being undone."""
    MembersAct.update(undone_at=now, finished_at=now, beat_at=now).where(MembersAct.id == act_id).execute()


def notes_of(act_id: int) -> list[Note]:
    """Its changes that were not taken back yet, the last first."""
    rows = MembersActChange.select(MembersActChange.member, MembersActChange.changes)
    newest = rows.where(MembersActChange.act == act_id).order_by(MembersActChange.id.desc())
    return [(member_id, json.loads(changes)) for member_id, changes in tuples(newest)]


def forget_acts(now: datetime) -> bool:
    """Delete acts that can no longer be undone, with their data of people; True when there were any."""
    before = now - UNDONE_WITHIN
    if not _ANY_OLD.first(before=before):
        return False
    old = _is_old(before)
    delete_in_chunks(MembersActChange, MembersActChange.act.in_(MembersAct.select(MembersAct.id).where(old)))
    return bool(delete_in_chunks(MembersAct, old))


def _is_old(before: Any) -> Any:
    return (MembersAct.at < before) & MembersAct.finished_at.is_null(False)


def delete_unused_neighbourhood(place_id: int) -> bool:
    """Delete a neighbourhood, unless somebody lives in it or it was used since; True when it was deleted."""
    # Counts of people who came and went with the same act are no use of it.
    uses = [(key, table) for key, table in Neighbourhood._meta.backrefs.items() if table is not PeopleCount]
    if any(table.select().where(key == place_id).exists() for key, table in uses):
        return False
    unused = (Neighbourhood.id == place_id) & (Neighbourhood.reference_address == "")
    return bool(Neighbourhood.delete().where(unused).execute())


def write_cards(changed: Sequence[tuple[MemberCard, Mapping[str, object]]], by: str, how: str, now: datetime) -> None:
    """`write_card` for all of them; in a handful of statements where neither mobile, places nor consents change."""
    rows, about = [], []
    places = neighbourhood_names()
    for card, after in changed:
        if after.keys() & {"mobile", "other_places", *CHANNELS} or not after.get("email", True):
            write_card(card, after, by, how, now)
        elif after:
            before = columns_of(card)
            stored = stored_columns({**before, **after})
            about.append((str(card.id), {"how": how, **changes_of(before, after, places)}))
            rows.append([*(stored[name] for name in STORED), card.id])
    if rows:
        _CHANGE.change_each((*STORED, "id"), rows, now=now)
        audit.record_each(now, by, "member_changed", about)


def write_card(card: MemberCard, changed: Mapping[str, object], by: str, how: str, now: datetime) -> None:
    """Write some columns and consents (`sms`, `mail_group`) of a member, inside the caller's transaction."""
    after = changeable(card) | dict(changed)
    said = replace(card, sms=bool(after.pop("sms")), mail_group=bool(after.pop("mail_group")))
    write_member(card.id, after, answers(said, after), by, how, now)


def move_to(kept_id: int, gone_id: int) -> None:
    """Give the messages, mails, groups … of one row to another, and delete it with its consents, in a transaction."""
    Consent.delete().where(Consent.member == gone_id).execute()
    for key, table in Member._meta.backrefs.items():
        for row in table.select(table.id).where(key == gone_id):
            try:
                with database.atomic():
                    table.update({key: kept_id}).where(table.id == row.id).execute()
            except IntegrityError:  # the kept one has its own: this one goes with the row
                continue
    Member.delete().where(Member.id == gone_id).execute()

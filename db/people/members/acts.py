"""Acts on many members at once, with the state before each change: undone on demand for a day, or when cut short. What
`saving` writes for one person is written in a handful of statements; and two rows are made one.
"""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError

from db.engine.base import database, tuples
from db.engine.cached_queries import Prepared, given, inserting
from db.engine.connection import delete_in_chunks, in_chunks, writing
from db.journal import audit
from db.models.people import Consent, Member, MembersAct, MembersActChange, Neighbourhood
from db.people.members.cards import CHANNELS, COLUMNS, MemberCard, changeable, columns_of, stored_columns
from db.people.members.erasure import remove_members
from db.people.members.listing import cards_of, member
from db.people.members.saving import (
    STORED,
    MemberDraft,
    answers,
    cancel_unless_shared,
    changes_of,
    save_member,
    write_member,
)
from rules.refusals import Refusal

UNDONE_WITHIN = timedelta(days=1)
# An act writes many times a second; one that was silent for so long was cut short.
SILENT = timedelta(seconds=30)
# Id and name of each neighbourhood, asked with every piece of an act.
PLACES = Prepared(Neighbourhood.select(Neighbourhood.id, Neighbourhood.name))
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
_CHANGE = Prepared(
    Member.update(updated_at=given("now"), **{name: given(name) for name in STORED}).where(Member.id == given("id"))
)
Changes = Mapping[str, Sequence[object]]
# A member by id, and [before, after] by column; nothing of one who was added.
Note = tuple[int, Changes]


@dataclass(frozen=True, slots=True)
class RunningAct:
    """An act that goes on since `at`; `began_s` is the same moment on the monotonic clock."""

    id: int
    at: datetime
    began_s: float = field(default_factory=time.monotonic)

    def beat_at(self) -> datetime:
        """The time now."""
        return self.at + timedelta(seconds=time.monotonic() - self.began_s)

    def note(self, notes: Sequence[Note]) -> None:
        """Keep what was changed of members, in the transaction that changes them. Raises Refusal once it was undone for
        having been silent.
        """
        if not _BEAT.change(act=self.id, beat_at=self.beat_at()):
            raise Refusal("Interrompu trop longtemps : ce qui était déjà enregistré est annulé. Recommencez.")
        rows = [(member_id, json.dumps(changes, ensure_ascii=False)) for member_id, changes in notes]
        _NOTE.change_each(("member", "changes"), rows, act=self.id)

    def finish(self, counts: Mapping[str, int]) -> None:
        """It is whole. Inside the caller's transaction."""
        whole = MembersAct.update(finished_at=self.at, counts=json.dumps(dict(counts)))
        whole.where(MembersAct.id == self.id).execute()


@dataclass(frozen=True, slots=True)
class Act:
    """An act as pages show it. `counts` by kind: added, changed, left …"""

    id: int
    kind: str
    by: str
    at: datetime
    undone_at: datetime | None
    counts: dict[str, int]


def begin_act(kind: str, by: str, now: datetime) -> RunningAct:
    """A new act; one that was cut short before is undone first."""
    began_s = time.monotonic()
    undo_cut_short(now)
    with writing():
        return RunningAct(int(MembersAct.create(kind=kind, by=by, at=now, beat_at=now).id), now, began_s)


def acts(now: datetime) -> list[Act]:
    """Those of the last day, newest first."""
    rows = MembersAct.select().where(MembersAct.at > now - UNDONE_WITHIN, MembersAct.finished_at.is_null(False))
    return [
        Act(row.id, row.kind, row.by, row.at, row.undone_at, json.loads(row.counts))
        for row in rows.order_by(MembersAct.id.desc())
    ]


def undo_act(act_id: int, by: str, now: datetime) -> dict[str, int]:
    """`ask_undo` and `undo_asked`."""
    ask_undo(act_id, now)
    return undo_asked(act_id, by, now)


def ask_undo(act_id: int, now: datetime) -> None:
    """Mark an act to be taken back, once. Raises Refusal when its day is over."""
    with writing():
        asked = MembersAct.update(undone_at=now, beat_at=now).where(
            MembersAct.id == act_id, MembersAct.undone_at.is_null(), MembersAct.at > now - UNDONE_WITHIN
        )
        if not asked.execute():
            raise Refusal("Trop tard : cette opération ne peut plus être annulée, ou elle l'est déjà.")


def undo_cut_short(now: datetime) -> bool:
    """Undo what a kill left half done; True when there was something."""
    half_done = _HALF_DONE.rows(before=now - SILENT)
    for act_id, by in half_done:
        with writing():
            MembersAct.update(undone_at=now, finished_at=now, beat_at=now).where(MembersAct.id == act_id).execute()
        undo_asked(act_id, by, now)
    return bool(half_done)


def forget_acts(now: datetime) -> bool:
    """Delete what can be undone no more, and what it keeps of people; True when there was something."""
    old = (MembersAct.at < now - UNDONE_WITHIN) & MembersAct.finished_at.is_null(False)
    if not MembersAct.select().where(old).exists():
        return False
    gone = MembersAct.select(MembersAct.id).where(old)
    delete_in_chunks(MembersActChange, MembersActChange.act.in_(gone))
    with writing():
        MembersAct.delete().where(old).execute()
    return True


def undo_asked(act_id: int, by: str, now: datetime) -> dict[str, int]:
    """Take back an act, member by member: `undone`, and `kept` where somebody changed the same since. Cut short, it is
    taken up again by `undo_cut_short`.
    """
    undoing, counts = RunningAct(act_id, now), {"undone": 0, "kept": 0}
    act = MembersAct.get_by_id(act_id)
    rows = tuples(
        MembersActChange.select(MembersActChange.id, MembersActChange.member, MembersActChange.changes)
        .where(MembersActChange.act == act_id)
        .order_by(MembersActChange.id.desc())
    )

    def take_back(some: Sequence[tuple[Any, ...]]) -> None:
        whole = _undo({member_id: json.loads(changes) for _row_id, member_id, changes in some}, act.at, by, now)
        counts["undone"] += whole
        counts["kept"] += len(some) - whole
        MembersActChange.delete().where(MembersActChange.id.in_([row[0] for row in some])).execute()
        MembersAct.update(beat_at=undoing.beat_at()).where(MembersAct.id == act_id).execute()

    in_chunks(rows, take_back)
    with writing():
        for entry in audit.since(act.at, ["neighbourhood_saved"]):
            if (entry.at, entry.actor) == (act.at, act.by):
                _delete_unused(int(entry.subject), by, now)
        audit.record(now, by, "members_act_undone", str(act_id), undone=counts["undone"], kept=counts["kept"])
    return counts


def _delete_unused(place_id: int, by: str, now: datetime) -> None:
    """Delete a neighbourhood that an act made, unless somebody lives there or it was used for something since."""
    uses = Neighbourhood._meta.backrefs.items()
    if not any(table.select().where(key == place_id).exists() for key, table in uses):
        unused = (Neighbourhood.id == place_id) & (Neighbourhood.reference_address == "")
        if Neighbourhood.delete().where(unused).execute():
            audit.record(now, by, "neighbourhood_deleted", str(place_id))


def _undo(acted: Mapping[int, Changes], act_at: datetime, by: str, now: datetime) -> int:
    """Take back the changes of members by id; returns of how many all of it was, or who are gone."""
    cards = cards_of(acted)
    whole = len(acted) - len(cards)
    added = [card.id for card in cards if not acted[card.id]]
    untouched = list(Member.select().where(Member.id.in_(added), Member.updated_at <= act_at))
    if untouched:
        remove_members(untouched, now, by)
    audit.record_each(now, by, "member_deleted", [(str(row.id), {"how": "undo"}) for row in untouched])
    whole += len(untouched)
    places = {place_id for place_id, _name in PLACES.rows()}
    backs: list[tuple[MemberCard, dict[str, object]]] = []
    for card in cards:
        if changes := acted[card.id]:
            current = changeable(card)
            back = {column: before for column, (before, after) in changes.items() if current[column] == after}
            if "neighbourhood" in back and back["neighbourhood"] not in places:
                del back["neighbourhood"]
            backs.append((card, back))
            whole += len(back) == len(changes)
    write_cards(backs, by, "undo", now)
    return whole


def write_cards(changed: Sequence[tuple[MemberCard, Mapping[str, object]]], by: str, how: str, now: datetime) -> None:
    """`write_card` for each; in a handful of statements for those of whom neither mobile nor consents change."""
    rows, about = [], []
    places: dict[object, str] = dict(PLACES.rows())
    for card, after in changed:
        if after.keys() & {"mobile", *CHANNELS} or not after.get("email", True):
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

"""Acts on many members at once, undone on request for a day, or when they were interrupted; and two members merged."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from db.engine.connection import in_chunks, writing
from db.journal import audit
from db.people.members.acts import (
    Changes,
    Note,
    RunningAct,
    act,
    add_act,
    delete_unused_neighbourhood,
    half_done,
    mark_cut_short,
    mark_undone,
    move_to,
    notes_of,
    write_card,
    write_cards,
)
from db.people.members.cards import MemberCard, changeable
from db.people.members.erasure import remove_untouched
from db.people.members.listing import cards_of, member, neighbourhood_names
from db.people.members.saving import cancel_unless_shared
from plp.services.people.saving import save_member
from rules.members.columns import COLUMNS, MemberDraft
from rules.members.places import MOST, places_in, written_places
from rules.refusals import Refusal


def begin_act(kind: str, by: str, now: datetime) -> RunningAct:
    """A new act; one that was cut short before is undone first."""
    began_s = time.monotonic()
    undo_cut_short(now)
    return add_act(kind, by, now, began_s)


def keep_notes(running: RunningAct, notes: Sequence[Note]) -> None:
    """Keep what was changed of members, in the transaction that changes them. Raises Refusal once the act was undone
    for having been silent.
    """
    if not running.note(notes):
        raise Refusal("Interruption trop longue : les données déjà enregistrées sont annulées. Recommencez.")


def undo_act(act_id: int, by: str, now: datetime) -> dict[str, int]:
    """Take back an act, once: how many members were `undone`, and `kept` where somebody changed the same since. Cut
    short, it is taken up again by `undo_cut_short`. Raises Refusal when its day is over.
    """
    with writing():
        if not mark_undone(act_id, now):
            raise Refusal("Trop tard : cette opération ne peut plus être annulée, ou elle l'est déjà.")
    return _undo(act_id, by, now)


def undo_cut_short(now: datetime) -> bool:
    """Undo what a kill left half done; True when something was."""
    acts = half_done(now)
    for act_id, by in acts:
        with writing():
            mark_cut_short(act_id, now)
        _undo(act_id, by, now)
    return bool(acts)


def _undo(act_id: int, by: str, now: datetime) -> dict[str, int]:
    undoing, counts = RunningAct(act_id, now), {"undone": 0, "kept": 0}
    undone = act(act_id)

    def take_back(notes: Sequence[Note]) -> None:
        whole = _take_back(dict(notes), undone.at, by, now)
        counts["undone"] += whole
        counts["kept"] += len(notes) - whole
        undoing.forget([member_id for member_id, _changes in notes])

    in_chunks(notes_of(act_id), take_back)
    with writing():
        for entry in audit.since(undone.at, ["neighbourhood_saved"]):
            made_by_it = (entry.at, entry.actor) == (undone.at, undone.by)
            if made_by_it and delete_unused_neighbourhood(int(entry.subject)):
                audit.record(now, by, "neighbourhood_deleted", entry.subject)
        audit.record(now, by, "members_act_undone", str(act_id), undone=counts["undone"], kept=counts["kept"])
    return counts


def _take_back(changed: Mapping[int, Changes], act_at: datetime, by: str, now: datetime) -> int:
    """Undo the changes of members by id; returns how many were restored completely, or were deleted since."""
    cards = cards_of(changed)
    removed = remove_untouched([card.id for card in cards if not changed[card.id]], act_at, now, by)
    audit.record_each(now, by, "member_deleted", [(str(member_id), {"how": "undo"}) for member_id in removed])
    whole = len(changed) - len(cards) + len(removed)
    places = neighbourhood_names()
    backs: list[tuple[MemberCard, dict[str, object]]] = []
    for card in cards:
        if changes := changed[card.id]:
            current = changeable(card)
            back = {column: before for column, (before, after) in changes.items() if current[column] == after}
            if "neighbourhood" in back and back["neighbourhood"] not in places:
                del back["neighbourhood"]
            backs.append((card, back))
            whole += len(back) == len(changes)
    write_cards(backs, by, "undo", now)
    return whole


def change_together(ids: Sequence[int], column: str, value: object, by: str, now: datetime) -> tuple[int, int]:
    """Give all of these members one value: a neighbourhood (an id), language, role, `sms` or `mail_group` (a bool).

    Returns the number of those who had another, and of the act, which can be undone for a day.
    """
    running, changed = begin_act("bulk", by, now), 0

    def take(some: Sequence[int]) -> None:
        nonlocal changed
        others = [(card, before) for card in cards_of(some) if (before := changeable(card)[column]) != value]
        write_cards([(card, {column: value}) for card, _before in others], by, "bulk", now)
        keep_notes(running, [(card.id, {column: (before, value)}) for card, before in others])
        changed += len(others)

    in_chunks(ids, take)
    with writing():
        running.finish({"changed": changed})
        audit.record(now, by, "members_changed_together", str(running.id), members=changed, changed={column: []})
    return changed, running.id


def change_one(
    member_id: int, draft: MemberDraft, by: str, now: datetime, number_shared: bool, shown: Collection[str]
) -> int:
    """Save a member as `save_member` does, as a separate act; returns its id. Raises the same errors."""
    with writing():
        running, card = begin_act("row", by, now), member(member_id)
        save_member(member_id, draft, by, now, number_shared=number_shared, how="table", shown=shown)
        before, after = (changeable(known) for known in (card, member(member_id)) if known)
        changes = {name: (value, after[name]) for name, value in before.items() if value != after[name]}
        keep_notes(running, [(member_id, changes)])
        running.finish({"changed": 1})
    return running.id


def _places_of_both(kept: MemberCard, gone: MemberCard) -> str:
    """The further places of both, and the other's home where it is another one."""
    elsewhere = [] if gone.neighbourhood_id == kept.neighbourhood_id else [(gone.neighbourhood, gone.street)]
    return written_places([*places_in(kept.other_places), *elsewhere, *places_in(gone.other_places)][:MOST])


def merge_members(kept_id: int, gone_id: int, by: str, now: datetime) -> None:
    """Keep one row, completed from the other: empty columns, places, messages, mails, groups. Raises Refusal. Where
    both have a value the kept row's stays, including consents: the other's number gets nothing more.
    """
    with writing():
        kept, gone = member(kept_id), member(gone_id)
        if kept is None or gone is None or kept_id == gone_id:
            raise Refusal("Choisissez deux membres différents, qui existent encore.")
        move_to(kept_id, gone_id)
        known = {name: getattr(gone, name) for name in COLUMNS if getattr(gone, name) and not getattr(kept, name)}
        known["other_places"] = _places_of_both(kept, gone)
        for way, channel in (("mobile", "sms"), ("email", "mail_group")):
            if way in known and getattr(gone, channel):
                known[channel] = True
        write_card(kept, known, by, "merge", now)
        if gone.mobile:
            cancel_unless_shared(gone.mobile, now, by)
        audit.record(now, by, "members_merged", str(kept_id), other=gone_id)

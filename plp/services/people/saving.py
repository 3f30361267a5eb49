"""A member is added or changed; acts on many members, undone on request for a day, or when cut short; two merged."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from db.engine.base import card_of
from db.engine.connection import in_chunks, writing
from db.journal import audit
from db.people.members import saving as stored
from db.people.members.cards import MemberCard, changeable
from db.people.members.erasure import forgotten, remove_untouched, welcome_back
from db.people.members.listing import cards_of, ids_with, member, neighbourhood_names
from rules import members as fields
from rules.calendar import local_date
from rules.collation import folded
from rules.members import COLUMNS, FURTHER, MemberDraft, answers, checked
from rules.refusals import FieldRefusal, Missing, Overtaken, Refusal

BY_PROGRAM = "api"
# Of two who give members numbers at one moment, the second sees whose they are.
NUMBERS_TURN = "numbers"


class NumberTaken(FieldRefusal, code="number_taken"):
    """Another member has this number, and it is not marked as shared."""


def draft_of(card: MemberCard) -> MemberDraft:
    """The member as a form begins with."""
    values = {name: COLUMNS[name].written(getattr(card, name) or "") for name in FURTHER}
    return card_of(MemberDraft, card, mobile=card.mobile or "", email=card.email or "", **values)


def save_member(
    member_id: int | None,
    draft: MemberDraft,
    by: str,
    now: datetime,
    welcome: bool = False,
    number_shared: bool = False,
    how: str = "form",
    shown: Collection[str] | None = None,
) -> int:
    """Add (None) or change a member; the id. Raises FieldRefusal, and Overtaken for other consents than `shown`."""
    values = checked(draft)
    with writing(NUMBERS_TURN):
        stored.lock_members([member_id or 0])
        require_neighbourhood(draft.neighbourhood_id)
        require_known_places(values["other_places"])
        if shown is not None and member_id is not None and set(shown) != stored.agreed_channels(member_id):
            raise Overtaken(
                "Les consentements de cette personne ont changé entre-temps (par exemple par un STOP). "
                "Aucune modification n'est enregistrée : vérifiez les cases, puis enregistrez de nouveau."
            )
        twins = ids_with(values["mobile"]) if values["mobile"] and not number_shared else []
        for twin in cards_of(other for other in twins if other != member_id):
            raise NumberTaken(
                "mobile",
                "Ce numéro est déjà celui de {first} {last}. Si c'est la même personne, ajoutez ce lieu à sa fiche. "
                "S'ils partagent le numéro, cochez « numéro partagé ».",
                first=twin.first_name,
                last=twin.last_name,
            )
        if member_id is None:
            ways = [way for way in (values["mobile"], values["email"]) if way]
            if how == BY_PROGRAM:  # as a list: only a person's hand brings somebody back
                refuse_forgotten(ways, forgotten(ways))
            welcome_back(ways)
            return stored.add_members([(values, draft)], by, how, now, welcome)[0]
        if not stored.write_member(member_id, values, answers(draft, values), by, how, now):
            raise Missing("Ce membre n'existe plus.")
    return member_id


def refuse_forgotten(ways: Iterable[str], gone: Mapping[str, datetime]) -> None:
    """Raise Refusal if one of these numbers and addresses was erased, with the day."""
    since = [gone[way] for way in ways if way in gone]
    if since:
        raise Refusal(
            "personne supprimée le {date} : un import ne peut pas la rajouter. Si elle revient, ajoutez-la à la main",
            date=f"{local_date(max(since)):%d/%m/%Y}",
        )


def require_known_places(places: str) -> None:
    """Raise FieldRefusal where a further place names no neighbourhood."""
    known = neighbourhood_names().values()
    keys = {folded(name) for name in known}
    if unknown := [name for name, _street in fields.places_in(places) if folded(name) not in keys]:
        raise FieldRefusal(
            "other_places",
            "quartier inconnu : {unknown} ; connus : {known}",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known),
        )


def require_neighbourhood(place_id: int) -> None:
    """Raise FieldRefusal where this is no neighbourhood's id."""
    if place_id not in neighbourhood_names():
        raise FieldRefusal("neighbourhood_id", "choisissez un quartier de la liste")


def begin_act(kind: str, by: str, now: datetime) -> stored.RunningAct:
    """A new act; one that was cut short before is undone first."""
    began_s = time.monotonic()
    undo_cut_short(now)
    return stored.add_act(kind, by, now, began_s)


def keep_notes(running: stored.RunningAct, notes: Sequence[stored.Note]) -> None:
    """Keep what was changed, in the same transaction. Raises Refusal if the act was undone for its silence."""
    if not running.note(notes):
        raise Refusal("Interruption trop longue : les données déjà enregistrées sont annulées. Recommencez.")


def undo_act(act_id: int, by: str, now: datetime) -> dict[str, int]:
    """Take back an act, once: how many members were `undone`, and how many `kept` since somebody changed the same."""
    with writing():
        if not stored.mark_undone(act_id, now):
            raise Refusal("Trop tard : cette opération ne peut plus être annulée, ou elle l'est déjà.")
    return _undo(act_id, by, now)


def undo_cut_short(now: datetime) -> bool:
    """Undo what a kill left half done; True when something was."""
    acts = stored.half_done(now)
    for act_id, by in acts:
        with writing():
            stored.mark_cut_short(act_id, now)
        _undo(act_id, by, now)
    return bool(acts)


def _undo(act_id: int, by: str, now: datetime) -> dict[str, int]:
    undoing, counts = stored.RunningAct(act_id, now), {"undone": 0, "kept": 0}
    undone = stored.act(act_id)

    def take_back(notes: Sequence[stored.Note]) -> None:
        whole = _take_back(dict(notes), undone.at, by, now)
        counts["undone"] += whole
        counts["kept"] += len(notes) - whole
        undoing.forget([member_id for member_id, _changes in notes])

    in_chunks(stored.notes_of(act_id), take_back)
    with writing():
        for entry in audit.since(undone.at, ["neighbourhood_saved"]):
            made_by_it = (entry.at, entry.actor) == (undone.at, undone.by)
            if made_by_it and stored.delete_unused_neighbourhood(int(entry.subject)):
                audit.record(now, by, "neighbourhood_deleted", entry.subject)
        audit.record(now, by, "members_act_undone", str(act_id), undone=counts["undone"], kept=counts["kept"])
    return counts


def _take_back(changed: Mapping[int, stored.Changes], act_at: datetime, by: str, now: datetime) -> int:
    """Undo the changes of members by id; returns how many were restored completely, or were deleted since."""
    stored.lock_members(changed)
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
    stored.write_cards(backs, by, "undo", now)
    return whole


def change_together(ids: Sequence[int], column: str, value: object, by: str, now: datetime) -> tuple[int, int]:
    """Give these members one value of a column (`sms`, a neighbourhood's id); how many had another, and the act."""
    running, changed = begin_act("bulk", by, now), 0

    def take(some: Sequence[int]) -> None:
        nonlocal changed
        stored.lock_members(some)
        others = [(card, before) for card in cards_of(some) if (before := changeable(card)[column]) != value]
        stored.write_cards([(card, {column: value}) for card, _before in others], by, "bulk", now)
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


def merge_members(kept_id: int, gone_id: int, by: str, now: datetime) -> None:
    """Keep one row, completed from the other: empty columns, places, messages, mails, groups. Raises Refusal. Where
    both have a value the kept row's stays, including consents: the other's number gets nothing more.
    """
    with writing():
        stored.lock_members([kept_id, gone_id])
        kept, gone = member(kept_id), member(gone_id)
        if kept is None or gone is None or kept_id == gone_id:
            raise Refusal("Choisissez deux membres différents, qui existent encore.")
        stored.move_to(kept_id, gone_id)
        known = {name: getattr(gone, name) for name in COLUMNS if getattr(gone, name) and not getattr(kept, name)}
        home = [] if gone.neighbourhood_id == kept.neighbourhood_id else [(gone.neighbourhood, gone.street)]
        places = [*fields.places_in(kept.other_places), *home, *fields.places_in(gone.other_places)]
        known["other_places"] = fields.written_places(places[: fields.MOST])
        for way, channel in (("mobile", "sms"), ("email", "mail_group")):
            if way in known and getattr(gone, channel):
                known[channel] = True
        stored.write_card(kept, known, by, "merge", now)
        if gone.mobile:
            stored.cancel_unless_shared(gone.mobile, now, by)
        audit.record(now, by, "members_merged", str(kept_id), other=gone_id)

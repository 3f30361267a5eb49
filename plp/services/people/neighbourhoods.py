"""Neighbourhoods: saved, deleted, put in the order of sending, two of them made one."""

from dataclasses import asdict
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.journal import audit
from db.people.neighbourhoods import (
    NeighbourhoodValues,
    add_neighbourhood,
    move_all,
    move_people,
    neighbourhood_named,
    neighbourhood_values,
    ordered_ids,
    people_in,
    put_in_order,
    remove_neighbourhood,
    update_neighbourhood,
)
from db.people.zone import directory
from rules.members.columns import is_mail_address, one_line
from rules.refusals import FieldRefusal, Refusal


def save_neighbourhood(
    neighbourhood_id: int | None,
    name: str,
    reference_address: str,
    by: str,
    now: datetime,
    station: int | None = None,
    officer: int | None = None,
) -> int:
    """Add or change a neighbourhood; returns its id. `station` and `officer`: of the directory. Raises FieldRefusal."""
    values = NeighbourhoodValues(one_line(name), reference_address.strip(), station, officer)
    if not values.name:
        raise FieldRefusal("name", "Donnez un nom au quartier.")
    if (address := values.reference_address) and not is_mail_address(address):
        raise FieldRefusal("reference_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        known = {entry.id for entry in directory()} | {None}
        for field, entry in (("station", station), ("officer", officer)):
            if entry not in known:
                raise FieldRefusal(field, "Ce numéro utile n'existe plus. Choisissez-en un autre.")
        if neighbourhood_named(values.name) not in (None, neighbourhood_id):
            raise FieldRefusal("name", "Le quartier « {name} » existe déjà.", name=values.name)
        before = None if neighbourhood_id is None else neighbourhood_values(neighbourhood_id)
        if neighbourhood_id is None:
            neighbourhood_id = add_neighbourhood(values)
        elif before is None:
            raise _gone()
        else:
            update_neighbourhood(neighbourhood_id, values)
        changed = audit.changes(asdict(before) if before else {}, asdict(values), ("name",))
        audit.record(now, by, "neighbourhood_saved", str(neighbourhood_id), changed=changed)
    return neighbourhood_id


def delete_neighbourhood(neighbourhood_id: int, by: str, now: datetime) -> None:
    """Remove a neighbourhood that nobody lives in. Raises Refusal."""
    with writing():
        if people := people_in(neighbourhood_id):
            raise Refusal("Membres encore dans ce quartier : {people}. Changez-les d'abord de quartier.", people=people)
        remove_neighbourhood(neighbourhood_id)
        audit.record(now, by, "neighbourhood_deleted", str(neighbourhood_id))


def move_neighbourhood(neighbourhood_id: int, down: bool, by: str, now: datetime) -> None:
    """One place up or down in the order of sending; at the end of the list nothing changes. Raises Refusal."""
    with writing():
        take_turn("neighbourhoods")
        places = ordered_ids()
        if neighbourhood_id not in places:
            raise _gone()
        at = places.index(neighbourhood_id)
        to = at + 1 if down else at - 1
        if 0 <= to < len(places):
            places[at], places[to] = places[to], places[at]
            put_in_order(places)
            audit.record(now, by, "neighbourhood_moved", str(neighbourhood_id))


def merge_neighbourhoods(gone_id: int, into_id: int, by: str, now: datetime) -> int:
    """Move everybody to another neighbourhood and delete this one; returns how many. Raises Refusal.

    Cut short, some have moved, the neighbourhood of the others still exists, and it can be done again.
    """
    if gone_id == into_id:
        raise Refusal("Choisissez un autre quartier.")
    _require(gone_id, into_id)
    people = move_people(gone_id, into_id, now)
    with writing():
        take_turn("neighbourhoods")
        _require(gone_id, into_id)
        people += move_all(gone_id, into_id, now)
        remove_neighbourhood(gone_id)
        audit.record(now, by, "neighbourhood_merged", str(into_id), people=people)
    return people


def _require(*place_ids: int) -> None:
    if not set(place_ids) <= set(ordered_ids()):
        raise _gone()


def _gone() -> Refusal:
    return Refusal("Ce quartier n'existe plus.")

"""The neighbourhoods that an officer chose, in the order in which they will be served."""

from collections.abc import Sequence

from flask import request

from console.web import form_fields
from db.people.members.cards import NeighbourhoodCard
from db.people.outlines import neighbours

_EARLIER = "earlier:"
_AROUND = 3
_LONGEST = 100  # characters of a neighbourhood's name
_LONGEST_STREET = 2 * _LONGEST + 3


def typed_places() -> tuple[str, ...]:
    """The ticked neighbourhoods in the order of the page; the button « plus tôt » moves one of them up."""
    names = list(dict.fromkeys(form_fields.cleaned(name, _LONGEST) for name in request.form.getlist("neighbourhood")))
    do = request.form.get("do", "")
    if do.startswith(_EARLIER) and (name := do.removeprefix(_EARLIER)) in names:
        at = names.index(name)
        names.insert(max(0, at - 1), names.pop(at))
    return tuple(names)


def in_order(places: Sequence[NeighbourhoodCard], chosen: Sequence[str]) -> list[NeighbourhoodCard]:
    """The chosen ones first, in the officer's order; the others after them in the zone's."""
    rank = {name: at for at, name in enumerate(chosen)}
    return sorted(places, key=lambda place: rank.get(place.name, len(rank)))


def around(places: Sequence[NeighbourhoodCard]) -> dict[str, list[str]]:
    """The nearest others by neighbourhood; none for one without an outline."""
    names = {place.id: place.name for place in places}
    return {
        names[place]: [names[other] for other in others if other in names]
        for place, others in neighbours(_AROUND).items()
        if place in names
    }


def typed_names(field: str) -> tuple[str, ...]:
    """The ticked `group`s of members, or streets (`only_street`); `db.people.audience` refuses a name that is none."""
    return tuple(dict.fromkeys(form_fields.cleaned(name, _LONGEST_STREET) for name in request.form.getlist(field)))


def typed_near() -> str:
    """The neighbourhood where it happened, empty for none; `db.people.audience` refuses a name that is not one."""
    return form_fields.cleaned(request.form.get("near", ""), _LONGEST)

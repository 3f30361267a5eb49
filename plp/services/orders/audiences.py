"""An audience resolved: the names in it become ids once, and an unknown one is refused here."""

from db.people.audience import Audience, AudienceIds
from db.people.geography import nearest_first, street_of
from db.people.member_groups import groups_by_name
from db.people.members.listing import neighbourhood_names
from rules import members as rules


def resolve(audience: Audience) -> AudienceIds:
    """The ids of all that an audience names; single numbers stay as they are. Raises Refusal for an unknown name."""
    if audience.numbers:
        return AudienceIds(numbers=audience.numbers)
    streets = tuple(street_of(name) or rules.refuse_street(name) for name in audience.streets)
    groups = groups_by_name() if audience.groups else {}
    rules.require_groups(audience.groups, groups)
    places = {name: number for number, name in neighbourhood_names().items()}
    if not audience.everyone:
        rules.require_somebody(audience.kind == "places")
        rules.require_places(audience.neighbourhoods, places)
    rules.require_near(audience.near, places)
    chosen = tuple(dict.fromkeys(places[name] for name in audience.neighbourhoods if name in places))
    served = list(dict.fromkeys((*(() if audience.everyone else chosen), *places.values())))
    if audience.near:
        served = nearest_first(served, places[audience.near])
    return AudienceIds(
        everyone=audience.everyone,
        places=chosen,
        groups=tuple(groups[name] for name in audience.groups),
        streets=streets,
        served=tuple(served),
        near_street=street_of(audience.near_street) if audience.near_street else None,
    )

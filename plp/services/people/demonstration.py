"""Invented people for `plp run --demo`; none of them exists."""

from datetime import datetime

from db.engine.connection import writing
from db.people.members.listing import neighbourhoods
from plp.services.people.neighbourhoods import save_neighbourhood, save_outline
from plp.services.people.saving import save_member
from rules.geometry import Point
from rules.members import MemberDraft

# By neighbourhood the corners of its outline, invented too; where two meet, they are the same.
_NORTH, _MIDDLE, _SOUTH = (
    [(5.487, 50.570), (5.480, 50.556)],
    [(5.480, 50.556), (5.486, 50.541)],
    [(5.486, 50.541), (5.478, 50.522)],
)
_EAST = [(5.508, 50.566), (5.522, 50.552), (5.519, 50.536), (5.503, 50.526)]
_WEST = [(5.480, 50.556), (5.455, 50.548), (5.432, 50.550)]
PLACES: dict[str, list[Point]] = {
    "Plainevaux": [*_EAST, (5.527, 50.518), (5.551, 50.525), (5.566, 50.544), (5.558, 50.563), (5.532, 50.572)],
    "Rotheux-Rimière": [*_NORTH, *_MIDDLE, *_SOUTH, *reversed(_EAST)],
    "Neuville-en-Condroz": [*_WEST, (5.418, 50.541), (5.424, 50.526), (5.450, 50.514), *reversed(_SOUTH)],
    "Ehein": [*_WEST, (5.425, 50.560), (5.445, 50.577), (5.470, 50.581), _NORTH[0]],
}
# Their streets, in the same order.
_STREETS = (
    ("Rue de l'Église", "Rue du Vieux Moulin", "Avenue des Tilleuls"),
    ("Rue du Centre", "Route de Marche", "Clos des Bouleaux"),
    ("Rue du Château", "Avenue du Golf", "Rue des Carrières"),
    ("Rue du Lavoir", "Rue de la Chapelle", "Sentier des Vergers"),
)
_FIRST = ("Anne", "Luc", "Fatima", "Jan", "Chiara", "Émile", "Sofie", "Karim", "Nadège", "Piet", "Inès", "Théo")
_LAST = ("Lambert", "Dupont", "Peeters", "Janssens", "Rossi", "Collard", "Maes", "Haddad", "Noël", "Thiry", "Wauters")
PEOPLE = 48
_WITHOUT_MOBILE = (13, 26, 39)


def invent(now: datetime) -> None:
    """Fill an empty demonstration database; does nothing when it has members."""
    with writing():
        if neighbourhoods():
            return
        places = [
            save_neighbourhood(None, name, f"plp.{name.split('-')[0].lower()}@example.org", "plp", now)
            for name in PLACES
        ]
        for place_id, corners in zip(places, PLACES.values(), strict=True):
            save_outline(place_id, corners, "plp", now)
        for number in range(PEOPLE):
            draft = MemberDraft(
                first_name=_FIRST[number % len(_FIRST)],
                last_name=_LAST[number % len(_LAST)],
                # Three gave no mobile: two get mail, the third is called.
                mobile="" if number in _WITHOUT_MOBILE else f"+324700000{number:02}",
                landline=f"+324200{number:04}" if number % 6 == 3 or number in _WITHOUT_MOBILE else "",
                email="" if number == _WITHOUT_MOBILE[-1] else f"membre{number}@example.org",
                # By another count than the neighbourhoods: all have readers of Dutch.
                language=("fr", "fr", "fr", "nl")[number // 4 % 4],
                neighbourhood_id=places[number % len(places)],
                street=_STREETS[number % 4][number // 4 % 3],
                # Four of five agreed to be in their neighbourhood's mail group, which its coordinator reads.
                mail_group=number % 5 != 4,
                role="coordinator" if number < len(places) else "member",
            )
            save_member(None, draft, "plp", now, how="demo")

"""Invented people for `plp run --demo`; none of them exists."""

from datetime import datetime

from db.engine.connection import writing
from db.people.members.listing import neighbourhoods
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members.columns import MemberDraft

PLACES = ("Plainevaux", "Rotheux-Rimière", "Neuville-en-Condroz", "Ehein")
_FIRST = ("Anne", "Luc", "Fatima", "Jan", "Chiara", "Émile", "Sofie", "Karim", "Nadège", "Piet", "Inès", "Théo")
_LAST = ("Lambert", "Dupont", "Peeters", "Janssens", "Rossi", "Collard", "Maes", "Haddad", "Noël", "Thiry", "Wauters")
PEOPLE = 48


def invent(now: datetime) -> None:
    """Fill an empty demonstration database; does nothing when it has members."""
    with writing():
        if neighbourhoods():
            return
        places = [
            save_neighbourhood(None, name, f"plp.{name.split('-')[0].lower()}@example.org", "plp", now)
            for name in PLACES
        ]
        for number in range(PEOPLE):
            draft = MemberDraft(
                first_name=_FIRST[number % len(_FIRST)],
                last_name=_LAST[number % len(_LAST)],
                # One in sixteen gave no number: they get mail only.
                mobile="" if number % 16 == 15 else f"+324700000{number:02}",
                email=f"membre{number}@example.org",
                language=("fr", "fr", "fr", "nl")[number % 4],
                neighbourhood_id=places[number % len(places)],
                role="coordinator" if number < len(places) else "member",
            )
            save_member(None, draft, "plp", now, how="demo")

"""Who may be reached by another channel when no modem works: what members agreed to, and no more."""

from dataclasses import dataclass
from pathlib import Path

from db.folding import folded
from db.house import state_folder
from db.members.listing import cards
from db.models import Member, Neighbourhood
from db.settings import Settings


@dataclass(frozen=True, slots=True)
class Person:
    """A member as far as they agreed: `mobile` for SMS, `email` for the mail group; None for what they did not."""

    first_name: str
    last_name: str
    mobile: str | None
    email: str | None
    language: str
    neighbourhood: str
    role: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody who agreed to something, by neighbourhood, then name; `left_out` agreed to nothing."""

    people: tuple[Person, ...]
    left_out: int

    def of(self, neighbourhood: str) -> list[Person]:
        """The people of one neighbourhood."""
        return [person for person in self.people if person.neighbourhood == neighbourhood]

    @property
    def neighbourhoods(self) -> list[str]:
        """The names of those where somebody lives who agreed, in their order."""
        return list(dict.fromkeys(person.neighbourhood for person in self.people))


def archive_folder(settings: Settings) -> Path:
    """Where this machine keeps the archives of its nights."""
    return state_folder(settings) / "plan-b"


def run_name(settings: Settings) -> str:
    """The name of this machine's nightly run; its outcome is the archive's file."""
    return f"plan_b/{settings.host}"


def roll() -> Roll:
    """The members for another channel than SMS through modems."""
    rows = cards(Member.select(Member, Neighbourhood).join(Neighbourhood).order_by(Neighbourhood.position))
    places = [row.name for row in Neighbourhood.select().order_by(Neighbourhood.position, Neighbourhood.name)]
    order = {name: index for index, name in enumerate(places)}
    people = [
        Person(
            card.first_name,
            card.last_name,
            card.mobile if card.sms else None,
            card.email if card.mail_group else None,
            card.language,
            card.neighbourhood,
            card.role,
        )
        for card in rows
    ]
    agreed = [person for person in people if person.mobile or person.email]
    agreed.sort(key=lambda one: (order[one.neighbourhood], folded(one.last_name), folded(one.first_name)))
    return Roll(tuple(agreed), len(people) - len(agreed))

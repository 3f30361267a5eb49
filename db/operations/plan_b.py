"""Members for plan B, by another channel when no modem works: only the numbers and addresses that they agreed to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from peewee import JOIN, Case

from db.engine.base import tuples
from db.engine.files import state_folder
from db.models.people import Consent, Member, Neighbourhood
from db.operations.incidents import open_incidents
from db.settings.values import Settings
from rules.collation import folded
from rules.sentences import Sentence

POLICE = "police"
DUTY_CARD = "permanence"
SHEETS_STATE = "sheets.json"
# Kind of the incidents about plan B; their subject is a machine, or a machine and "/" and what of it is missed.
INCIDENT = "plan_b"


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
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody who agreed to something, by neighbourhood, then name; `left_out` agreed to nothing."""

    people: tuple[Person, ...]
    left_out: int

    def of(self, neighbourhood: str) -> list[Person]:
        return [person for person in self.people if person.neighbourhood == neighbourhood]

    @property
    def neighbourhoods(self) -> list[str]:
        """The names of those where somebody lives who agreed, in their order."""
        return list(dict.fromkeys(person.neighbourhood for person in self.people))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Summary of one file: a digest of its content, who calls, and the number of phones."""

    digest: str
    callers: tuple[str, ...] = ()
    to_call: int = 0


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets on this machine's disk by file (`POLICE`, `DUTY_CARD`, or a neighbourhood's id), true `as_of`; counts
    are the roll's.
    """

    as_of: datetime | None
    people: int
    left_out: int
    drawn: Mapping[str, Sheet]


def archive_folder(settings: Settings) -> Path:
    """Folder of this machine's nightly archives."""
    return state_folder(settings) / "plan-b"


def sheet_folder(settings: Settings) -> Path:
    """Folder of this machine's sheets of the phone tree: the jobs write them, the console reads them."""
    return archive_folder(settings) / "sheets"


def sheets(settings: Settings) -> Sheets:
    """The sheets of this machine; empty where their index cannot be read."""
    try:
        kept = json.loads((sheet_folder(settings) / SHEETS_STATE).read_text(encoding="utf-8"))
        as_of = datetime.fromisoformat(kept["as_of"]) if kept["as_of"] else None
        drawn = {
            name: Sheet(one["digest"], tuple(one["callers"]), one["to_call"]) for name, one in kept["drawn"].items()
        }
        return Sheets(as_of, kept["people"], kept["left_out"], drawn)
    except (OSError, ValueError, KeyError, TypeError):
        return Sheets(None, 0, 0, {})


def plan_b_troubles(settings: Settings) -> list[Sentence]:
    """The parts of this machine's plan B that could not be made, in the words of their incidents."""
    own = [card for card in open_incidents() if card.kind == INCIDENT]
    return [card.words for card in own if card.subject.partition("/")[0] == settings.host]


def roll() -> Roll:
    """The members for another channel than SMS through modems. Read as plain rows: there may be 50,000."""
    sms, mail = Consent.alias(), Consent.alias()
    rows = tuples(
        Member.select(
            Member.first_name,
            Member.last_name,
            Case(None, ((sms.id.is_null(False), Member.mobile),)),
            Case(None, ((mail.id.is_null(False), Member.email),)),
            Member.language,
            Neighbourhood.name,
            Member.role,
        )
        .join(Neighbourhood)
        .join(sms, JOIN.LEFT_OUTER, on=_agreed(sms, "sms"))
        .join(mail, JOIN.LEFT_OUTER, on=_agreed(mail, "mail_group"), src=Member)
    )
    order = {name: index for index, name in enumerate(places().values())}
    people = [person for person in (Person(*row) for row in rows) if person.mobile or person.email]
    people.sort(key=lambda one: (order[one.neighbourhood], folded(one.last_name), folded(one.first_name)))
    return Roll(tuple(people), len(rows) - len(people))


def places() -> dict[int, str]:
    """The neighbourhoods' names by id, in their order."""
    ordered = Neighbourhood.select(Neighbourhood.id, Neighbourhood.name)
    return dict(tuples(ordered.order_by(Neighbourhood.position, Neighbourhood.name)))


def _agreed(consent: Any, channel: str) -> Any:
    return (consent.member == Member.id) & (consent.channel == channel) & consent.given

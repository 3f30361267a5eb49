"""Members and neighbourhoods as values, for the other packages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.collation import folded, sought

MemberState = Literal["active", "opted_out", "no_number"]
# Columns of a member that may stay empty; no SMS goes to these numbers.
FURTHER = ("landline", "second_number", "street", "house_number", "postal_code")
# Those that a list may say, beside the neighbourhood and consents.
COLUMNS = ("first_name", "last_name", "mobile", "email", "language", "role", *FURTHER)
CHANNELS = ("sms", "mail_group")


def columns_of(card: "MemberCard") -> dict[str, object]:
    """The columns of a member as they are stored."""
    return {column: getattr(card, column) for column in COLUMNS} | {"neighbourhood": card.neighbourhood_id}


def changeable(card: "MemberCard") -> dict[str, object]:
    """The columns of a member, and consents by channel: what an act on many members changes."""
    return columns_of(card) | {channel: getattr(card, channel) for channel in CHANNELS}


def stored_columns(values: Mapping[str, object]) -> dict[str, object]:
    """A member's columns with those that are made of them: what a list is ordered by, and what a search looks in."""
    searched = ("last_name", "first_name", "email", "mobile", "second_number", "landline", "street", "house_number")
    return {
        **values,
        "name_key": folded(f"{values['last_name']} {values['first_name']}"),
        "searchable": sought(" ".join(str(values[column] or "") for column in searched)),
    }


@dataclass(frozen=True, slots=True)
class NeighbourhoodCard:
    """A quartier. `members` are people; an alert goes to the `active` ones, at `reachable` distinct numbers."""

    id: int
    name: str
    position: int
    reference_address: str
    members: int
    without_mobile: int
    active: int
    reachable: int

    @property
    def opted_out(self) -> int:
        """People whose mobile gets no alert."""
        return self.members - self.without_mobile - self.active


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """The answer for one channel, its time, how it came (form, import, …) and who recorded it."""

    channel: str
    given: bool
    at: datetime
    how: str
    who: str


@dataclass(frozen=True, slots=True)
class MemberCard:
    """One person of the partnership."""

    id: int
    first_name: str
    last_name: str
    mobile: str | None
    email: str | None
    language: str
    neighbourhood_id: int
    neighbourhood: str
    role: str
    sms: bool
    mail_group: bool
    consents: tuple[ConsentCard, ...]
    landline: str = ""
    second_number: str = ""
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    restricted_at: datetime | None = None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def state(self) -> MemberState:
        """Reach of an alert."""
        if self.mobile is None:
            return "no_number"
        return "active" if self.sms else "opted_out"

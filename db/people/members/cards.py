"""Members and neighbourhoods as values, for the other packages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from rules.collation import folded, sought
from rules.members.columns import CHANNELS, COLUMNS, MemberColumns

MemberState = Literal["active", "opted_out", "no_number"]
_SEARCHED = [name for name, column in COLUMNS.items() if column.searched]


def columns_of(card: "MemberCard") -> dict[str, Any]:
    """The columns of a member as they are stored."""
    return {column: getattr(card, column) for column in COLUMNS} | {"neighbourhood": card.neighbourhood_id}


def changeable(card: "MemberCard") -> dict[str, Any]:
    """The columns of a member, and consents by channel: what an act on many members changes."""
    return columns_of(card) | {channel: getattr(card, channel) for channel in CHANNELS}


def stored_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """A member's columns with those that are made of them: what a list is ordered by, and what a search looks in."""
    return {
        **values,
        "name_key": folded(f"{values['last_name']} {values['first_name']}"),
        "searchable": sought(" ".join(values[column] or "" for column in _SEARCHED)),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCard(MemberColumns[str | None]):
    """One person of the partnership, with the columns of `rules.members.columns`."""

    id: int
    neighbourhood: str
    sms: bool
    mail_group: bool
    consents: tuple[ConsentCard, ...]
    restricted_at: datetime | None = None

    @property
    def state(self) -> MemberState:
        """Reach of an alert."""
        if self.mobile is None:
            return "no_number"
        return "active" if self.sms else "opted_out"

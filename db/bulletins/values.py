"""Bulletins as values, for the console and the jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from db.models.bulletins import BulletinEnclosure
from rules.states import LONGER

# docs/reference/mission.md, "What flows, and how", rows 2 and 4.
# What is not about security has no category: it is not sent.
CATEGORIES = ("feedback", "tactical", "strategic", "operational", "prevention", LONGER)
# Those that speak of an alert.
OF_AN_ALERT = ("feedback", LONGER)

How = Literal["link", "mail", "officer", "console"]
Owed = Literal["first", "nudge"]


@dataclass(frozen=True, slots=True)
class Words:
    """A bulletin's title and text in one language; the text is Markdown without HTML."""

    language: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class BulletinDraft:
    """A bulletin as typed. `texts[0]` is for readers of languages without a text; `alert_id` is what it speaks of."""

    category: str
    texts: tuple[Words, ...]
    everywhere: bool | None
    neighbourhood_ids: tuple[int, ...] = ()
    alert_id: int | None = None
    group_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BulletinCard:
    """`places` are names, empty in a draft for all; `nonce` is its own for ever; `enclosures` have no content."""

    id: int
    nonce: str
    category: str
    texts: tuple[Words, ...]
    everywhere: bool
    neighbourhood_ids: tuple[int, ...]
    places: tuple[str, ...]
    alert_id: int | None
    version: int
    written_by: str
    changed_at: datetime
    sent_by: str
    sent_at: datetime | None
    enclosures: tuple[BulletinEnclosure, ...] = ()
    group_ids: tuple[int, ...] = ()

    @property
    def seen(self) -> str:
        """Version of the draft that a page showed: its form sends it back, so that nothing else is sent."""
        return f"{self.nonce}/{self.version}"

    @property
    def title(self) -> str:
        return self.texts[0].title if self.texts else ""

    def words_for(self, language: str) -> Words:
        """The version that a reader of `language` gets: theirs, else the first."""
        return next((words for words in self.texts if words.language == language), self.texts[0])


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A reader of bulletins: a member, or a neighbourhood's address; or of a group (`group_id`), who relays none."""

    neighbourhood_id: int | None
    place: str
    member_id: int | None
    name: str
    address: str
    language: str
    deputy: bool = False
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A neighbourhood without a reader: it has no coordinator, or one without an e-mail."""

    neighbourhood_id: int
    place: str
    reason: Literal["nobody", "no_address"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Readers:
    """Readers that a bulletin would have, and the neighbourhoods in which nobody would relay it."""

    people: tuple[Correspondent, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class RelayTally:
    """« 9 sur 12 ont relayé, médiane 11 min »: neighbourhoods, and seconds to their first relays. Of a longer version
    (`mailed`): readers, and mails that a server accepted."""

    places: int
    relayed: int
    median_s: float | None
    mailed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedMail(Correspondent):
    """A mail that the jobs have to write. `in_reply_to` is the mail that a nudge reminds of."""

    relay_id: int
    kind: Owed
    nudges: int
    bulletin: BulletinCard
    group_address: str
    in_reply_to: int | None


@dataclass(frozen=True, slots=True)
class OwedFeedback:
    """An alert on which the coordinators have had no feedback yet."""

    broadcast_id: int
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A neighbourhood's Google Group. `addresses` are only those of the people who agreed to it."""

    neighbourhood_id: int
    place: str
    group_address: str
    deputy_id: int | None
    deputy: str
    addresses: Sequence[str] = field(default_factory=tuple)
    without_consent: int = 0

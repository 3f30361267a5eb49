"""The inbox as values, for the other packages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from db.models.modem_records import InboundVerdict
from rules.sentences import Sentence

Channel = Literal["sms", "mail"]
# In the officer's words by e-mail or by SMS, or the local police station's.
AnswerKind = Literal["letter", "text", "station"]


class Ref(NamedTuple):
    """One text or one mail: which kind, and its number among its kind."""

    channel: Channel
    id: int


@dataclass(frozen=True, slots=True)
class Item:
    """One text or one mail that came in. `sender` is a number or an address, as it came, perhaps empty.

    `is_open`: nobody has handled it yet. `is_automatic`: it was not written by hand. `missing` are the parts, from 1 to
    `total`, that did not arrive; they are not expected after `given_up_at`. `mms_octets` is as in InboundMessage.
    `answer_to` is where an answer goes. `answers_mail` is the number of our mail. `handled_by` is empty for a message
    that needed no person.
    """

    ref: Ref
    at: datetime
    sender: str
    answer_to: str
    text: str
    is_automatic: bool
    is_open: bool
    handled_at: datetime | None
    taken_by: str
    taken_at: datetime | None
    handled_by: str
    # of a mail
    sender_name: str = ""
    subject: str = ""
    quoted: str = ""
    message_id: str = ""
    answers_mail: int | None = None
    enclosures: tuple[str, ...] = ()
    size_bytes: int = 0
    is_shortened: bool = False
    is_unreadable: bool = False
    # of a text
    missing: tuple[int, ...] = ()
    total: int = 1
    given_up_at: datetime | None = None
    simulated: bool = False
    mms_octets: int | None = None
    verdict: InboundVerdict | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The sender of a message. `names` are the members with that number or address; `mobile` is empty where none is
    known.

    `tie` is `coordinator`, `member`, `reference` (a neighbourhood's address) or empty; `language` is theirs, or French.
    """

    names: tuple[str, ...]
    neighbourhood: str
    tie: Literal["coordinator", "member", "reference", ""]
    language: str
    member_id: int | None
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ThreadCard:
    """A conversation. `open` of its `items` are to be looked at; `taken_by` may be empty; `is_alarm`: one rings."""

    person: Person
    last: Item
    items: int
    open: int
    taken_by: str
    is_alarm: bool


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An officer's answer: by our mail `letter` or our text `broadcast`, None while it waits; `refused` or NOTHING."""

    ref: Ref
    kind: AnswerKind
    body: str
    by: str
    at: datetime
    letter: int | None
    broadcast: int | None
    refused: Sentence

"""The inbox as values, for the other packages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from plp.rules.replies.values import VerdictCard
from plp.rules.sentences import Sentence

Channel = Literal["sms", "mail"]
AnswerKind = Literal["letter", "station"]


class Ref(NamedTuple):
    """One text or one mail: which kind, and its number among its kind."""

    channel: Channel
    id: int


@dataclass(frozen=True, slots=True)
class Item:
    """One text or one mail that came in. `sender` is a number or an address, as it came, perhaps empty.

    `is_open`: an officer has still to look at it. `is_automatic`: nobody wrote it by hand. `missing` are the parts of a
    text that did not come, counted from 1, of `total`; `given_up_at` is set when nobody waits for them any longer.
    `answer_to` is the address or the number that an answer goes to: a mail may ask for another one than its sender's.
    `subject`, `quoted`, `enclosures`, `size_bytes` and `answers_mail` (the number of our mail) are a mail's;
    `verdict` is a text's. `handled_by` is empty for what needed no person.
    """

    ref: Ref
    at: datetime
    sender: str
    sender_name: str
    answer_to: str
    subject: str
    text: str
    quoted: str
    message_id: str
    answers_mail: int | None
    enclosures: tuple[str, ...]
    size_bytes: int
    is_shortened: bool
    is_unreadable: bool
    is_automatic: bool
    is_open: bool
    missing: tuple[int, ...]
    total: int
    given_up_at: datetime | None
    simulated: bool
    verdict: VerdictCard | None
    taken_by: str
    taken_at: datetime | None
    handled_by: str
    handled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """The sender of a message. `names` are the members with that number or address, most often one or none.

    `tie` says how they belong: `coordinator`, `member`, `reference` (the address of a neighbourhood), or empty for
    somebody unknown. `language` is theirs, or French. `mobile` is where to call them, empty where nothing says so.
    """

    names: tuple[str, ...]
    neighbourhood: str
    tie: Literal["coordinator", "member", "reference", ""]
    language: str
    member_id: int | None
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class ThreadCard:
    """A conversation in the list. `last` is its newest message; `open` of its `items` are to be looked at.

    `taken_by` is who said « Je m'en occupe », empty while nobody did; `is_alarm`: a word of alarm stands in it, open.
    """

    person: Person
    last: Item
    items: int
    open: int
    taken_by: str
    is_alarm: bool


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An officer's answer. `letter` is the number of our mail, `broadcast` that of our text; None while it waits.

    `refused` says why it never left, NOTHING where nothing speaks against it.
    """

    ref: Ref
    kind: AnswerKind
    body: str
    by: str
    at: datetime
    letter: int | None
    broadcast: int | None
    refused: Sentence

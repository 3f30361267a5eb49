"""The values by which an incoming text is interpreted, and what is known about its sender."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """The meaning of an incoming text. In doubt it is OTHER, and an officer reads it."""

    STOP = "stop"
    START = "start"
    OK = "ok"
    CHOICE = "choice"
    ALARM = "alarm"
    OTHER = "other"


class Answer(StrEnum):
    """The automatic answer to a text. NONE: no answer is due."""

    NONE = ""
    STOPPED = "stopped"
    STARTED = "started"
    NOT_READ = "not_read"
    NO_PICTURES = "no_pictures"


class Silence(StrEnum):
    """The reason why an answer that is due is not sent; NONE where it is sent."""

    NONE = ""
    NO_NUMBER = "no_number"
    OWN = "own"
    ECHO = "echo"
    AUTOMATIC = "automatic"
    REPEATED = "repeated"
    CEILING = "ceiling"
    OLD = "old"
    REFUSED = "refused"
    STRANGER = "stranger"
    BUDGET = "budget"
    # A STOP that came with many others: a person decides, and it is done, or set aside.
    HELD = "held"
    REJECTED = "rejected"


class Leaving(StrEnum):
    """The outcome of a STOP or a START: the consent changed (LEFT, BACK) or not. LATER_SAID: the person wrote the
    contrary after this text. NOT_THEIRS: somebody else withdrew the consent. STRANGER: no member has this number. USER:
    an account has it, which only an admin can remove.
    """

    LEFT = "left"
    BACK = "back"
    AS_IT_WAS = "as_it_was"
    LATER_SAID = "later_said"
    NOT_THEIRS = "not_theirs"
    STRANGER = "stranger"
    USER = "user"


@dataclass(frozen=True, slots=True)
class SenderCard:
    """The owner of the sender's number: a member, the first of those who share it, or nobody known."""

    is_member: bool
    language: str
    reference_address: str
    is_own: bool
    neighbourhood: str = ""

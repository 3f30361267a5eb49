"""Reading of one mail: its kind, its sender and its text. Pure; the bytes may be anything."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from db.inbound.mailbox.arrivals import Kind
from plp.jobs.imap.automatic import has_automatic_subject, is_automatic
from plp.jobs.imap.bounces import Bounce, bounce_of
from plp.jobs.imap.parsing import parsed
from plp.jobs.imap.parts import enclosures_of, header, header_values, name_and_address, words_of
from plp.jobs.imap.words import LONGEST_TEXT, one_line, without_quotation

# What a coordinator's mail program puts into the subject of “relayed” (db.bulletins makes it).
_TOKEN = re.compile(r"\[PLP-R:\s*([A-Za-z0-9._~=+/-]{6,300})\s*\]")
# In the subject of a mail to a neighbourhood's own group, which comes back here (db.bulletins.probes makes it).
_PROBE = re.compile(r"\[PLP-P:\s*([A-Za-z0-9._~=+/-]{6,300})\s*\]")
_ANY_ID = re.compile(r"<[^<>\s]{3,250}>")
MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it reads. `refers_to` are the Message-IDs that it answers, the nearest first. `kind` is as
    `db.inbound.mailbox.arrivals.KINDS` has it; `token` is there for `relay`, `bounce` for `bounce`.
    """

    kind: Kind
    digest: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    quoted: str
    message_id: str
    refers_to: tuple[str, ...]
    enclosures: tuple[str, ...]
    is_shortened: bool
    sent_at: datetime | None
    token: str = ""
    bounce: Bounce | None = None


def letter_of(raw: bytes, is_whole: bool = True, words: str | None = None) -> Letter:
    """Read `raw`, the beginning of a mail where it is not whole; `words` are its text where it lies further back.
    Raises the parser's errors for no mail at all.
    """
    message = parsed(raw)
    name, address = name_and_address(header(message, "from"))
    subject = one_line(header(message, "subject"))
    everything = words_of(message) if words is None else words
    text, quoted = without_quotation(everything, subject)
    message_id = next(iter(_ANY_ID.findall(header(message, "message-id"))), "")
    # Without the name that its sender gave it, a mail is its bytes: two photos with no words are two mails.
    name_of_its_own = message_id or hashlib.sha256(raw).hexdigest()
    facts = [name_of_its_own, address, header(message, "date"), subject, everything]
    bounce = bounce_of(message, raw)
    kind = _kind(message, subject, text, bounce)
    return Letter(
        kind=kind,
        digest=hashlib.sha256(json.dumps(facts).encode()).hexdigest(),
        sender=one_line(address, 254).casefold(),
        sender_name=one_line(name, 100),
        reply_to=_address(header(message, "reply-to")),
        subject=subject,
        text=text,
        quoted=quoted,
        message_id=message_id,
        refers_to=_refers_to(message),
        enclosures=enclosures_of(message),
        is_shortened=not is_whole or len(everything) >= LONGEST_TEXT,
        sent_at=_sent_at(message),
        token=_token(subject) if kind == "relay" else "",
        bounce=bounce,
    )


def _address(text: str) -> str:
    """The one address of a header, in one writing; empty for none, and for several."""
    return one_line(name_and_address(text)[1], 254).casefold()


def digest_of(*facts: object) -> str:
    """The digest by which an unreadable mail is recognised."""
    return hashlib.sha256(json.dumps([str(fact) for fact in facts]).encode()).hexdigest()


def _kind(message: Message, subject: str, text: str, bounce: Bounce | None) -> Kind:
    if bounce is not None:
        return "bounce"
    if is_automatic(message, subject, text):
        return "automatic"
    return "relay" if _token(subject) and not has_automatic_subject(subject) else "message"


def _token(subject: str) -> str:
    """In the subject alone: our mail's own text prints the token, and who quotes it may write « I cannot »."""
    found = _TOKEN.search(subject)
    return found[1] if found else ""


def probe_of(subject: str) -> str:
    """The token of a probe; empty for none."""
    found = _PROBE.search(subject)
    return found[1] if found else ""


def _refers_to(message: Message) -> tuple[str, ...]:
    answered = _ANY_ID.findall(" ".join(header_values(message, "in-reply-to")))
    thread = _ANY_ID.findall(" ".join(header_values(message, "references")))
    return tuple(dict.fromkeys([*answered, *reversed(thread)]))[:MOST_REFERENCES]


def _sent_at(message: Message) -> datetime | None:
    try:
        said = parsedate_to_datetime(header(message, "date"))
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

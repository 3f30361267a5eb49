"""Reading of one mail, whose bytes may be anything: its kind, sender and text. Pure; in doubt a person wrote it."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Literal

from flufl.bounce import all_failures

from db.inbound.mailbox import Arrival, Kind
from plp.jobs.imap import parts
from plp.jobs.imap.parts import header
from rules.collation import folded
from rules.languages import MAIL
from rules.replies.meaning import meaning, plain
from rules.replies.values import Meaning

_SENDERS = re.compile(r"(mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|bounces?)\b", re.I)
# Within one line: across lines it would be tried from every empty line to the end of all that follow.
_MESSAGE_ID = re.compile(r"^[ \t>]*+Message-ID:[ \t]*+(<[^<>\s]{3,250}>)", re.I | re.M)
_WHOLE_ID = re.compile(r"<[^<>\s]{3,250}@[^<>\s]{1,250}>")
_STATUSES = ("message/delivery-status", "message/global-delivery-status")

# What servers write in their own words stands at the beginning, in lines that hold an address.
HEURISTIC_BYTES = 16_384
HEURISTIC_LINE = 300

# In subjects, R: of a coordinator's “relayed”; P: of a mail to a group, which comes back (db.bulletins makes both).
_TOKEN = re.compile(r"\[PLP-([RP]):\s*([A-Za-z0-9._~=+/-]{6,300})\s*\]")
_ANY_ID = re.compile(r"<[^<>\s]{3,250}>")
MOST_REFERENCES = 20
# What mail programs put before the subject that they answer, whole: « Absence du bureau de
# poste » and « Abwesenheit: bitte Haus beobachten » are people's, and therefore it must be an answer as well.
_ABSENT, _EMERGENCY = ("|".join(words for mail in MAIL for words in mail[kind]) for kind in ("absent", "emergency"))
_SUBJECT = re.compile(rf"(?:{_ABSENT})[ \u00a0]?(?::|$)")
# Absence notes say whom to call then (as `plain` leaves it): nobody calls for help by that.
_IN_CASE_OF = re.compile(rf"\b(?:{_EMERGENCY})\b")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that did not arrive, or not yet. `references` are Message-IDs that it may be of, the surest first;
    `reason` is the reporting server's, its status code (RFC 3463) in front. It is believed only about its `recipients`
    (lower case): anybody who got one of our mails can write a report that names it.
    """

    permanent: bool
    reason: str
    references: tuple[str, ...]
    recipients: frozenset[str]


def bounce_of(message: Message, raw: bytes) -> Bounce | None:
    """The report that this mail is; None for any other mail. `raw` is its source, as far as it was read."""
    if not _may_be_one(message):
        return None
    temporary, permanent = all_failures(_for_detectors(message, raw))
    if not temporary and not permanent:
        return None
    status, said = _status(message)
    # A server that gives up says so by its action; one that says 4.x.x and “failed” gave up too.
    return Bounce(
        permanent=bool(permanent),
        reason=parts.one_line(f"{status} {said}", 400),
        references=tuple(_references(message, raw)),
        recipients=frozenset(_recipients(message, temporary | permanent)),
    )


def _may_be_one(message: Message) -> bool:
    """True for a mail with the form of a report: the detectors only look for sentences, which any mail may contain."""
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "")).lower() != "disposition-notification"
    sender = parts.name_and_address(header(message, "from"))[1].partition("@")[0]
    empty_path = any(value.replace(" ", "") == "<>" for value in parts.header_values(message, "return-path"))
    failed = bool(header(message, "x-failed-recipients"))
    # An absence note has an empty path as well: it says that it is a reply.
    return failed or bool(_SENDERS.match(sender)) or (empty_path and not header(message, "auto-submitted"))


def _for_detectors(message: Message, raw: bytes) -> Message:
    """A standard report's part for machines, else the beginning: the time grows with the square of a line's length."""
    statuses = _statuses(message)
    if statuses:
        report = Message()
        report["Content-Type"] = "multipart/report"
        for part in statuses:
            report.attach(part)
        return report
    return parts.parsed(b"\n".join(line[:HEURISTIC_LINE] for line in raw[:HEURISTIC_BYTES].splitlines()))


def _statuses(message: Message) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() in _STATUSES and part.is_multipart()]


def _blocks(message: Message) -> list[Message]:
    """The blocks of a report, one per recipient."""
    return [block for part in _statuses(message) for block in part.get_payload() if isinstance(block, Message)]


def _status(message: Message) -> tuple[str, str]:
    """The status code, and the words beside it, of the first recipient who has some."""
    for block in _blocks(message):
        if status := header(block, "status"):
            said = header(block, "diagnostic-code").partition(";")
            return status, (said[2] or said[0]).strip()
    return "", ""


def _recipients(message: Message, detected: Iterable[bytes]) -> Iterator[str]:
    """The detected ones, and both that RFC 3464 § 2.3 has: a forwarded mail fails at another address."""
    for address in detected:
        yield address.decode("ascii", "replace").casefold()
    for block in _blocks(message):
        for name in ("original-recipient", "final-recipient"):
            if said := header(block, name).rpartition(";")[2].strip(" <>"):
                yield said.casefold()


def _references(message: Message, raw: bytes) -> Iterator[str]:
    """Message-IDs that may be our mail's: of the part that came back, of the headers, of any line of the text."""
    own = header(message, "message-id")
    for part in message.walk():
        if part is not message and (message_id := header(part, "message-id")):
            yield message_id
    for name in ("x-original-message-id", "in-reply-to", "references"):
        yield from _WHOLE_ID.findall(header(message, name))
    yield from (text for text in _MESSAGE_ID.findall(raw.decode("utf-8", "replace")) if text != own)


@dataclass(frozen=True, slots=True)
class Letter(Arrival):
    """A mail as it reads. `refers_to` are the Message-IDs that it answers, the nearest first."""

    refers_to: tuple[str, ...] = ()
    token: str = ""
    bounce: Bounce | None = None


def letter_of(raw: bytes, is_whole: bool = True, words: str | None = None) -> Letter:
    """Read a mail or its beginning; `words` are its text where that lies further back. Raises the parser's errors."""
    message = parts.parsed(raw)
    name, address = parts.name_and_address(header(message, "from"))
    subject = parts.one_line(header(message, "subject"))
    everything = parts.words_of(message) if words is None else words
    text, quoted = parts.without_quotation(everything, subject)
    message_id = next(iter(_ANY_ID.findall(header(message, "message-id"))), "")
    # Without the name that its sender gave it, a mail is its bytes: two photos with no words are two mails.
    own_name = message_id or hashlib.sha256(raw).hexdigest()
    bounce = bounce_of(message, raw)
    answered, thread = (" ".join(parts.header_values(message, name)) for name in ("in-reply-to", "references"))
    token = "" if has_automatic_subject(subject) else token_in(subject, "R")
    kind: Kind = "relay" if token else "message"
    if bounce is not None or is_automatic(message, subject, text):
        kind, token = "automatic" if bounce is None else "bounce", ""
    return Letter(
        kind=kind,
        digest=digest_of(own_name, address, header(message, "date"), subject, everything),
        sender=parts.one_line(address, 254).casefold(),
        sender_name=parts.one_line(name, 100),
        reply_to=parts.one_line(parts.name_and_address(header(message, "reply-to"))[1], 254).casefold(),
        subject=subject,
        text=text,
        quoted=quoted,
        message_id=message_id,
        refers_to=tuple(dict.fromkeys([*_ANY_ID.findall(answered), *_ANY_ID.findall(thread)[::-1]]))[:MOST_REFERENCES],
        enclosures=parts.enclosures_of(message),
        is_shortened=not is_whole or len(everything) >= parts.LONGEST_TEXT,
        sent_at=_sent_at(message),
        token=token,
        bounce=bounce,
    )


def digest_of(*facts: object) -> str:
    """The digest by which a mail is recognised."""
    return hashlib.sha256(json.dumps([str(fact) for fact in facts]).encode()).hexdigest()


def token_in(subject: str, kind: Literal["R", "P"]) -> str:
    """The token of a relay or of a probe, empty for none; not of the text: who quotes ours may write « I cannot »."""
    return next((token for of, token in _TOKEN.findall(subject) if of == kind), "")


def _sent_at(message: Message) -> datetime | None:
    try:
        said = parsedate_to_datetime(header(message, "date"))
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def is_automatic(message: Message, subject: str, text: str) -> bool:
    """True for a mail that no person wrote (RFC 3834 § 5, and older habits); one from a mailing list (`list`) was. One
    with a word of alarm is for a person to see; the subject of an answer is ours, and names our alert's danger.
    """
    if message.get_content_type() == "multipart/report":
        return True
    answers = bool(header(message, "in-reply-to") or header(message, "references"))
    submitted = header(message, "auto-submitted").partition(";")[0].strip().lower()
    is_marked = submitted not in ("", "no") or header(message, "precedence").lower() in ("bulk", "junk", "auto_reply")
    is_marked |= any(header(message, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponse"))
    if not is_marked and not (answers and has_automatic_subject(subject)):
        return False
    return meaning(_IN_CASE_OF.sub(" ", plain(text if answers else f"{subject}\n{text}"))) is not Meaning.ALARM


def has_automatic_subject(subject: str) -> bool:
    """True when the subject begins as those of absence notes do."""
    return _SUBJECT.match(folded(subject)) is not None

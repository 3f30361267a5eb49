"""Reading of one mail: its kind, its sender and its text. Pure; the bytes may be anything. Automatic mails are folded
away: in doubt a person wrote it, and an officer reads it.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from db.inbound.mailbox.arrivals import Arrival, Kind
from plp.jobs.imap.bounces import Bounce, bounce_of
from plp.jobs.imap.parts import enclosures_of, header, header_values, name_and_address, parsed, words_of
from plp.jobs.imap.words import LONGEST_TEXT, one_line, without_quotation
from plp.rules.collation import folded
from plp.rules.replies.meaning import meaning, plain
from plp.rules.replies.values import Meaning

# What a coordinator's mail program puts into the subject of “relayed” (db.bulletins makes it).
_TOKEN = re.compile(r"\[PLP-R:\s*([A-Za-z0-9._~=+/-]{6,300})\s*\]")
# In the subject of a mail to a neighbourhood's own group, which comes back here (db.bulletins.groups makes it).
_PROBE = re.compile(r"\[PLP-P:\s*([A-Za-z0-9._~=+/-]{6,300})\s*\]")
_ANY_ID = re.compile(r"<[^<>\s]{3,250}>")
MOST_REFERENCES = 20
# What mail programs put before the subject that they answer, whole, in the four languages: « Absence du bureau de
# poste » and « Abwesenheit: bitte Haus beobachten » are people's, and therefore it must be an answer as well.
_SUBJECT = re.compile(
    r"(?:reponse automatique|absence du bureau|auto(?:matic)?[ -]?(?:reply|response)|out of office"
    r"|automatisch antwoord|afwezig(?:heids(?:bericht|melding))?|automatische antwort"
    r"|abwesen(?:d|heits(?:notiz|nachricht)))[ \u00a0]?(?::|$)"
)
# Absence notes say whom to call then (as `plain` leaves it): nobody calls for help by that.
_IN_CASE_OF = re.compile(
    r"\b(?:en cas d(?: une)? urgence|pour (?:toute|les|une) urgences?|(?:si|s il|en cas) (?:\w+ ){0,3}urgent"
    r"|(?:in|for) (?:case of )?(?:an )?emergency|(?:for|if|in) (?:\w+ ){0,3}urgent"
    r"|(?:in|bij|voor) (?:geval van )?(?:een )?(?:noodgeval|nood|spoed)|(?:im|in einem) notfall)\b"
)


@dataclass(frozen=True, slots=True)
class Letter(Arrival):
    """A mail as it reads. `refers_to` are the Message-IDs that it answers, the nearest first; `token` is there for a
    `relay`, `bounce` for a `bounce`.
    """

    refers_to: tuple[str, ...] = ()
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


def is_automatic(message: Message, subject: str, text: str) -> bool:
    """True for a mail that no person wrote (RFC 3834 § 5, and older habits); one from a mailing list (`list`) was.

    With a word of alarm in its writer's `text` a person is to see it, whatever its headers say. The subject of an
    answer is ours, and names what we warned of.
    """
    if message.get_content_type() == "multipart/report":
        return True
    answers = bool(header(message, "in-reply-to") or header(message, "references"))
    if not _says_so(message) and not (answers and has_automatic_subject(subject)):
        return False
    said = plain(text if answers else f"{subject}\n{text}")
    return meaning(_IN_CASE_OF.sub(" ", said)) is not Meaning.ALARM


def has_automatic_subject(subject: str) -> bool:
    """True when the subject begins as those of absence notes do."""
    return _SUBJECT.match(folded(subject)) is not None


def _says_so(message: Message) -> bool:
    submitted = header(message, "auto-submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no") or header(message, "precedence").lower() in ("bulk", "junk", "auto_reply"):
        return True
    return any(header(message, name) for name in ("x-autoreply", "x-autorespond", "x-autoresponse"))

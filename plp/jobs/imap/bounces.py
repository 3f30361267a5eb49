"""Bounces of our mails: reports of non-delivery (RFC 3464, and what servers wrote before it). Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message

from flufl.bounce import all_failures

from plp.jobs.imap.parts import header, header_values, name_and_address, parsed
from plp.jobs.imap.words import one_line

_SENDERS = re.compile(r"(mailer-daemon|postmaster|mail-daemon|mdaemon|mailerdaemon|bounces?)\b", re.I)
# Within one line: across lines it would be tried from each empty line to the end of all that follow.
_MESSAGE_ID = re.compile(r"^[ \t>]*+Message-ID:[ \t]*+(<[^<>\s]{3,250}>)", re.I | re.M)
_ANY_ID = re.compile(r"<[^<>\s]{3,250}@[^<>\s]{1,250}>")
_STATUSES = ("message/delivery-status", "message/global-delivery-status")

# What servers write in their own words stands at the beginning, in lines that hold an address.
HEURISTIC_BYTES = 16_384
HEURISTIC_LINE = 300


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that did not arrive, or not yet. `references` are Message-IDs that it may be of, the surest first;
    `reason` is the reporting server's, with its status code (RFC 3463) in front.

    `recipients` (lower case) did not get it: anybody who got one of our mails can write a report that names it, and
    only about themselves it is believed.
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
        reason=one_line(f"{status} {said}", 400),
        references=tuple(_references(message, raw)),
        recipients=frozenset(_recipients(message, temporary | permanent)),
    )


def _may_be_one(message: Message) -> bool:
    """True for a mail with the form of a report. The detectors alone look for sentences, which any mail may contain."""
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "")).lower() != "disposition-notification"
    sender = name_and_address(header(message, "from"))[1].partition("@")[0]
    empty_path = any(value.replace(" ", "") == "<>" for value in header_values(message, "return-path"))
    failed = bool(header(message, "x-failed-recipients"))
    # An absence note has an empty path as well: it says that it is a reply.
    return failed or bool(_SENDERS.match(sender)) or (empty_path and not header(message, "auto-submitted"))


def _for_detectors(message: Message, raw: bytes) -> Message:
    """The beginning of a mail for the detectors, whose time grows with the square of a line's length, times the lines;
    of a report that keeps to the standard, the part for machines.
    """
    statuses = _statuses(message)
    if statuses:
        report = Message()
        report["Content-Type"] = "multipart/report"
        for part in statuses:
            report.attach(part)
        return report
    lines = raw[:HEURISTIC_BYTES].splitlines()
    return parsed(b"\n".join(line[:HEURISTIC_LINE] for line in lines))


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


def _recipients(message: Message, found: Iterable[bytes]) -> Iterator[str]:
    """Those that the detectors found, and both that RFC 3464 § 2.3 has: a forwarded mail fails at another address."""
    for address in found:
        yield address.decode("ascii", "replace").casefold()
    for block in _blocks(message):
        for name in ("original-recipient", "final-recipient"):
            if said := header(block, name).rpartition(";")[2].strip(" <>"):
                yield said.casefold()


def _references(message: Message, raw: bytes) -> Iterator[str]:
    """Message-IDs that may be our mail's: of the part that came back, of the headers, of any line of the text."""
    own = header(message, "message-id")
    for part in message.walk():
        if part is not message and (found := header(part, "message-id")):
            yield found
    for name in ("x-original-message-id", "in-reply-to", "references"):
        yield from _ANY_ID.findall(header(message, name))
    for found in _MESSAGE_ID.findall(raw.decode("utf-8", "replace")):
        if found != own:
            yield found

"""Storing of a fetched mail and its effects, in one transaction: a kill anywhere leaves nothing half done."""

import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta

from db.bulletins.groups import apply_probe
from db.engine.connection import UNAVAILABLE, writing
from db.inbound.mailbox import Arrival, Kind, MailPosition, apply_mail, clear_troubles, mark_skipped
from db.mail.claim import apply_bounce
from db.mail.listing import mail_cards, mail_of_message_id
from db.operations.incidents import close_incident, open_incident, open_incidents
from plp.jobs.imap.parts import name_and_address, one_line, parsed, words_of
from plp.jobs.imap.reading import Bounce, Letter, digest_of, letter_of, token_in
from plp.jobs.imap.session import Fetched, MailboxLogin
from plp.letters.rendering import BULLETIN
from plp.services.bulletins.relaying import apply_relay
from rules.collation import folded
from rules.sentences import coded

_log = logging.getLogger(__name__)

# RFC 5322 § 2.1.1
LONGEST_FROM = 998
INCIDENT = "mailbox"
_MARK = " #"
# Nothing else ends the incident of a mail that was left aside: it is shown for so long.
SHOWN_FOR = timedelta(days=1)
# Below “-- ” stands who wrote (RFC 3676 § 4.3); programs of telephones say which they are.
_SIGNATURE = re.compile(r"^-- ?$.*", re.M | re.S)
_FROM_MY_PHONE = re.compile(r"^(envoye (de|depuis) mon|sent from my|verzonden (vanaf|met) mijn|von meinem).*$", re.M)
_TOKEN = re.compile(r"\[plp-r:[^\[\]]*\]")
# A name, or a thank-you, is no remark.
FEWEST_WORDS = 4


def take_in(fetched: Fetched, place: MailPosition, own_addresses: frozenset[str], now: datetime) -> None:
    """Store one mail, except those of `own_addresses`, and do what it asks for. Never raises for a mail's content."""
    try:
        words = None
        if fetched.words is not None:
            head, text = fetched.words
            words = words_of(parsed(head.rstrip(b"\r\n") + b"\r\n\r\n" + text))
        letter = letter_of(fetched.raw, len(fetched.raw) >= fetched.size_bytes, words)
        came_at = min(fetched.arrived_at or now, now)
        came_back = letter.bounce is None and apply_probe(token_in(letter.subject, "P"), came_at)
        # A group may put its own address into From; whoever answers a probe is read.
        if (letter.sender in own_addresses and letter.bounce is None) or (came_back and not letter.refers_to):
            mark_skipped(place, now)
            return
        _apply(letter, fetched, place, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001
        # Not the error's words: they quote the mail.
        _log.warning("mail %d cannot be read: %s", place.uid, type(error).__name__)
        take_in_unreadable(fetched, place, now)


def take_in_unreadable(fetched: Fetched | None, place: MailPosition, now: datetime) -> None:
    """Note that an unreadable mail came, for somebody who opens the mailbox. One that cannot be kept is an incident."""
    try:
        raw = fetched.raw if fetched else b""
        arrival = Arrival(
            kind="unreadable",
            digest=digest_of("unreadable", *((raw,) if raw else (place.account, place.uidvalidity, place.uid))),
            sender=_sender(raw),
            size_bytes=fetched.size_bytes if fetched else 0,
            arrived_at=fetched.arrived_at if fetched else None,
        )
        apply_mail(arrival, place, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001
        _log.warning("mail %d cannot be kept: %s", place.uid, type(error).__name__)
        tell_left_aside(place, now)
        mark_skipped(place, now)


def _apply(letter: Letter, fetched: Fetched, place: MailPosition, now: datetime) -> None:
    with writing():
        references = letter.bounce.references if letter.bounce else letter.refers_to
        answered = next((mail for name in references if (mail := mail_of_message_id(name)) is not None), None)
        kind = letter.kind
        if letter.bounce is not None:
            kind = _kind_of_bounce(letter.bounce, answered)
        # With a token that says nothing any more, or a remark beside it, an officer reads what was meant.
        if kind == "relay" and (apply_relay(letter.token, "mail", now) is None or has_remark(letter.text)):
            kind = "message"
        arrival = replace(
            letter, kind=kind, answers_mail=answered, size_bytes=fetched.size_bytes, arrived_at=fetched.arrived_at
        )
        is_new = apply_mail(arrival, place, now) is not None
        if is_new and kind == "bounce" and letter.bounce is not None and answered is not None:
            apply_bounce(answered, letter.bounce.permanent, letter.bounce.reason, now)


def _kind_of_bounce(bounce: Bounce, mail_id: int | None) -> Kind:
    if mail_id is None:
        return "automatic"  # a bounce of a mail that we did not send: keep it, but notify nobody
    card = mail_cards([mail_id]).get(mail_id)
    if card is None or card.address.casefold() not in bounce.recipients:
        return "message"  # about somebody else than the mail was for: forged or forwarded, a person decides
    return "bounce"


def _sender(raw: bytes) -> str:
    """The probable sender of an unreadable mail: its first From line, where that is plain."""
    for line in raw[:65536].splitlines():
        if line[:5].lower() == b"from:":
            value = line[5 : 5 + LONGEST_FROM].decode("ascii", "replace")
            return one_line(name_and_address(value.strip())[1], 254).casefold()
    return ""


def tell_left_aside(place: MailPosition, now: datetime) -> None:
    """Open an incident: somebody must look at this mail in the mailbox itself."""
    domain = place.account.rpartition("@")[2]
    sentence = coded("mailbox_left_aside", house=domain, day=f"{now:%d/%m/%Y}")
    open_incident(INCIDENT, f"{domain}{_MARK}{place.uid}", sentence.stored, now)


def close_left_aside(now: datetime) -> None:
    """End these incidents a day after they began."""
    for incident in open_incidents():
        if incident.kind == INCIDENT and _MARK in incident.subject and incident.opened_at <= now - SHOWN_FOR:
            close_incident(INCIDENT, incident.subject, now)


def close_others(account: MailboxLogin | None, now: datetime) -> None:
    """End what is told of a mailbox that is not read any more: another one than this is, or none."""
    clear_troubles(account.name if account else "")
    for incident in open_incidents():
        is_ours = account is not None and (_MARK in incident.subject or incident.subject == account.host)
        if incident.kind == INCIDENT and not is_ours:
            close_incident(INCIDENT, incident.subject, now)


def has_remark(text: str) -> bool:
    """True when the text contains more than the bulletin's button wrote; in doubt it does, and somebody reads it."""
    left = " ".join(_FROM_MY_PHONE.sub("", _TOKEN.sub("", folded(_SIGNATURE.sub("", text)))).split())
    for words in BULLETIN.values():
        left = left.replace(" ".join(folded(words["mail_body"]).split()), "")
    return len(re.findall(r"\w{2,}", left)) >= FEWEST_WORDS

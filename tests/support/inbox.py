"""What comes in, by text and by mail, as its readers find it."""

from dataclasses import dataclass
from datetime import datetime

from base.settings.values import MailSettings
from db.inbound.inbox.items import Ref
from db.inbound.mailbox import Arrival, MailPosition, apply_mail, mark_generation
from db.inbound.received import apply_inbound
from db.models.modem_records import InboundMessage
from plp.services.inbox import point_to_station, reply_by_mail

CARD = "206010000000001"
STRANGER = "+32470000099"
MAIL = MailSettings(sender="plp@example.org")


@dataclass(frozen=True)
class Concatenated:
    reference: int
    seq: int
    total: int


@dataclass(frozen=True)
class Text:
    sender: str
    text: str
    sent_at: datetime
    concatenation: Concatenated | None = None
    is_push: bool = False


def comes(now, sender, text="Merci", seq=1, total=1):
    place = Concatenated(7, seq, total) if total > 1 else None
    assert apply_inbound(CARD, Text(sender, text, now, place), False, now)


def text(now, sender=STRANGER, words="Merci"):
    comes(now, sender, words)
    return Ref("sms", InboundMessage.select().order_by(InboundMessage.id.desc()).get().id)


def mail(now, sender="luc@example.org", words="Bonjour", kind="message", **changes):
    """A mail that came, whatever else came before."""
    mark_generation("box", 1)
    mail.uid += 1
    arrival = Arrival(kind=kind, digest=f"{mail.uid}", sender=sender, text=words, **changes)
    return Ref("mail", apply_mail(arrival, MailPosition("box", 1, mail.uid), now))


mail.uid = 0


def replied(ref, body, nonce, by, now):
    """An officer answers this mail in a house that writes mail."""
    reply_by_mail(ref, body, nonce, MAIL, by, now)


def pointed_to_station(ref, by, now):
    """An officer points the writer to the proximity station."""
    point_to_station(ref, MAIL, by, now)

"""Erasure of a person from the inbox: their messages, the answers, and answers that were still to be sent."""

from datetime import datetime
from typing import Any

from db.engine.base import folded_column
from db.mail.erasure import erase_mail_to
from db.models.answers import InboundVerdict
from db.models.mailbox import InboundMail
from db.models.modem_records import InboundMessage
from db.models.people import Member, Neighbourhood
from plp.rules.refusals import Refusal
from plp.rules.replies.values import Meaning


def erase_correspondence(mobile: str | None, email: str | None, now: datetime) -> None:
    """Delete what came from this number and this address, with its answers; inside the caller's transaction.

    What somebody else shares stays theirs, a neighbourhood's reference address too. Raises Refusal while a text with
    a word of alarm waits for an officer. The digest of each mail stays, so that the mailbox brings none of them again.
    """
    if mobile and not _is_shared(Member.mobile == mobile):
        _refuse_while_alarmed(mobile)
        InboundMessage.delete().where(InboundMessage.sender == mobile).execute()
    if email and not _is_shared(Member.email == email) and not _is_reference(email):
        InboundMail.delete().where((InboundMail.sender == email) | (InboundMail.reply_to == email)).execute()
        erase_mail_to(email, now)


def _refuse_while_alarmed(mobile: str) -> None:
    waits = (
        InboundVerdict.select()
        .join(InboundMessage)
        .where(
            InboundMessage.sender == mobile,
            InboundMessage.handled_at.is_null(),
            InboundVerdict.meaning == str(Meaning.ALARM),
        )
    )
    if waits.exists():
        raise Refusal(
            "Un SMS de cette personne parle d'un danger et n'est pas traité : un policier s'en occupe d'abord, dans "
            "Messages reçus."
        )


def _is_shared(condition: Any) -> bool:
    """True when a member who is left has this number or address."""
    return bool(Member.select().where(condition).exists())


def _is_reference(email: str) -> bool:
    return bool(Neighbourhood.select().where(folded_column(Neighbourhood.reference_address) == email).exists())

"""Erasure of a person from the inbox: their messages, the answers, and answers that were still to be sent."""

from collections.abc import Sequence
from datetime import datetime

from db.mail.readers import erase_mail_to
from db.models.answers import InboundVerdict
from db.models.mailbox import InboundMail
from db.models.modem_records import InboundMessage, UnreadablePdu
from plp.rules.refusals import Refusal
from plp.rules.replies.values import Meaning


def erase_correspondence(numbers: Sequence[str], email: str | None, now: datetime, again: bool = False) -> int:
    """Delete what came from these numbers and this address, with its answers; returns how many texts and mails came.

    Inside the caller's transaction. Raises Refusal while a text with a word of alarm waits for an officer; not when it
    was done before, and is done `again` in an older copy. The digest of each mail stays, so that the mailbox brings
    none of them again.
    """
    gone = 0
    for number in numbers:
        if not again:
            _refuse_while_alarmed(number)
        gone += InboundMessage.delete().where(InboundMessage.sender == number).execute()
        UnreadablePdu.delete().where(UnreadablePdu.pdu.contains(_semi_octets(number))).execute()
    if email:
        came = InboundMail.delete().where((InboundMail.sender == email) | (InboundMail.reply_to == email))
        gone += came.execute()
        erase_mail_to(email, now)
    return int(gone)


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
            "Un SMS urgent de cette personne n'est pas traité : un policier doit d'abord le traiter, "
            "dans la boîte de réception."
        )


def _semi_octets(mobile: str) -> str:
    """A number as it stands in a PDU: its digits in swapped pairs (23.040 § 9.1.2.3)."""
    digits = mobile.lstrip("+")
    digits += "F" * (len(digits) % 2)
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))

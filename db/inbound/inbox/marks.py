"""« Je m'en occupe », « Traité », « À revoir »: who does what about what people wrote; and its erasure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.inbound.inbox.values import Ref
from db.inbound.received import mark_handled
from db.journal import audit
from db.mail.readers import erase_mail_to
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage, InboundVerdict, UnreadablePdu
from plp.rules.refusals import Refusal
from plp.rules.replies.values import Meaning


def take(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """This officer does what there is to do, whoever said so before; the alarm of a text stops ringing."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            mark = marked(ref)
            if mark is not None and mark.taken_by != by:
                InboxMark.update(taken_by=by, taken_at=now).where(InboxMark.id == mark.id).execute()
                audit.record(now, by, "inbox_taken", f"{ref.channel} {ref.id}")


def handle(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Done with these, and with no message that came while they were read; the first who said so stays."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            mark = marked(ref)
            if mark is None or not _handle(ref, mark, now):
                continue
            InboxMark.update(handled_by=by).where(InboxMark.id == mark.id).execute()
            audit.record(now, by, "inbox_handled", f"{ref.channel} {ref.id}")


def reopen(refs: Iterable[Ref], by: str, now: datetime) -> None:
    """Not done after all: what a person was done with is to be looked at again, by anybody."""
    with writing():
        take_turn("inbox")
        for ref in refs:
            fresh = {"taken_by": "", "taken_at": None, "handled_by": "", "handled_at": None}
            query = InboxMark.update(fresh).where(_of(ref), InboxMark.handled_by != "")
            if query.execute():
                if ref.channel == "sms":
                    InboundMessage.update(handled_at=None).where(InboundMessage.id == ref.id).execute()
                audit.record(now, by, "inbox_reopened", f"{ref.channel} {ref.id}")


def _handle(ref: Ref, mark: InboxMark, now: datetime) -> bool:
    """False where it was done before. A text itself knows when it was; of a mail the mark does."""
    if ref.channel == "sms":
        return mark_handled(ref.id, now)
    open_ = (InboxMark.id == mark.id) & InboxMark.handled_at.is_null()
    return bool(InboxMark.update(handled_at=now).where(open_).execute())


def marked(ref: Ref) -> InboxMark | None:
    """The mark of a message, made where there is none; None where the message is gone."""
    table: type[InboundMail] | type[InboundMessage] = InboundMail if ref.channel == "mail" else InboundMessage
    if not table.select().where(table.id == ref.id).exists():
        return None
    found: InboxMark | None = InboxMark.get_or_none(_of(ref))
    if found is not None:
        return found
    made: InboxMark = InboxMark.create(**{"mail" if ref.channel == "mail" else "text": ref.id})
    return made


def _of(ref: Ref) -> object:
    return InboxMark.mail == ref.id if ref.channel == "mail" else InboxMark.text == ref.id


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

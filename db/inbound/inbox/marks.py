"""« Je m'en occupe », « Traité », « À revoir »: who does what about what people wrote."""

from collections.abc import Iterable
from datetime import datetime

from db.engine.connection import take_turn, writing
from db.inbound.inbox.values import Ref
from db.inbound.received import mark_handled
from db.journal import audit
from db.models.mailbox import InboundMail, InboxMark
from db.models.modem_records import InboundMessage


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

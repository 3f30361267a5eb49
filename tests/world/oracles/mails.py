"""Mails: none lost, none doubled where nothing broke off, and none shown as arrived that no reader has."""

from collections import Counter

from db.engine.base import tuples
from db.mail.listing import mail_counts
from db.models.mail import InboundMail, Mail
from plp.jobs.imap.watch import TRIES
from rules.mail import MailState
from tests.world.world import World

_ENDED = (MailState.REFUSED, MailState.EXPIRED, MailState.CANCELLED)


def look_at_mails(world: World) -> None:
    """The page's figures, at any time."""
    if world.relay is None or world.put_back_at:
        return
    shown, there = mail_counts(), len(world.relay.got)
    arrived = shown[MailState.ACCEPTED] + shown[MailState.BOUNCED]
    if arrived > there:
        world.story.violate("mails shown", f"{arrived} mails are shown with a server, readers have {there}")


def check_mails(world: World) -> None:
    """At dawn."""
    if world.relay is not None and not world.put_back_at:
        _out(world)
        _in(world)


def _out(world: World) -> None:
    """What came back has not arrived (docs/mail.md, "How a mail is classified"), whatever became of it since."""
    assert world.relay is not None
    assert world.inbox is not None
    violate, columns = world.story.violate, (Mail.id, Mail.message_id, Mail.state, Mail.perhaps_twice)
    rows = tuples(Mail.select(*columns).order_by(Mail.id))
    for number, message_id, state, perhaps_twice in rows:
        often = world.relay.got[message_id] - world.relay.doubled[message_id]
        if state == MailState.ACCEPTED and not often:
            violate("mail lost", f"mail {number} is shown with a server, and its reader has nothing")
        if state in (MailState.QUEUED, MailState.SENDING):
            violate("mail waits", f"mail {number} is {state} at dawn")
        if often > 1 + world.memory.mailed_again[number] and not perhaps_twice:
            violate("mail doubled", f"mail {number} came {often} times, and nothing says that it may have")
        if often and state in _ENDED and not perhaps_twice and message_id not in world.inbox.came_back:
            violate("mail hidden", f"mail {number} is with its reader, and shown as {state}")
    known = {message_id for _, message_id, _, _ in rows}
    for message_id in world.relay.got:
        if message_id not in known:
            violate("mail unknown", "a reader has a mail that no queue knows")


def _in(world: World) -> None:
    """One that the server did not give when it was asked three times is kept as unreadable (docs/mail.md)."""
    assert world.inbox is not None
    rows = tuples(InboundMail.select(InboundMail.kind, InboundMail.message_id))
    kept, aside = Counter(name for _kind, name in rows), sum(kind == "unreadable" for kind, _name in rows)
    for name in world.inbox.came:
        if not kept[name] and world.inbox.asked[name] >= TRIES and aside:
            aside -= 1
        elif kept[name] != 1:
            world.story.violate("mailbox", f"{name} is kept {kept[name]} times")

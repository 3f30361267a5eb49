"""Mails as they stand, for whoever asks about them."""

from collections.abc import Iterable
from typing import Any

from db.engine.base import card_of
from db.mail.values import MailCard
from db.models.mail import Mail, MailLetter
from plp.rules.mail_headers import message_id as as_message_id
from plp.rules.mail_states import MailState

# Below SQLite's limit of values in one query.
_AT_ONCE = 500


def mail_cards(ids: Iterable[int]) -> dict[int, MailCard]:
    """By id, those that exist."""
    wanted, found = list(ids), {}
    for start in range(0, len(wanted), _AT_ONCE):
        for row in with_letters().where(Mail.id.in_(wanted[start : start + _AT_ONCE])):
            found[int(row.id)] = card(row)
    return found


def mail_of_message_id(text: str) -> int | None:
    """The mail with this Message-ID, with or without its brackets; None for a mail that is not ours."""
    wanted = as_message_id(text)
    row = Mail.select(Mail.id).where(Mail.message_id == wanted).first() if wanted else None
    return int(row.id) if row is not None else None


def with_letters() -> Any:
    """The query for `card`, without the bodies."""
    columns = (
        Mail.id,
        Mail.state,
        Mail.member,
        Mail.address,
        Mail.name,
        Mail.perhaps_twice,
        Mail.reason,
        Mail.reply,
        Mail.message_id,
        Mail.queued_at,
        Mail.accepted_at,
        Mail.next_at,
        Mail.attempts,
    )
    return Mail.select(*columns, MailLetter.kind, MailLetter.subject).join(MailLetter)


def card(row: Any) -> MailCard:
    """A row of `with_letters`."""
    return card_of(
        MailCard,
        row,
        kind=row.letter.kind,
        subject=row.letter.subject,
        state=row.state.value,
        next_at=row.next_at if row.state == MailState.QUEUED else None,
    )

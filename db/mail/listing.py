"""The queue as a page shows it, and as figures."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from peewee import chunked, fn

from db.engine.base import Page, page_of, tuples
from db.mail.enqueue import EXPIRED_UNSEEN
from db.models.mail import Mail as Mail  # the page names it
from db.models.mail import MailDomain, MailLetter
from rules.mail import MAIL_TROUBLE, MailState
from rules.mail import message_id as as_message_id

PER_PAGE = 50
# Below SQLite's limit of values in one query.
_AT_ONCE = 500
# What a page may show of the queue, by the word in its address.
VIEWS: dict[str, tuple[MailState, ...]] = {
    "waiting": (MailState.QUEUED, MailState.SENDING),
    "trouble": MAIL_TROUBLE,
    "accepted": (MailState.ACCEPTED,),
    "all": tuple(MailState),
}


def mails(view: str, page: int, counts: Mapping[str, int] | None = None) -> Page[Mail]:
    """The mails of a view: waiting ones by their next try, else newest first. `counts` are `mail_counts()`."""
    states = VIEWS.get(view, VIEWS["all"])
    counts = mail_counts() if counts is None else counts
    # Found in an index alone: the rows are as long as their bodies, and the page asks again and again.
    by_next_try, newest_first = (Mail.lane, Mail.next_at, Mail.id), (Mail.changed_at.desc(), Mail.id.desc())
    ids = Mail.select(Mail.id).order_by(*(by_next_try if view == "waiting" else newest_first))
    ids = ids if states == VIEWS["all"] else ids.where(Mail.state.in_(states))
    total = sum(counts[state] for state in states)
    return page_of(ids, total, page, PER_PAGE, lambda rows: list(mail_cards(row.id for row in rows).values()))


def mail_counts() -> dict[str, int]:
    """The number of mails by state, every state named."""
    rows = tuples(Mail.select(Mail.state, fn.COUNT(Mail.id)).group_by(Mail.state))
    return {state.value: 0 for state in MailState} | {MailState(state).value: int(count) for state, count in rows}


def expired_counts() -> tuple[int, int]:
    """(expired mails that one press tries again, those that a person must decide about one by one)."""
    in_doubt = (Mail.state == MailState.EXPIRED) & (Mail.address != "") & Mail.perhaps_twice
    return Mail.select().where(EXPIRED_UNSEEN).count(), Mail.select().where(in_doubt).count()


def oldest_waiting_at() -> datetime | None:
    """Since when the mail that waits longest waits."""
    return Mail.select(fn.MIN(Mail.queued_at)).where(Mail.state.in_(VIEWS["waiting"])).scalar() or None


def waiting_domains(now: datetime) -> list[MailDomain]:
    """Domains of readers that refuse until `next_at`, while something waits for them."""
    wanted = Mail.select(Mail.domain).where(Mail.state == MailState.QUEUED)
    refusing = MailDomain.select().where(MailDomain.failures > 0, MailDomain.next_at > now)
    return list(refusing.where(MailDomain.domain.in_(wanted)).order_by(MailDomain.domain))


def mail_cards(ids: Iterable[int]) -> dict[int, Mail]:
    """Mails with their letters by their ids, those that exist, in the order of `ids`; without their bodies."""
    wanted = list(ids)
    columns = [column for column in Mail._meta.sorted_fields if column.name not in ("text", "html")]
    query = Mail.select(*columns, MailLetter.id, MailLetter.kind, MailLetter.subject).join(MailLetter)
    rows: dict[int, Mail] = {
        row.id: row for some in chunked(wanted, _AT_ONCE) for row in query.where(Mail.id.in_(some))
    }
    return {mail_id: rows[mail_id] for mail_id in wanted if mail_id in rows}


def mail_of_message_id(text: str) -> int | None:
    """The mail with this Message-ID, with or without its brackets; None for a mail that is not ours."""
    wanted = as_message_id(text)
    return Mail.select(Mail.id).where(Mail.message_id == wanted).scalar() or None

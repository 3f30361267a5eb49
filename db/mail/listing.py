"""The queue as a page shows it, and as figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.mail.cards import card, with_letters
from db.mail.decisions import EXPIRED_UNSEEN
from db.mail.values import MailCard
from db.models.mail import Mail, MailDomain
from plp.rules.mail_states import MAIL_TROUBLE, MailState

PER_PAGE = 50
# What a page may show of the queue, by the word in its address.
VIEWS: dict[str, tuple[MailState, ...]] = {
    "waiting": (MailState.QUEUED, MailState.SENDING),
    "trouble": MAIL_TROUBLE,
    "accepted": (MailState.ACCEPTED,),
    "all": tuple(MailState),
}


@dataclass(frozen=True, slots=True)
class MailPage:
    """One page of mails, pages counted from 1."""

    cards: list[MailCard]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class WaitingDomain:
    """A domain of readers that asked to wait until `next_at`."""

    domain: str
    next_at: datetime
    reason: str
    reply: str


def mails(view: str, page: int, counts: Mapping[str, int] | None = None) -> MailPage:
    """The mails of a view: what waits by when it is tried, everything else newest first.

    `counts` are `mail_counts()`, for who has them.
    """
    states = VIEWS.get(view, VIEWS["all"])
    counts = mail_counts() if counts is None else counts
    pages = max(1, -(-sum(counts[state] for state in states) // PER_PAGE))
    page = min(max(1, page), pages)
    # Found in an index alone: the rows are as long as their bodies, and the page asks again and again.
    found = Mail.select(Mail.id).order_by(*_order(view)).paginate(page, PER_PAGE)
    ids = [row.id for row in (found if states == VIEWS["all"] else found.where(Mail.state.in_(states)))]
    return MailPage([card(row) for row in with_letters().where(Mail.id.in_(ids)).order_by(*_order(view))], page, pages)


def _order(view: str) -> tuple[Any, ...]:
    return (Mail.lane, Mail.next_at, Mail.id) if view == "waiting" else (Mail.changed_at.desc(), Mail.id.desc())


def mail_counts() -> dict[str, int]:
    """The number of mails in each state, every state named."""
    rows = tuples(Mail.select(Mail.state, fn.COUNT(Mail.id)).group_by(Mail.state))
    return {state.value: 0 for state in MailState} | {MailState(state).value: int(count) for state, count in rows}


def expired_counts() -> tuple[int, int]:
    """(expired mails that one press tries again, those that a person must decide about one by one)."""
    in_doubt = (Mail.state == MailState.EXPIRED) & (Mail.address != "") & Mail.perhaps_twice
    return Mail.select().where(EXPIRED_UNSEEN).count(), Mail.select().where(in_doubt).count()


def oldest_waiting_at() -> datetime | None:
    """Since when the mail that waits longest waits."""
    row = Mail.select(Mail.queued_at).where(Mail.state.in_(VIEWS["waiting"])).order_by(Mail.queued_at).first()
    return row.queued_at if row is not None else None


def waiting_domains(now: datetime) -> list[WaitingDomain]:
    """Domains that refuse for the moment, while something waits for them."""
    wanted = Mail.select(Mail.domain).where(Mail.state == MailState.QUEUED)
    rows = (
        MailDomain.select()
        .where(MailDomain.failures > 0, MailDomain.next_at > now, MailDomain.domain.in_(wanted))
        .order_by(MailDomain.domain)
    )
    return [WaitingDomain(row.domain, row.next_at, row.reason, row.reply) for row in rows]

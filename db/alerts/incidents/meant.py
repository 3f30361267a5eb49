"""The members whom a broadcast was for, whether or not anything reached them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from peewee import fn

from db.alerts.orders.chosen import Chosen, chosen
from db.alerts.progress.counts import is_told, with_corrected
from db.alerts.progress.threads import first_of, row_of
from db.engine.base import tuples
from db.journal.reading import until_journaled
from db.models.broadcasts import Broadcast, Message
from db.models.people import Member, Neighbourhood
from db.people.audience import belonging
from db.people.members.cards import is_quiet
from rules.states import CORRECTED

# Whoever joins while it is open is called, too; the figures of a year stay as they were.
_JOINS_WITHIN = timedelta(days=2)


def has_message(broadcast_id: int) -> Any:
    """Condition on members, as a list that is read once: looked up for a member, it was read for every one of them."""
    return Member.mobile.in_(Message.select(Message.msisdn).where(Message.broadcast == broadcast_id))


def is_told_before(row: Broadcast) -> Any:
    """Condition on members: informed by mail or by a call of the alert that this follow-up refers to."""
    return is_told(with_corrected(row.original_id or 0, before=row.id))


def members_for(broadcast_id: int) -> Any:
    """The query of members, with their neighbourhoods, whom this broadcast was for: those of the alert that began its
    thread, without a mobile only if their quiet hours were not spared; for a correction or an end, those who had it;
    for a corrected alert, those who did not. None for an alert to single numbers, and for a drill, which is SMS alone.
    """
    meant = _meant(broadcast_id)
    if meant is None:
        return None
    rows, row = _members(meant.whom, meant.quiet_at, meant.until), meant.row
    if row.original_id is None:
        return rows
    reads_sms, is_informed = has_message(row.id), is_told_before(row)
    if row.kind == CORRECTED:
        return rows.where(reads_sms | (Member.mobile.is_null() & ~is_informed))
    return rows.where(reads_sms | is_informed)


def unnumbered_by_place(broadcast_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """By broadcast, the number of `members_for` it who have no mobile, by neighbourhood; for pages alone."""
    kept = _unnumbered_of(tuple(broadcast_ids)) if broadcast_ids else {}
    # Who had one that follows another may change at any time.
    return {
        number: counted_unnumbered(members_for(number)) if counts is None else counts for number, counts in kept.items()
    }


def counted_unnumbered(members: Any) -> dict[int, int]:
    """The number of these members (a query) who have no mobile, by neighbourhood."""
    without = members.select(Member.neighbourhood, fn.COUNT(Member.id)).where(Member.mobile.is_null())
    return dict(tuples(without.group_by(Member.neighbourhood)))


class _Meant(NamedTuple):
    """A broadcast, whom the first of its thread chose, the time whose quiet hours that spared, and the one after which
    nobody who joins is meant any more."""

    row: Broadcast
    whom: Chosen
    quiet_at: datetime | None
    until: datetime


def _meant(broadcast_id: int) -> _Meant | None:
    row: Broadcast | None = row_of(broadcast_id)
    if row is None:
        return None
    first = first_of(row)
    whom = chosen(first.id)
    if whom is None or whom.whom not in ("all", "places") or first.kind == "drill":
        return None
    # A whole day in all time zones: most alerts of a list chose the same people, who are then counted once.
    until = first.created_at.replace(hour=0, minute=0, second=0, microsecond=0) + _JOINS_WITHIN
    return _Meant(row, whom, first.created_at if first.quiet else None, until)


@until_journaled
def _unnumbered_of(broadcast_ids: tuple[int, ...]) -> dict[int, dict[int, int] | None]:
    """None for one that follows another."""
    counts: dict[int, dict[int, int] | None] = {}
    for number in broadcast_ids:
        meant = _meant(number)
        if meant is None:
            counts[number] = {}
        elif meant.row.original_id is not None:
            counts[number] = None
        else:  # most alerts of a list chose the same people, whatever happened there
            whom = replace(meant.whom, near="", happened="", late_because="")
            counts[number] = _unnumbered(whom, meant.quiet_at, meant.until)
    return counts


@until_journaled
def _unnumbered(whom: Chosen, quiet_at: datetime | None, until: datetime) -> dict[int, int]:
    return counted_unnumbered(_members(whom, quiet_at, until))


def _members(whom: Chosen, quiet_at: datetime | None, until: datetime) -> Any:
    rows = Member.select(Member, Neighbourhood).join(Neighbourhood)
    # Who has a mobile is known by the messages; who joins without one later belongs to no old alert's figures.
    rows = rows.where(Member.restricted_at.is_null(), Member.mobile.is_null(False) | (Member.created_at < until))
    if whom.whom == "places":
        rows = rows.where(belonging([number for number, _name in whom.places], dict(whom.groups), whom.streets))
    return rows if quiet_at is None else rows.where(Member.mobile.is_null(False) | ~is_quiet(quiet_at))

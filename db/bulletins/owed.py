"""Bulletin mails that the jobs have still to write: first mails, reminders, and those to deputies."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from db.bulletins.listing import cards_by_id
from db.bulletins.relay import relay_rows
from db.bulletins.values import OwedMail
from db.engine.base import card_of, grouped, tuples
from db.mail.readers import address_of_relay
from db.models.bulletins import Bulletin, BulletinRelay, NeighbourhoodRelay
from db.models.mail import Mail
from db.models.policy import ZonePolicy
from rules.mail import MailState

AT_ONCE = 50
# Later nobody needs it any more, and a deputy who is named a year after must not get a year's bulletins.
_NO_DEPUTY_AFTER = timedelta(days=15)
# A mail that will not arrive: its reader cannot relay, so the deputy need not wait.
_LOST = frozenset({MailState.REFUSED, MailState.EXPIRED, MailState.BOUNCED})


def owed_mails(limit: int = AT_ONCE) -> list[OwedMail]:
    """The mails to write, oldest first, without those to readers who no longer have an address."""
    rows = list(relay_rows().where(BulletinRelay.owed != "").order_by(BulletinRelay.id).limit(limit))
    bulletins = cards_by_id({row.bulletin_id for row in rows})
    places = NeighbourhoodRelay.neighbourhood.in_([row.neighbourhood_id for row in rows if row.neighbourhood_id])
    groups = {row.neighbourhood_id: row.group_address for row in NeighbourhoodRelay.select().where(places)}
    of_them = Mail.relay.in_([row.id for row in rows])
    firsts = dict(tuples(Mail.select(Mail.relay, Mail.id).where(of_them, ~Mail.is_nudge)))
    return [
        card_of(
            OwedMail,
            row,
            relay_id=row.id,
            kind="nudge" if row.owed == "nudge" else "first",
            bulletin=bulletins[row.bulletin_id],
            name=row.member.full_name if row.member is not None else "",
            address=address_of_relay(row),
            language=row.member.language if row.member is not None else "fr",
            group_address=groups.get(row.neighbourhood_id or 0, ""),
            in_reply_to=firsts.get(row.id),
        )
        for row in rows
    ]


def still_owed(mails: Iterable[OwedMail]) -> set[int]:
    """Relays whose mail is still to be written: no other process wrote it, and nobody cancelled it."""
    kinds = {mail.relay_id: mail.kind for mail in mails}
    rows = tuples(BulletinRelay.select(BulletinRelay.id, BulletinRelay.owed).where(BulletinRelay.id.in_(list(kinds))))
    return {relay_id for relay_id, owed in rows if owed == kinds[relay_id]}


def mark_written(relay_id: int, mail_id: int | None, kind: str) -> None:
    """Mark a mail as written: `mail_id` in the queue, None where no address is left. In the caller's transaction."""
    values: dict[Any, object] = {BulletinRelay.owed: ""}
    if mail_id is None and kind == "nudge":  # no reminder went out, so none counts
        values |= {BulletinRelay.nudged_at: None, BulletinRelay.nudges: BulletinRelay.nudges - 1}
    BulletinRelay.update(values).where(BulletinRelay.id == relay_id, BulletinRelay.owed == kind).execute()
    if mail_id is not None:
        Mail.update(relay=relay_id, is_nudge=kind == "nudge").where(Mail.id == mail_id).execute()


def unrelayed(now: datetime, late_at: datetime) -> set[tuple[int, int]]:
    """(bulletin, neighbourhood) where nobody relayed and no deputy was written to: sent before `late_at`, or lost on
    its way to all readers, and stopped by no person.
    """
    recent = (
        BulletinRelay.select(BulletinRelay, Bulletin.id, Bulletin.sent_at)
        .join(Bulletin)
        .where(Bulletin.sent_at > now - _NO_DEPUTY_AFTER, BulletinRelay.neighbourhood.is_null(False))
    )
    by_place = grouped(((row.bulletin_id, row.neighbourhood_id or 0), row) for row in recent)
    waiting = {place: rows for place, rows in by_place.items() if not any(row.deputy or row.relayed_at for row in rows)}
    mails = _newest_mails(row.id for rows in waiting.values() for row in rows)
    due = set()
    for place, rows in waiting.items():
        newest = [mails[row.id] for row in rows if row.id in mails]
        is_lost = len(newest) == len(rows) and all(state in _LOST for state, _ in newest)
        # Cancelled by a person; one that is cancelled because its reader is gone leads to the deputy.
        is_cancelled = all(state == MailState.CANCELLED for state, _ in newest) and not any(row.owed for row in rows)
        is_stopped = is_cancelled and any(reason == "stopped" for _, reason in newest)
        if (rows[0].bulletin.sent_at <= late_at or is_lost) and not is_stopped:
            due.add(place)
    return due


def deputy_after_h() -> int:
    """Hours without a relay after which the deputy gets the bulletin too."""
    row = ZonePolicy.select().first() or ZonePolicy()
    return int(row.deputy_after_h)


def put_policy(deputy_after_hours: int, longer_alerts: bool) -> None:
    """Store after how many hours the deputy also gets a bulletin, and whether alerts may have a longer version."""
    values = {"deputy_after_h": deputy_after_hours, "longer_alerts": longer_alerts}
    if not ZonePolicy.update(values).execute():
        ZonePolicy.create(**values)


def _newest_mails(relay_ids: Iterable[int]) -> dict[int, tuple[MailState, str]]:
    """State and reason of the newest mail of these relays, without reminders that were cancelled."""
    counting = ~Mail.is_nudge | (Mail.state != MailState.CANCELLED)
    mails = Mail.select(Mail.relay, Mail.state, Mail.reason).where(Mail.relay.in_(list(relay_ids)), counting)
    return {relay_id: (state, reason) for relay_id, state, reason in tuples(mails.order_by(Mail.id))}


def is_written_to(bulletin_id: int, neighbourhood_id: int, member_id: int | None) -> bool:
    """True when this member, or a deputy of this neighbourhood, is among the bulletin's readers."""
    return bool(
        BulletinRelay.select()
        .where(BulletinRelay.bulletin == bulletin_id, BulletinRelay.neighbourhood == neighbourhood_id)
        .where(BulletinRelay.deputy | (BulletinRelay.member == member_id))
        .exists()
    )

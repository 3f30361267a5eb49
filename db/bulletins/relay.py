"""Relays: whether a coordinator passed a bulletin on; and bulletin mails that are still to be written."""

import json
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

from itsdangerous import BadSignature, URLSafeSerializer
from peewee import JOIN, Case, fn

from db.bulletins.drafts import cards_by_id
from db.bulletins.values import How, OwedMail, RelayTally
from db.engine.base import card_of, grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.mail.readers import address_of_relay, move_mails
from db.models.bulletins import Bulletin, BulletinPlace, NeighbourhoodRelay, SigningKey
from db.models.bulletins import BulletinRelay as BulletinRelay  # pages and jobs name the rows that they get
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from db.people.zone import policy_row
from rules.mail import ON_THEIR_WAY, MailCause, MailState
from rules.states import LONGER

# As many as the list of a coordinator's bulletins, twice: one in person and one by the reference address.
_OWN = 100
# Readers on the page of a bulletin.
_SHOWN = 1000
# Tokens for a link or the subject of a mail: only this house can make them.
About = Literal["relay", "probe"]
_PURPOSE = "relay"
AT_ONCE = 50
# Later nobody needs it any more, and a deputy who is named a year after must not get a year's bulletins.
_NO_DEPUTY_AFTER = timedelta(days=15)
# A mail that will not arrive: its reader cannot relay, so the deputy need not wait.
_LOST = frozenset({MailState.REFUSED, MailState.EXPIRED, MailState.BOUNCED})
# Relays with their bulletin without its texts, their member and neighbourhood.
_RELAYS = (
    BulletinRelay.select(BulletinRelay, Bulletin.id, Bulletin.category, Bulletin.sent_at, Member, Neighbourhood)
    .join(Bulletin)
    .join_from(BulletinRelay, Member, JOIN.LEFT_OUTER)
    .join_from(BulletinRelay, Neighbourhood, JOIN.LEFT_OUTER)
)
# The jobs ask for both every few seconds.
_OWED = Prepared(_RELAYS.where(BulletinRelay.owed != "").order_by(BulletinRelay.id).limit(given("limit")))
_RECENT = Prepared(
    BulletinRelay.select(BulletinRelay, Bulletin.id, Bulletin.sent_at)
    .join(Bulletin)
    .where(Bulletin.sent_at > given("since"), BulletinRelay.neighbourhood.is_null(False))
)


def signed(about: About, number: int) -> str:
    """The signed number, in characters allowed in a URL or a mail's subject; always the same."""
    token = _signer(about).dumps(number)
    return token if isinstance(token, str) else token.decode("ascii")


def number_in(about: About, text: str) -> int | None:
    """The number in such a token; None where it is forged, or no token."""
    try:
        number = _signer(about).loads(text) if text else None
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _signer(about: About) -> URLSafeSerializer:
    """Signs with the one key of all tokens, which is made the first time."""
    row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE)
    if row is None:
        with writing("signing key"):
            row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE)
            row = row or SigningKey.create(purpose=_PURPOSE, key=secrets.token_hex(32))
    return URLSafeSerializer(str(row.key), salt=f"plp {about}")


def set_relayed(relay_id: int, how: How, by: str, now: datetime) -> bool:
    """Mark it as relayed, and call back waiting reminders; False where it was marked. In the caller's transaction."""
    this = BulletinRelay.id == relay_id
    marked = BulletinRelay.update(relayed_at=now, relayed_how=how, relayed_by=by)
    if not marked.where(this, BulletinRelay.relayed_at.is_null()).execute():
        return False
    BulletinRelay.update(owed="").where(this, BulletinRelay.owed == "nudge").execute()
    move_mails((Mail.relay == relay_id) & Mail.is_nudge, MailState.CANCELLED, MailCause.WITHDRAWAL, "withdrawn", now)
    return True


def clear_relayed(relay_id: int, how: How) -> bool:
    """Take back a mark that was made this way; False where no such mark is. In the caller's transaction."""
    cleared = BulletinRelay.update(relayed_at=None, relayed_how="", relayed_by="")
    return bool(cleared.where(BulletinRelay.id == relay_id, BulletinRelay.relayed_how == how).execute())


def owe_nudge(relay_id: int, by: str, now: datetime) -> None:
    """Note that the jobs have to write a reminder. In the caller's transaction."""
    nudged = BulletinRelay.update(owed="nudge", nudged_at=now, nudged_by=by, nudges=BulletinRelay.nudges + 1)
    nudged.where(BulletinRelay.id == relay_id).execute()


def relay(relay_id: int) -> BulletinRelay | None:
    """One relay."""
    return next(iter(_whole(_RELAYS.where(BulletinRelay.id == relay_id))), None)


def relays(bulletin_id: int) -> list[BulletinRelay]:
    """All of a bulletin, by neighbourhood, a deputy after the coordinators; of a longer version, with its thousands of
    readers, those whose mail did not arrive, or may have arrived twice."""
    rows = _RELAYS.where(BulletinRelay.bulletin == bulletin_id)
    well = Mail.select(Mail.relay).where(Mail.relay.is_null(False), Mail.state.in_(ON_THEIR_WAY), ~Mail.perhaps_twice)
    troubled = (BulletinRelay.owed == "") & BulletinRelay.id.not_in(well)
    rows = rows.where((Bulletin.category != LONGER) | troubled).limit(_SHOWN)
    return _whole(rows.order_by(BulletinRelay.place, BulletinRelay.deputy, BulletinRelay.id))


def _whole(rows: Any) -> list[BulletinRelay]:
    """Relays with their bulletin and member; also with its title, their newest mail, and whether they are `reachable`
    today."""
    listed: list[BulletinRelay] = list(rows)
    if not listed:
        return []
    mails = Mail.select(Mail.relay, Mail.id).where(Mail.relay.in_([row.id for row in listed])).order_by(Mail.id)
    newest = dict(tuples(mails))
    texts = Bulletin.select(Bulletin.id, Bulletin.texts).where(Bulletin.id.in_({row.bulletin_id for row in listed}))
    titles = {bulletin_id: json.loads(written)[0]["title"] for bulletin_id, written in tuples(texts)}
    for row in listed:
        row.title, row.mail_id, row.reachable = titles[row.bulletin_id], newest.get(row.id), bool(address_of_relay(row))
    return listed


def relays_of(coordinators: Mapping[int, int]) -> list[BulletinRelay]:
    """Those of these coordinators (member id: neighbourhood), and of their neighbourhoods' reference addresses."""
    if not coordinators:
        return []
    theirs = BulletinRelay.member.in_(list(coordinators)) | BulletinRelay.at_reference
    rows = _RELAYS.where(BulletinRelay.neighbourhood.in_(list(coordinators.values())), theirs)
    return _whole(rows.order_by(BulletinRelay.id.desc()).limit(_OWN))


def to_relay(coordinators: Mapping[int, int]) -> set[int]:
    """Bulletins, of their newest, that none of these coordinators relayed."""
    own = relays_of(coordinators)
    return {card.bulletin_id for card in own} - {card.bulletin_id for card in own if card.relayed_at is not None}


def bulletin_of_mail(mail_id: int) -> BulletinRelay | None:
    """The relay that a mail of the queue is about, for processing an answer to it; None for other mails."""
    of_mail = Mail.select(Mail.relay).where(Mail.id == mail_id)
    return next(iter(_whole(_RELAYS.where(BulletinRelay.id.in_(of_mail)))), None)


def tallies(bulletin_ids: Iterable[int]) -> dict[int, RelayTally]:
    """Tally by bulletin id. A neighbourhood counts once, with its first relay, however many readers it has."""
    ids = list(bulletin_ids)
    seconds: dict[int, list[float | None]] = {bulletin_id: [] for bulletin_id in ids}
    for bulletin_id, _place_id, relayed_s in first_relays(ids):
        seconds[bulletin_id].append(relayed_s)
    counted = {}
    for bulletin_id, firsts in seconds.items():
        relayed = [first_s for first_s in firsts if first_s is not None]
        counted[bulletin_id] = RelayTally(len(firsts), len(relayed), median(relayed) if relayed else None)
    accepted_mail = Case(None, [(Mail.state == MailState.ACCEPTED, Mail.id)])
    longer = (
        BulletinRelay.select(BulletinRelay.bulletin, fn.COUNT(BulletinRelay.id), fn.COUNT(accepted_mail))
        .join(Bulletin)
        .join_from(BulletinRelay, Mail, JOIN.LEFT_OUTER)
        .where(BulletinRelay.bulletin.in_(ids), Bulletin.category == LONGER)
        .group_by(BulletinRelay.bulletin)
    )
    for bulletin_id, readers, accepted in tuples(longer):
        counted[bulletin_id] = RelayTally(readers, accepted, None, mailed=True)
    return counted


def first_relays(bulletin_ids: Collection[int]) -> Iterator[tuple[int, int | None, float | None]]:
    """(bulletin, neighbourhood, seconds to its first relay or None) of every neighbourhood that it went to."""
    place_id, first_at = fn.MAX(BulletinRelay.neighbourhood), fn.MIN(BulletinRelay.relayed_at)
    relays = BulletinRelay.select(BulletinRelay.bulletin, place_id, first_at, Bulletin.sent_at).join(Bulletin)
    of_these = relays.where(BulletinRelay.bulletin.in_(list(bulletin_ids)), BulletinRelay.group_id.is_null())
    firsts = of_these.group_by(BulletinRelay.bulletin, BulletinRelay.place, Bulletin.sent_at)
    for bulletin_id, place_id, relayed_at, sent_at in tuples(firsts):
        yield bulletin_id, place_id, max(0.0, (relayed_at - sent_at).total_seconds()) if relayed_at else None


def left_out(bulletin_id: int) -> list[str]:
    """Names of a bulletin's neighbourhoods that have no reader."""
    of_it = (BulletinRelay.bulletin == bulletin_id) & BulletinRelay.neighbourhood.is_null(False)
    read = BulletinRelay.select(BulletinRelay.neighbourhood).where(of_it)
    places = Neighbourhood.select(Neighbourhood.name).join(BulletinPlace).where(BulletinPlace.bulletin == bulletin_id)
    unread = places.where(Neighbourhood.id.not_in(read)).order_by(Neighbourhood.position, Neighbourhood.name)
    return [row.name for row in unread]


def owed_mails(limit: int = AT_ONCE) -> list[OwedMail]:
    """The mails to write, oldest first, without those to readers who no longer have an address."""
    rows = _OWED.results(limit=limit)
    if not rows:
        return []
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
            address=address_of_relay(row),
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
    """(bulletin, neighbourhood) without relay or deputy: sent before `late_at` or lost, and stopped by no person."""
    recent = _RECENT.results(since=now - _NO_DEPUTY_AFTER)
    if not recent:
        return set()
    by_place = grouped(((row.bulletin_id, row.neighbourhood_id or 0), row) for row in recent)
    waiting = {place: rows for place, rows in by_place.items() if not any(row.deputy or row.relayed_at for row in rows)}
    # State and reason of the newest mail of each, without reminders that were cancelled.
    theirs = Mail.relay.in_([row.id for rows in waiting.values() for row in rows])
    counting = theirs & (~Mail.is_nudge | (Mail.state != MailState.CANCELLED))
    newest_last = Mail.select(Mail.relay, Mail.state, Mail.reason).where(counting).order_by(Mail.id)
    mails = {relay_id: (state, reason) for relay_id, state, reason in tuples(newest_last)}
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
    return int(policy_row().deputy_after_h)


def is_written_to(bulletin_id: int, neighbourhood_id: int, member_id: int | None) -> bool:
    """True when this member, or a deputy of this neighbourhood, is among the bulletin's readers."""
    here = (BulletinRelay.bulletin == bulletin_id) & (BulletinRelay.neighbourhood == neighbourhood_id)
    reader = BulletinRelay.deputy | (BulletinRelay.member == member_id)
    return bool(BulletinRelay.select().where(here, reader).exists())

"""Relays: whether a coordinator passed a bulletin on. Tokens to say so without a login, and every way of marking it."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

from itsdangerous import BadSignature, URLSafeSerializer
from peewee import JOIN, Case, fn

from db.bulletins.values import How, RelayCard, RelayTally
from db.engine.base import card_of, tuples
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.mail.readers import address_of_relay, move_mails
from db.models.bulletins import Bulletin, BulletinMail, BulletinPlace, BulletinRelay, BulletinText, SigningKey
from db.models.mail import Mail
from db.models.people import Member, Neighbourhood
from rules.mail_states import ON_THEIR_WAY, MailCause, MailState
from rules.refusals import Refusal
from rules.states import LONGER

# What is older says nothing about today, and a mailbox that is read by others later must not speak for its owner.
TOKEN_DAYS = 30
# Between two reminders to the same reader.
NUDGE_EVERY = timedelta(hours=4)

# As many as the list of a coordinator's bulletins, twice: one in person and one by the reference address.
_OWN = 100
# Readers on the page of a bulletin.
_SHOWN = 1000


# Tokens for a link or the subject of a mail: only this house can make them.
About = Literal["relay", "probe"]
_PURPOSE = "relay"


def signed(about: About, number: int) -> str:
    """The signed number, in characters allowed in a URL or a mail's subject; the same each time."""
    token = _signer(about).dumps(number)
    return token if isinstance(token, str) else token.decode("ascii")


def number_in(about: About, text: str) -> int | None:
    """The number in such a token; None where it is forged, or no token."""
    if not text:
        return None
    try:
        number = _signer(about).loads(text)
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _signer(about: About) -> URLSafeSerializer:
    return URLSafeSerializer(_key(), salt=f"plp {about}")


def _key() -> str:
    """The key of all tokens, made the first time."""
    row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE)
    if row is None:
        with writing():
            take_turn("signing key")
            row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE) or SigningKey.create(
                purpose=_PURPOSE, key=secrets.token_hex(32)
            )
    return str(row.key)


def relay_of_token(token: str, now: datetime) -> RelayCard | None:
    """The relay that a token names; None for one that is forged, older than 30 days, or of a bulletin that is gone."""
    relay_id = number_in("relay", token)
    card = relay(relay_id) if relay_id is not None else None
    return card if card is not None and now < card.sent_at + timedelta(days=TOKEN_DAYS) else None


def apply_relay(token: str, how: How, now: datetime) -> RelayCard | None:
    """Mark what the token names as relayed; the answer is as it was before. None: no such token."""
    card = relay_of_token(token, now)
    if card is not None:
        mark_relayed(card.id, how, "", now)
    return card


def mark_relayed(relay_id: int, how: How, by: str, now: datetime) -> None:
    """Mark it once; later marks change nothing. `by` is the officer who was told."""
    with writing():
        this = BulletinRelay.id == relay_id
        changed = BulletinRelay.update(relayed_at=now, relayed_how=how, relayed_by=by).where(
            this, BulletinRelay.relayed_at.is_null()
        )
        if changed.execute():
            BulletinRelay.update(owed="").where(this, BulletinRelay.owed == "nudge").execute()
            _call_back_nudges(relay_id, now)
            row = BulletinRelay.get_by_id(relay_id)
            audit.record(now, by or "plp", "bulletin_relayed", str(row.bulletin_id), relay_how=how, place=row.place)


def unmark_relayed(relay_id: int, by: str, now: datetime) -> None:
    """Take back what an officer marked by mistake; what a coordinator said themselves stays."""
    with writing():
        changed = BulletinRelay.update(relayed_at=None, relayed_how="", relayed_by="").where(
            BulletinRelay.id == relay_id, BulletinRelay.relayed_how == "officer"
        )
        if changed.execute():
            row = BulletinRelay.get_by_id(relay_id)
            audit.record(now, by, "bulletin_relay_unmarked", str(row.bulletin_id), place=row.place)


def enqueue_nudge(relay_id: int, by: str, now: datetime) -> None:
    """Ask the jobs for a reminder. Raises Refusal: relayed already, reminded less than 4 hours ago, or no address."""
    with writing():
        row = relay_rows().where(BulletinRelay.id == relay_id).first()
        if row is None:
            raise Refusal("Ce bulletin n'existe plus.")
        if row.relayed_at is not None:
            raise Refusal("Bulletin déjà relayé : rappel inutile.")
        if not address_of_relay(row):
            raise Refusal(
                "Cette personne n'a plus d'adresse, ou ne doit plus recevoir cet e-mail. Mettez sa fiche à "
                "jour, puis réessayez."
            )
        last: datetime = row.nudged_at or row.created_at
        if now < last + NUDGE_EVERY:
            raise Refusal(
                "Un e-mail a été envoyé il y a moins de {hours} heures. Téléphonez plutôt.",
                hours=int(NUDGE_EVERY.total_seconds() // 3600),
            )
        BulletinRelay.update(owed="nudge", nudged_at=now, nudged_by=by, nudges=BulletinRelay.nudges + 1).where(
            BulletinRelay.id == relay_id
        ).execute()
        audit.record(now, by, "bulletin_nudged", str(row.bulletin_id), place=row.place)


def relay(relay_id: int) -> RelayCard | None:
    """One relay."""
    row = relay_rows().where(BulletinRelay.id == relay_id).first()
    return None if row is None else relay_cards([row])[0]


def relays(bulletin_id: int) -> list[RelayCard]:
    """All of a bulletin, by neighbourhood, a deputy after the coordinators; of a longer version, which may have
    thousands of readers, the first of those whose mail did not arrive, or may have arrived twice.
    """
    rows = relay_rows().where(BulletinRelay.bulletin == bulletin_id)
    well = BulletinMail.select(BulletinMail.relay).join(Mail, on=(BulletinMail.mail_id == Mail.id))
    well = well.where(Mail.state.in_(ON_THEIR_WAY), ~Mail.perhaps_twice)
    troubled = (BulletinRelay.owed == "") & BulletinRelay.id.not_in(well)
    rows = rows.where((Bulletin.category != LONGER) | troubled).limit(_SHOWN)
    return relay_cards(rows.order_by(BulletinRelay.place, BulletinRelay.deputy, BulletinRelay.id))


def relay_cards(rows: Any) -> list[RelayCard]:
    """Rows of relays, with their bulletin and member, as values."""
    listed = list(rows)
    mails = BulletinMail.select().where(BulletinMail.relay.in_([row.id for row in listed])).order_by(BulletinMail.id)
    newest = {row.relay_id: row.mail_id for row in mails}
    of_bulletins = BulletinText.bulletin.in_([row.bulletin_id for row in listed])
    titles = {
        row.bulletin_id: row.title for row in BulletinText.select().where(of_bulletins, BulletinText.position == 0)
    }
    return [
        card_of(
            RelayCard,
            row,
            title=titles.get(row.bulletin_id, ""),
            name=row.member.full_name if row.member_id else "",
            language=row.member.language if row.member_id else "fr",
            sent_at=row.bulletin.sent_at,
            mail_id=newest.get(row.id),
            reachable=bool(address_of_relay(row)),
        )
        for row in listed
    ]


def relays_of(coordinators: Mapping[int, int]) -> list[RelayCard]:
    """Those of these coordinators (member id: neighbourhood), and of their neighbourhoods' reference addresses."""
    if not coordinators:
        return []
    theirs = BulletinRelay.member.in_(list(coordinators)) | BulletinRelay.at_reference
    rows = relay_rows().where(BulletinRelay.neighbourhood.in_(list(coordinators.values())), theirs)
    return relay_cards(rows.order_by(BulletinRelay.id.desc()).limit(_OWN))


def to_relay(coordinators: Mapping[int, int]) -> set[int]:
    """Bulletins, of their newest, that none of these coordinators relayed."""
    own = relays_of(coordinators)
    return {each.bulletin_id for each in own} - {each.bulletin_id for each in own if each.relayed_at is not None}


def bulletin_of_mail(mail_id: int) -> RelayCard | None:
    """The relay that a mail of the queue is about, for whoever reads an answer to it; None for other mails."""
    row = BulletinMail.get_or_none(BulletinMail.mail_id == mail_id)
    return None if row is None else relay(row.relay_id)


def relay_rows() -> Any:
    """The query of relays, with their bulletin, member and neighbourhood."""
    return (
        BulletinRelay.select(BulletinRelay, Bulletin, Member, Neighbourhood)
        .join(Bulletin)
        .join_from(BulletinRelay, Member, JOIN.LEFT_OUTER)
        .join_from(BulletinRelay, Neighbourhood, JOIN.LEFT_OUTER)
    )


def _call_back_nudges(relay_id: int, now: datetime) -> None:
    """Cancel the reminders of a relay that was done, as far as they have not left yet."""
    nudges = BulletinMail.select(BulletinMail.mail_id).where(
        BulletinMail.relay == relay_id, BulletinMail.kind == "nudge"
    )
    move_mails(Mail.id.in_(nudges), MailState.CANCELLED, MailCause.WITHDRAWAL, "withdrawn", now)


def tallies(bulletin_ids: Iterable[int]) -> dict[int, RelayTally]:
    """Tally by bulletin id. A neighbourhood counts once, with its first relay, however many readers it has."""
    ids = list(bulletin_ids)
    first = fn.MIN(BulletinRelay.relayed_at)
    rows = BulletinRelay.select(BulletinRelay.bulletin, first, Bulletin.sent_at).join(Bulletin)
    seconds: dict[int, list[float | None]] = {each: [] for each in ids}
    places = rows.where(BulletinRelay.bulletin.in_(ids), BulletinRelay.group_id.is_null()).group_by(
        BulletinRelay.bulletin, BulletinRelay.place, Bulletin.sent_at
    )
    for bulletin_id, relayed_at, sent_at in tuples(places):
        seconds[bulletin_id].append(max(0.0, (relayed_at - sent_at).total_seconds()) if relayed_at else None)
    return {each: _tally(firsts) for each, firsts in seconds.items()} | _mailed(ids)


def _mailed(ids: list[int]) -> dict[int, RelayTally]:
    """Of those that are longer versions."""
    taken = fn.COUNT(Case(None, [(Mail.state == MailState.ACCEPTED, Mail.id)]))
    rows = (
        BulletinRelay.select(BulletinRelay.bulletin, fn.COUNT(BulletinRelay.id), taken)
        .join(Bulletin)
        .join_from(BulletinRelay, BulletinMail, JOIN.LEFT_OUTER)
        .join(Mail, JOIN.LEFT_OUTER, on=(BulletinMail.mail_id == Mail.id))
        .where(BulletinRelay.bulletin.in_(ids), Bulletin.category == LONGER)
        .group_by(BulletinRelay.bulletin)
    )
    return {each: RelayTally(readers, accepted, None, mailed=True) for each, readers, accepted in tuples(rows)}


def left_out(bulletin_id: int) -> list[str]:
    """Names of a bulletin's neighbourhoods that have no reader."""
    written = BulletinRelay.select(BulletinRelay.neighbourhood).where(
        BulletinRelay.bulletin == bulletin_id, BulletinRelay.neighbourhood.is_null(False)
    )
    rows = (
        Neighbourhood.select(Neighbourhood.name)
        .join(BulletinPlace)
        .where(BulletinPlace.bulletin == bulletin_id, Neighbourhood.id.not_in(written))
        .order_by(Neighbourhood.position, Neighbourhood.name)
    )
    return [row.name for row in rows]


def _tally(firsts: list[float | None]) -> RelayTally:
    seconds = [each for each in firsts if each is not None]
    return RelayTally(len(firsts), len(seconds), median(seconds) if seconds else None)

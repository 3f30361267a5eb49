"""Follow a bulletin: the coordinators who relayed, updated every few seconds; remind, mark by hand."""

from datetime import datetime, timedelta

from babel.dates import format_timedelta
from flask import abort, redirect, render_template, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from console.bulletins.blueprint import blueprint, bulletin_of
from console.web.acting import actor, attempted, done, page_or_part
from console.web.pages import Served
from db.bulletins.relay import BulletinRelay, left_out, relay, relays, tallies
from db.bulletins.values import BulletinCard, RelayTally
from db.engine.clock import utc_now
from db.mail.listing import Mail, mail_cards
from plp.services.bulletins.relaying import enqueue_nudge, mark_relayed, nudge_free_at, unmark_relayed

_TROUBLE = {"refused": 0, "expired": 0, "bounced": 0, "unreachable": 0}
# What did not leave, or will not: a missing address is why, or the next thing to mend.
_UNSENT = frozenset({"refused", "expired", "bounced", "cancelled"})
# Nothing that a person waits for changes after that.
LIVE_FOR = timedelta(days=3)


@blueprint.get("/<int:bulletin_id>", may="see_bulletins", live=True)
@blueprint.get("/<int:bulletin_id>/live", endpoint="live", may="see_bulletins", live=True)
def follow(bulletin_id: int) -> Served:
    card = bulletin_of(bulletin_id)
    if card.sent_at is None:
        return redirect(url_for("bulletins.check", bulletin_id=bulletin_id))
    now = utc_now()
    return render_template(
        page_or_part("bulletins/follow.html", "bulletins/live.html"),
        card=card,
        rows=_rows(card, now),
        tally=tallies([card.id])[card.id],
        left_out=left_out(card.id),
        poll=now < card.sent_at + LIVE_FOR,
    )


@blueprint.post("/<int:bulletin_id>/relays/<int:relay_id>/nudge", may="send_bulletins")
def nudge(bulletin_id: int, relay_id: int) -> Served:
    row = _relay(bulletin_id, relay_id)
    sentence = _("Rappel envoyé à %(name)s.", name=row.name or row.place)
    return attempted(
        lambda: enqueue_nudge(relay_id, actor(), utc_now()), sentence, "bulletins.follow", bulletin_id=bulletin_id
    )


@blueprint.post("/<int:bulletin_id>/relays/<int:relay_id>/mark", may="send_bulletins")
def mark(bulletin_id: int, relay_id: int) -> Served:
    """Mark as relayed, because the coordinator confirmed it on the telephone."""
    row = _relay(bulletin_id, relay_id)
    mark_relayed(relay_id, "officer", actor(), utc_now())
    sentence = _("Relais confirmé : quartier %(place)s.", place=row.place)
    return done(sentence, "bulletins.follow", bulletin_id=bulletin_id)


@blueprint.post("/<int:bulletin_id>/relays/<int:relay_id>/unmark", may="send_bulletins")
def unmark(bulletin_id: int, relay_id: int) -> Served:
    """Take back a mark that was made by mistake."""
    _relay(bulletin_id, relay_id)
    unmark_relayed(relay_id, actor(), utc_now())
    return redirect(url_for("bulletins.follow", bulletin_id=bulletin_id), 303)


def tally_words(tally: RelayTally) -> str:
    """« 9 sur 12 ont relayé, médiane 11 min », « 280 e-mails envoyés sur 287 »"""
    if tally.mailed:
        sent = ngettext(
            "%(num)s e-mail envoyé sur %(all)s", "%(num)s e-mails envoyés sur %(all)s", tally.relayed, all=tally.places
        )
        return str(sent)
    counted = ngettext(
        "Relayé dans %(num)s quartier sur %(places)s",
        "Relayé dans %(num)s quartiers sur %(places)s",
        tally.relayed,
        places=tally.places,
    )
    if tally.median_s is None:
        return str(counted)
    spent = timedelta(minutes=max(1, round(tally.median_s / 60)))
    shown = format_timedelta(spent, granularity="minute", threshold=3, format="short", locale=get_locale())
    return str(_("%(said)s, médiane %(time)s", said=counted, time=shown))


blueprint.add_app_template_filter(tally_words)


def _rows(card: BulletinCard, now: datetime) -> list[tuple[BulletinRelay, Mail | None, str, datetime | None]]:
    """(reader, mail, state as the page shows it, of READER_STATES, when a reminder may go, None for now)."""
    listed = relays(card.id)
    mails = mail_cards(row.mail_id for row in listed if row.mail_id is not None)
    rows = []
    for row in listed:
        mail, free_at = mails.get(row.mail_id or 0), nudge_free_at(row)
        if row.relayed_at is not None:
            state = "relayed"
        elif row.owed:
            state = "owed"
        elif mail is None or (not row.reachable and mail.state in _UNSENT):
            state = "unreachable"
        else:
            state = mail.state
        rows.append((row, mail, state, free_at if free_at > now else None))
    # What may need a hand comes first; within it they stay in the order of their neighbourhoods.
    return sorted(rows, key=lambda row: (row[0].relayed_at is not None, _TROUBLE.get(row[2], 1)))


def _relay(bulletin_id: int, relay_id: int) -> BulletinRelay:
    row = relay(relay_id)
    if row is None or row.bulletin_id != bulletin_id:
        abort(404)
    return row

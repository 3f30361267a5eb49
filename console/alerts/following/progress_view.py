"""Progress of an alert in figures, in words and as a bar: nothing better than it is known."""

import re
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import count as shown
from console.people.arrival import not_reached_words, said_by_road
from console.web import form_fields
from db.alerts.incidents.left_out import LeftOut, people_left_out, skippable, sms_fail
from db.alerts.incidents.roads import Roads, roads
from db.alerts.progress.counts import is_being_mailed
from db.alerts.progress.progress import BroadcastCard, Progress
from db.alerts.progress.report import left_out
from rules.mail import MailState

# The order of the bar: what went well first, what waits after it, what went wrong at the end.
BAR_ORDER = ("delivered", "sent", "sending", "queued", "unconfirmed", "undelivered", "expired", "failed", "cancelled")
BAR_UNITS = 1000
MOVING = ("preparing", "scheduled", "queued", "sending")
# A moment, in seconds of the clock.
_SECONDS, _LONGEST_SECONDS = re.compile("[0-9]{1,10}"), 11
# A mail that has not left.
_LEAVING = (MailState.QUEUED, MailState.SENDING)
# A held or paused alert changes only by a person, perhaps in another window.
STILL_OPEN = (*MOVING, "held", "paused", "awaiting_approval")


def progress_view(progress: Progress, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    """The view of `progress`: counts in words and the bar's segments. `seconds_left` of undo, and its bar; `poll_s` is
    None once nothing can change on its own. `mark` is state and counts in one word: new when the list of people may
    have changed. `roads` is None where SMS are the only way, as for a drill. `left_out` get no SMS; `skippable` of them
    have one that waits although they were informed. `since` is when the page was loaded. `untouched`: no phone can have
    it, because no part was ever handed to a modem.
    """
    counts = progress.counts
    left = max(0.0, (progress.release_at - now).total_seconds()) if progress.release_at else 0.0
    whole = (progress.release_at - progress.created_at).total_seconds() if progress.release_at else 0.0
    scheduled = progress.state == "scheduled"
    by_road = other_roads(progress)
    outside = [] if progress.drill else _left_out(progress, now, since)
    others = [sum(one.by_phone and not one.has_sms for one in outside), *astuple(by_road)] if by_road else ()
    return {
        "progress": progress,
        "segments": segments(progress),
        "words": counted_words(progress),
        "figures": figures(progress, by_road),
        "seconds_left": -int(-left // 1) if scheduled else 0,
        "undo_left": round(BAR_UNITS * left / whole) if scheduled and whole else 0,
        "poll_s": _poll_s(progress, now) or (2 if any(one.mail in _LEAVING for one in outside) else None),
        "mark": ".".join(str(number) for number in (progress.state, progress.taken, *counts.values(), *others)),
        "roads": by_road,
        "by_road": road_words(progress, by_road),
        "left_out": outside,
        "since": int((since or now).timestamp()),
        "skippable": skippable(progress.id) if progress.waiting and others else 0,
        "without_mobile": left_out(progress.id) if progress.drill else 0,
        "untouched": counts["cancelled"] + counts["queued"] == progress.recipients and not progress.taken,
        "to_call": _to_call(progress),
    }


def loaded_at() -> datetime | None:
    """The moment at which the page was loaded that asks for its live part (`?since=`)."""
    seconds = form_fields.line("since", _LONGEST_SECONDS)
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _left_out(progress: Progress, now: datetime, since: datetime | None) -> list[LeftOut]:
    """The people whom no SMS reaches, those to call first; nobody is called about what was corrected or is over."""
    people = people_left_out(progress.id, now, since)
    others = [one for one in people if one.called_at or not one.by_phone]
    return others if progress.superseded else [*(one for one in people if one not in others), *others]


def other_roads(card: BroadcastCard, by_road: Roads | None = None) -> Roads | None:
    """Its people by road (`by_road`, where that is known); None where SMS are the only way."""
    by_road = by_road or roads(card)
    return by_road if by_road.mail or by_road.called or by_road.people != card.recipients or sms_fail(card.id) else None


def road_words(card: BroadcastCard, by_road: Roads | None, mailing: bool | None = None) -> str:
    """« 250 par SMS · 28 par e-mail · 20 non prévenus »; empty where SMS are the only way. `mailing`: a mail of it is
    still to leave; None where that is to be looked up.
    """
    if by_road is None:
        return ""
    return said_by_road(by_road, _is_pending(card, mailing))


def _is_pending(card: BroadcastCard, mailing: bool | None = None) -> bool:
    """True while an SMS or a mail of it is still to leave."""
    if card.waiting or card.state in STILL_OPEN:
        return True
    return is_being_mailed(card.id) if mailing is None else mailing


def _to_call(progress: Progress) -> int:
    """People to call, whom an SMS can no longer reach; 0 for a drill or an alert that is over."""
    if progress.state in MOVING or progress.drill or progress.superseded:
        return 0
    return sum(progress.counts[state] for state in ("failed", "undelivered", "expired"))


def figures(card: BroadcastCard, by_road: Roads | None) -> list[tuple[str, int, str, str]]:
    """Always four numbers to read from afar: (name, number, words below it, tone). The first and third add up with
    what is not sent and not confirmed to all; at the end the second and third are the first. With other roads than SMS
    the first and last are people by any road, and add up to all.
    """
    if by_road:
        return _figures_by_road(card, by_road)
    counts, moves = card.counts, card.waiting
    missing = not moves and card.taken < card.recipients
    delivered, doubt = counts["delivered"], counts["unconfirmed"]
    no_report = card.taken - delivered
    of_all = ngettext("envoyé sur %(all)s", "envoyés sur %(all)s", card.taken, all=shown(card.recipients))
    received = ngettext("reçu, accusé du téléphone", "reçus, accusé du téléphone", delivered)
    unsent = ngettext("non envoyé", "non envoyés", card.not_sent)
    if doubt:
        unsent += " " + ngettext("et %(n)s non confirmé", "et %(n)s non confirmés", doubt, n=shown(doubt))
    third = ("silent", no_report, _("sans accusé de réception"), "doubt" if no_report else "")
    return [
        ("taken", card.taken, of_all, "failed" if missing else ""),
        ("delivered", delivered, received, "proven"),
        ("waiting", moves, _("en attente"), "") if moves else third,
        ("missing", card.not_sent, unsent, "failed" if card.not_sent else "doubt" if doubt else ""),
    ]


def _figures_by_road(card: BroadcastCard, by_road: Roads) -> list[tuple[str, int, str, str]]:
    rest, is_pending, doubt = by_road.not_reached, _is_pending(card), card.counts["unconfirmed"]
    reached, tone = by_road.people - rest, "failed" if rest and not is_pending else ""
    of_all = ngettext("alerté sur %(all)s", "alertés sur %(all)s", reached, all=shown(by_road.people))
    _sent, delivered, third, _not_sent = figures(card, None)
    if card.waiting:
        third = ("waiting", card.waiting, _("SMS en attente"), "")
    unsure = ngettext("dont %(n)s SMS non confirmé", "dont %(n)s SMS non confirmés", doubt, n=shown(doubt))
    last = ", ".join(filter(None, (not_reached_words(rest, is_pending), unsure if doubt and rest else "")))
    return [("taken", reached, of_all, tone), delivered, third, ("missing", rest, last, tone)]


def next_step(progress: Progress, may_follow: bool) -> str:
    """The main action on the alert's page, by its name in alerts/live.html; empty for none."""
    counts = progress.counts
    by_state = {"paused": "resume", "held": "release"}
    if progress.state in (*MOVING, "awaiting_approval"):
        return "stop"
    if progress.state in by_state or progress.superseded:
        return by_state.get(progress.state, "")
    if counts["failed"]:
        return "failed"
    if not progress.went_out:
        return "reuse"
    if progress.called_off:
        return "correct"
    return "report" if progress.kind == "drill" else "end" if may_follow else ""


def counted_words(card: BroadcastCard) -> str:
    """« SMS à 412 personnes : 398 envoyés, 11 refusés, 3 non confirmés. »"""
    recipients, counts, taken = card.recipients, card.counts, card.taken
    waiting = counts["queued"] + counts["sending"]
    known = taken + waiting + counts["failed"] + counts["unconfirmed"] + counts["cancelled"]
    parts = [ngettext("%(n)s envoyé", "%(n)s envoyés", taken, n=shown(taken))]
    if counts["delivered"]:
        delivered = counts["delivered"]
        parts[0] += " " + ngettext("(%(n)s reçu)", "(%(n)s reçus)", delivered, n=shown(delivered))
    if waiting:
        parts.append(ngettext("%(n)s en attente", "%(n)s en attente", waiting, n=shown(waiting)))
    if failed := counts["failed"]:
        parts.append(ngettext("%(n)s refusé", "%(n)s refusés", failed, n=shown(failed)))
    if unconfirmed := counts["unconfirmed"]:
        parts.append(ngettext("%(n)s non confirmé", "%(n)s non confirmés", unconfirmed, n=shown(unconfirmed)))
    if expired := max(0, recipients - known):
        parts.append(ngettext("%(n)s expiré", "%(n)s expirés", expired, n=shown(expired)))
    if cancelled := counts["cancelled"]:
        parts.append(ngettext("%(n)s annulé", "%(n)s annulés", cancelled, n=shown(cancelled)))
    return str(_("%(why)s : %(words)s.", why=sms_to(recipients), words=", ".join(parts)))


def sms_to(people: int) -> str:
    """The count of recipients with its unit: an alert has people without a mobile, too."""
    return str(ngettext("SMS à %(n)s personne", "SMS à %(n)s personnes", people, n=shown(people)))


def segments(card: BroadcastCard) -> list[tuple[str, int, int, int]]:
    """(state, people, start and width in thousandths) of the bar: running sums are rounded, so that it is full."""
    shares, before = [], 0
    for state in BAR_ORDER:
        if number := card.counts[state]:
            start = round(BAR_UNITS * before / card.recipients)
            before += number
            end = round(BAR_UNITS * before / card.recipients)
            shares.append((state, number, start, end - start))
    return shares


def _poll_s(progress: Progress, now: datetime) -> int | None:
    if progress.state in MOVING or progress.counts["sending"]:
        return 1
    if progress.state in STILL_OPEN:
        return 2
    return 2 if (progress.counts["sent"] or progress.counts["unconfirmed"]) and now < progress.deadline_at else None

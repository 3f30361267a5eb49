"""Progress of an alert in words, as a bar, and as a curve drawn by the server: nothing better than it is known."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.formats import count as shown
from db.alerts.progress.progress import BroadcastCard, Progress
from db.alerts.progress.report import curve

# The order of the bar: what went well first, what waits after it, what went wrong at the end.
BAR_ORDER = ("delivered", "sent", "sending", "queued", "unconfirmed", "undelivered", "expired", "failed", "cancelled")
BAR_UNITS = 1000
MOVING = ("preparing", "scheduled", "queued", "sending")
# A held or paused alert changes only by a person, perhaps in another window.
STILL_OPEN = (*MOVING, "held", "paused", "awaiting_approval")


def progress_view(progress: Progress, now: datetime) -> dict[str, Any]:
    """The view of `progress`: counts in words and the bar's segments. `seconds_left` of undo, and its bar; `poll_s` is
    None once nothing can change by itself. `mark` are the counts as one word, which changes when the list of people may
    have changed. `untouched`: no phone can have it, because nothing was ever handed to a modem.
    """
    counts = progress.counts
    left = max(0.0, (progress.release_at - now).total_seconds()) if progress.release_at else 0.0
    whole = (progress.release_at - progress.created_at).total_seconds() if progress.release_at else 0.0
    scheduled = progress.state == "scheduled"
    return {
        "progress": progress,
        "segments": _segments(progress),
        "words": counted_words(progress),
        "seconds_left": -int(-left // 1) if scheduled else 0,
        "undo_left": round(BAR_UNITS * left / whole) if scheduled and whole else 0,
        "poll_s": _poll_s(progress, now),
        "mark": ".".join(str(number) for number in (progress.taken, *counts.values())),
        "untouched": counts["cancelled"] + counts["queued"] == progress.recipients and not progress.taken,
        "to_call": _to_call(progress),
    }


def _to_call(progress: Progress) -> int:
    """Number of people whom no SMS will reach any more and who must be called; 0 for a drill or what is over."""
    if progress.state in MOVING or progress.drill or progress.superseded:
        return 0
    return sum(progress.counts[state] for state in ("failed", "undelivered", "expired"))


def counted_words(card: BroadcastCard) -> str:
    """« 412 personnes : 398 envoyés, 11 refusés, 3 non confirmés. »"""
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
    people = ngettext("%(n)s personne", "%(n)s personnes", recipients, n=shown(recipients))
    return str(_("%(why)s : %(words)s.", why=people, words=", ".join(parts)))


def _segments(progress: Progress) -> list[tuple[str, int, int, int]]:
    """(state, people, start and width in thousandths) of the bar. Running sums are rounded, not widths, so that it is
    always exactly full.
    """
    segments, before = [], 0
    for state in BAR_ORDER:
        number = progress.counts[state]
        if number:
            start = round(BAR_UNITS * before / progress.recipients)
            before += number
            end = round(BAR_UNITS * before / progress.recipients)
            segments.append((state, number, start, end - start))
    return segments


def _poll_s(progress: Progress, now: datetime) -> int | None:
    if progress.state in MOVING or progress.counts["sending"]:
        return 1
    if progress.state in STILL_OPEN:
        return 2
    waits_for_reports = progress.counts["sent"] or progress.counts["unconfirmed"]
    return 2 if waits_for_reports and now < progress.deadline_at else None


WIDTH, HEIGHT = 600, 150


def drawing(broadcast_id: int) -> dict[str, Any] | None:
    """The curve of this broadcast as points of an SVG of WIDTH by HEIGHT, two lines from zero, with the labels at the
    ends of the axes; None before its first SMS was taken.
    """
    known = curve(broadcast_id)
    if known is None:
        return None
    return {
        "taken": _line(known.taken, known.total),
        "delivered": _line(known.delivered, known.total),
        "total": known.total,
        "taken_count": known.taken[-1],
        "delivered_count": known.delivered[-1],
        "begun_at": known.begun_at,
        "ended_at": known.begun_at + timedelta(seconds=known.length_s),
        "width": WIDTH,
        "height": HEIGHT,
    }


def _line(counts: tuple[int, ...], total: int) -> str:
    across = WIDTH / len(counts)
    points = [(0, HEIGHT)] + [
        (round((step + 1) * across), round(HEIGHT - HEIGHT * number / max(1, total)))
        for step, number in enumerate(counts)
    ]
    return " ".join(f"{x},{y}" for x, y in points)

"""Progress of an alert with its thread: its people by state, nothing better than it is known."""

import re
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from flask_babel import ngettext

from console.i18n.labels import count as shown
from console.people.reached import BAR_UNITS
from console.web import form_fields
from db.alerts.incidents.incidents import incident_of
from db.alerts.incidents.left_out import LeftOut, people_left_out, skippable
from db.alerts.incidents.thread_cards import Line, thread_cards
from db.alerts.progress.progress import Progress
from db.alerts.progress.report import family, left_out
from plp.services.broadcasts import may_call
from rules.mail import MailState
from rules.states import NOT_BEGUN

MOVING = ("preparing", "scheduled", "queued", "sending")
# A moment, in seconds of the clock.
_SECONDS, _LONGEST_SECONDS = re.compile("[0-9]{1,10}"), 11
# A mail that has not left.
_LEAVING = (MailState.QUEUED, MailState.SENDING)
# A held or paused alert changes only by a person, perhaps in another window.
STILL_OPEN = (*MOVING, "held", "paused", "awaiting_approval")


def progress_view(progress: Progress, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    """The view of `progress`: its people by state, with those of its whole thread. `seconds_left` of undo, and its bar;
    `poll_s` is None once nothing can change on its own. `mark` is state and counts in one word: new when the list of
    people may have changed. `left_out` get no SMS; `skippable` of them have one that waits although they were informed.
    `since` is when the page was loaded. `untouched`: no phone can have it, because no part was ever handed to a modem.
    """
    counts = progress.counts
    left = max(0.0, (progress.release_at - now).total_seconds()) if progress.release_at else 0.0
    whole = (progress.release_at - progress.created_at).total_seconds() if progress.release_at else 0.0
    scheduled = progress.state == "scheduled"
    thread = thread_of(progress, now)
    reach = next(line.reach for line in thread if line.card.id == progress.id)
    is_called = may_call(progress)
    to_call = (is_called or progress.state in NOT_BEGUN) and not progress.superseded
    outside = [] if progress.drill else _left_out(progress.id, now, since, to_call=to_call)
    others = [sum(one.by_phone and not one.has_sms for one in outside), len(outside)]
    numbers = (number for line in thread for number in (line.card.state, *astuple(line.reach)))
    return {
        "progress": progress,
        "reach": reach,
        "thread": thread,
        "seconds_left": -int(-left // 1) if scheduled else 0,
        "undo_left": round(BAR_UNITS * left / whole) if scheduled and whole else 0,
        "poll_s": _poll_s(progress, thread, now) or (2 if any(one.mail in _LEAVING for one in outside) else None),
        "mark": ".".join(str(number) for number in (progress.state, progress.taken, *numbers, *others)),
        "left_out": outside,
        "may_call": is_called,
        "since": int((since or now).timestamp()),
        "skippable": skippable(progress.id) if progress.waiting and outside else 0,
        "without_mobile": left_out(progress.id) if progress.drill else 0,
        "untouched": counts["cancelled"] + counts["queued"] == progress.recipients and not progress.taken,
    }


def thread_of(progress: Progress, now: datetime) -> list[Line]:
    """The alert that this broadcast is, or belongs to, and what followed it, the oldest first; each with its people."""
    root = family(progress.id)[0]
    first = progress if root == progress.id else incident_of(root, now).alert
    card = thread_cards([first], now)[root]
    return [card, *card.lines]


def loaded_at() -> datetime | None:
    """The moment at which the page was loaded that asks for its live part (`?since=`)."""
    seconds = form_fields.line("since", _LONGEST_SECONDS)
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _left_out(broadcast_id: int, now: datetime, since: datetime | None, *, to_call: bool) -> list[LeftOut]:
    """The people whom no SMS reaches, those to call first; nobody is called (`to_call`) about what was corrected, is
    over, or got no agreement.
    """
    people = people_left_out(broadcast_id, now, since)
    others = [one for one in people if one.called_at or not one.by_phone]
    return [*(one for one in people if one not in others), *others] if to_call else others


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
        return "" if progress.follows else "reuse"  # the text of an end is none of an alert
    if progress.called_off:
        return "correct"
    if progress.kind == "drill":
        return "report"
    return "end" if may_follow else ""


def sms_to(people: int) -> str:
    """The count of recipients with its unit: an alert has people without a mobile, too."""
    return str(ngettext("SMS à %(n)s personne", "SMS à %(n)s personnes", people, n=shown(people)))


def _poll_s(progress: Progress, thread: Sequence[Line], now: datetime) -> int | None:
    if progress.counts["sending"] or any(line.card.state in MOVING for line in thread):
        return 1
    if any(line.card.state in STILL_OPEN for line in thread):
        return 2
    return 2 if (progress.counts["sent"] or progress.counts["unconfirmed"]) and now < progress.deadline_at else None

"""The queue, part by part, and one message in full."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import abort, render_template
from flask_babel import gettext as _

from console.hardware.blueprint import lasting
from console.web import form_fields
from console.web.acting import actor, attempted, page_or_part, request_now
from console.web.pages import Pages, Served
from db.alerts.queue.listing import VIEWS, Attempt, PartCard, open_broadcasts, queue_counts, queue_page
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from db.modems.readiness import readiness
from plp.services.orders import queue as deeds
from rules.readiness import SeenModem
from rules.refusals import Missing

blueprint = Pages("queue", "/queue")
# Only of these is the code a reason; what a modem gave back tells why the modem stopped.
REFUSED = ("retry", "failed", "unconfirmed")


@blueprint.get("", may="see_queue", live=True)
@blueprint.get("/live", endpoint="live", may="see_queue", live=True)
def parts() -> str:
    wanted = form_fields.line("view", 20)
    seat, broadcast = form_fields.line("modem"), form_fields.number("broadcast")
    counts = queue_counts(seat, broadcast)
    # What a person must look at first.
    first = next((known for known in reversed(VIEWS) if counts[known]), VIEWS[0])
    view = next((known for known in VIEWS if known == wanted), first)
    seats = _seats()
    return render_template(
        page_or_part("hardware/queue/queue.html", "hardware/queue/list.html"),
        counts=counts,
        view=view,
        chosen={"modem": seat or None, "broadcast": broadcast},
        shown=queue_page(view, seat, broadcast, form_fields.number("page", 1) or 1, counts),
        seats=seats,
        seat_options=_options(seats),
        broadcasts=open_broadcasts,
        # Of all that waits: nothing of it stands behind others.
        forecast=forecast(0, utc_now(), urgent=False),
        now=utc_now(),
    )


@blueprint.get("/<int:message_id>", may="see_queue", live=True)
@blueprint.get("/<int:message_id>/live", endpoint="message_live", may="see_queue", live=True)
def message(message_id: int) -> str:
    try:
        parts = deeds.message(message_id)
    except Missing:
        abort(404)
    states, seats = {part.state for part in parts}, _seats()
    return render_template(
        page_or_part("hardware/queue/message.html", "hardware/queue/standing.html"),
        first=parts[0],
        parts=parts,
        ready_options=[(name, words) for name, words in _options(seats) if seats[name].state == "ready"],
        seats=seats,
        waits="queued" in states and "sending" not in states,
        whole=states == {"queued"},
        unclear="unconfirmed" in states and "sending" not in states,
        now=utc_now(),
    )


@blueprint.post("/<int:message_id>/cancel", may="run_modems")
def cancel(message_id: int) -> Served:
    return _answer(message_id, lambda: deeds.cancel(message_id, actor(), utc_now()), _("Message annulé."))


@blueprint.post("/<int:message_id>/hand-over", may="run_modems")
def hand_over(message_id: int) -> Served:
    seat = form_fields.line("modem")
    done = (
        _("Message attribué au modem %(name)s.", name=seat) if seat else _("Message attribué au premier modem libre.")
    )
    return _answer(message_id, lambda: deeds.hand_over(message_id, seat, actor(), utc_now()), done)


@blueprint.post("/<int:message_id>/resend", may="run_modems")
def resend(message_id: int) -> Served:
    twice = form_fields.ticked("twice")
    done = _("Message remis en file d'attente : il sera envoyé une seconde fois.")
    return _answer(message_id, lambda: deeds.resend(message_id, request_now(), perhaps_twice=twice), done)


def _answer(message_id: int, deed: Callable[[], object], done: str) -> Served:
    return attempted(deed, done, "queue.message", message_id=message_id)


def _options(seats: Mapping[str, SeenModem]) -> list[tuple[str, str]]:
    return [(name, seat_name(name, seats)) for name in seats]


def _seats() -> dict[str, SeenModem]:
    return {f"{modem.host}/{modem.name}": modem for modem in readiness(utc_now()).modems if modem.is_modem}


@blueprint.app_template_global()
def seat_name(seat: str | None, seats: Mapping[str, SeenModem]) -> str:
    """A modem's name; with its host where the name is ambiguous."""
    host, _slash, name = (seat or "–").rpartition("/")
    return name if not host or not len({modem.host for modem in seats.values()}) > 1 else f"{name} ({host})"


@blueprint.app_template_global()
def age(since: datetime) -> str:
    """40 min, 1 h 05."""
    return lasting(max(utc_now() - since, timedelta()))


@blueprint.app_template_global()
def last_refusal(part: PartCard) -> Attempt | None:
    """The newest attempt that failed."""
    return next((attempt for attempt in reversed(part.tries) if attempt.outcome in REFUSED), None)

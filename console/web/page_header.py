"""The header of every page: the zone, its readiness, what runs now; the strip of arrivals below it; and the menu."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from console.i18n.labels import TABLES, clock, day, labels, moment
from console.i18n.translate import lazily, said
from console.web.roles import can, may_open
from db.alerts.orders.approval import ApprovalCard, waiting_approvals
from db.alerts.progress.progress import BroadcastCard, Progress, running
from db.engine.clock import utc_now
from db.engine.connection import connected, reading
from db.inbound.replies.thread import ringing
from db.modems.readiness import is_running, readiness
from db.operations.lineage import OlderCopy, recent_copy, recent_damage
from db.operations.machine import behind, recent_jump
from db.people.members.listing import anybody_to_alert
from db.people.zone import ZoneCard, zone
from rules.readiness import Code, Judgement

# The jobs report every fifteen seconds that they live; a start takes less.
# The seconds to think again, and what a modem needs to take the first text.
JUST_ORDERED_FOR = timedelta(seconds=30)
Values = ParamSpec("Values")
# More of them are a list, behind a link.
_MOST_TEXTS = 3
# The process answers for itself, database or not: whoever watches it must not restart it for another's fault. A page
# has ten files, the same for everybody: to open the database for each of them took as long as the page.
_WITHOUT_DATABASE = ("api.healthz", "static")
# The largest that both databases take for a row's number.
LARGEST_ID = 2**31 - 1
# Titles of groups, with their entries. Pages of the same blueprint light an entry up, unless another one names them
# as its `own`. `under`: entries of which the first that this person may open is the upper one; it is shown while that
# one, or another entry under it, is open. Without any it stands at the top. `unless`: for who cannot open that one.
MENU: tuple[tuple[LazyString, tuple[dict[str, Any], ...]], ...] = tuple(
    (
        lazily(group["title"]),
        tuple(
            dict(entry, endpoint=endpoint, label=lazily(entry["words"])) for endpoint, entry in group["entries"].items()
        ),
    )
    for group in TABLES["menu"].values()
)
ENTRIES = [entry for _title, entries in MENU for entry in entries]
NOTICES = labels("notices")


@dataclass(frozen=True, slots=True)
class PageHeader:
    """The header's facts; empty for a database that does not answer. `notices` are sentences about the machine."""

    zone: ZoneCard | None
    readiness: Judgement | None
    light: dict[str, str] | None
    running: tuple[BroadcastCard, ...]
    simulated: bool
    notices: tuple[str, ...] = ()
    approvals: tuple[ApprovalCard, ...] = ()


def page_header() -> PageHeader:
    """The facts of this request, read once."""
    if "page_header" not in g:
        now, demo = utc_now(), bool(current_app.config["PLP_DEMO"])
        ready = readiness(now)
        broadcasts = tuple(running(now)) if may_open("alerts.progress") else ()
        approvals = tuple(waiting_approvals(now)) if may_open("alerts.approve") else ()
        simulated = demo or ready.simulated
        g.page_header = PageHeader(zone(), ready, _light(ready), broadcasts, simulated, _notices(ready, now), approvals)
    header: PageHeader = g.page_header
    return header


def forget_the_database() -> None:
    """The rest of this request does without the database: used by the error page."""
    g.page_header = PageHeader(None, None, None, (), bool(current_app.config["PLP_DEMO"]))


def _notices(ready: Judgement, now: datetime) -> tuple[str, ...]:
    gone = {other.process for other in ready.missing}
    sentences = [NOTICES["jobs"]] if "jobs" in gone and not is_running("jobs", now) else []
    if recent_damage(now):
        sentences.append(NOTICES["damaged"])
    if (copy := recent_copy(now)) is not None:
        sentences += _of_the_copy(copy)
    off, jump = behind(now), recent_jump(now)
    if off is not None:
        sentences.append(NOTICES["behind"] % {"by": format_timedelta(off, threshold=2)})
    elif jump is not None:
        step = NOTICES["ahead" if jump > timedelta() else "back"]
        sentences.append(step % {"by": format_timedelta(abs(jump), threshold=2)})
    return tuple(map(str, sentences))


def _of_the_copy(copy: OlderCopy) -> Iterator[object]:
    """From when it is, and how much of each kind it lacks."""
    if copy.state_of is None:
        yield NOTICES["restored"]
    else:
        yield NOTICES["restored_from"] % {"when": moment(copy.state_of)}
    if copy.broadcasts:
        yield ngettext(
            "%(num)s envoi plus récent est absent : des personnes ont peut-être reçu une alerte qui "
            "n'apparaît plus ici.",
            "%(num)s envois plus récents sont absents : des personnes ont peut-être reçu des alertes qui "
            "n'apparaissent plus ici.",
            copy.broadcasts,
        )
    if copy.texts:
        yield ngettext("%(num)s SMS plus récent est absent.", "%(num)s SMS plus récents sont absents.", copy.texts)
    if copy.entries:
        yield ngettext(
            "%(num)s entrée du journal est perdue.", "%(num)s entrées du journal sont perdues.", copy.entries
        )


def _light(ready: Judgement) -> dict[str, str]:
    """Readiness for the person who asks: a technician reads the fault, an officer its meaning and the remedy, `advice`.
    The tone is proven, simulated, failed, or doubt for passing faults.
    """
    if not zone().name:
        return {"tone": "failed", "sentence": _("Pas encore prêt : la zone de police n'a pas de nom.")}
    if ready.ready and not anybody_to_alert():
        return {"tone": "doubt", "sentence": _("Pas encore prêt : aucun membre à alerter.")}
    if ready.code == Code.READY and not ready.missing:
        return {"tone": "simulated" if ready.simulated else "proven", "sentence": said(ready.sentence)}
    tone = "doubt" if ready.can_take_orders else "failed"
    if can("run_modems"):
        return {"tone": tone, "sentence": said(ready.told())}
    return {"tone": tone, "sentence": said(ready.told(plain=True)), "advice": said(ready.advice)}


def with_header(part: Callable[Values, ResponseReturnValue]) -> Callable[Values, ResponseReturnValue]:
    """A live part, which brings the header (`status.html`) of the same moment along; a whole page has it already."""

    @wraps(part)
    def both(*args: Values.args, **values: Values.kwargs) -> ResponseReturnValue:
        with reading():
            answer = part(*args, **values)
            if not isinstance(answer, str) or answer.startswith("<!doctype"):
                return answer
            return answer + render_template("status.html", beside=True)

    return both


def shown_state(broadcast: BroadcastCard | Progress) -> str:
    """The state as shown: `standing` while no modem can send it, `scheduled` also when only just ordered."""
    ready, state = page_header().readiness, broadcast.state
    if ready is None or state not in ("queued", "sending"):
        return state
    if not ready.ready:
        return "standing"
    return "scheduled" if state == "queued" and utc_now() - broadcast.created_at < JUST_ORDERED_FOR else state


def init_page_header(app: Flask) -> None:
    """A database connection for a request; the header, the strip and the menu in templates."""
    app.url_map.converters["int"] = RowNumber
    app.view_functions["static"] = _file
    app.before_request(_connect)
    app.teardown_request(_disconnect)
    app.jinja_env.globals.update(page_header=page_header, shown_state=shown_state, arrivals=arrivals)
    app.jinja_env.globals.update(menu=menu, here=here, link=link, upper_entry=_upper)
    app.jinja_env.filters["rang"] = rang


def _connect() -> None:
    if request.endpoint not in _WITHOUT_DATABASE:
        _open()


def _open() -> None:
    g.connection = ExitStack()
    g.connection.enter_context(connected())


def _file(filename: str) -> Response:
    """A file of a page. Where there is none, the page that says so has a header, for which the database is asked."""
    try:
        return current_app.send_static_file(filename)
    except HTTPException:
        _open()
        raise


def _disconnect(_error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("connection", None)
    if stack is not None:
        stack.close()


def arrivals() -> list[tuple[str, Any]]:
    """Arrivals as (kind, what): texts with a word of alarm and the number of further ones, requests of approval, that
    no SMS leaves now, what happened to the machine; last what this person waits for themselves.
    """
    header = page_header()
    texts = ringing(utc_now()) if header.zone and may_open("home.take_ringing_text") else []
    done = [card for card in header.approvals if card.is_done_by(current_user.name)]
    lines: list[tuple[str, Any]] = [("text", text) for text in texts[:_MOST_TEXTS]]
    lines += [("texts", len(texts) - _MOST_TEXTS)] if len(texts) > _MOST_TEXTS else []
    lines += [("approval", card) for card in header.approvals if card not in done]
    lines += [("light", header.light)] if header.light and header.light["tone"] in ("doubt", "failed") else []
    lines += [("notice", sentence) for sentence in header.notices]
    return lines + [("request", card) for card in done]


def rang(at: datetime) -> str:
    """The time of a text; with its date unless it came today."""
    return clock(at) if day(at) == day(utc_now()) else moment(at)


def menu() -> list[tuple[LazyString, list[dict[str, Any]]]]:
    """MENU without what does not exist, is not for this person, or is under an entry that is not open."""
    open_now = here()
    current = next((entry for entry in ENTRIES if entry["endpoint"] == open_now), None)
    uppers = ("", open_now, _upper(current)) if current else ("",)
    groups = (
        (title, [entry for entry in entries if _is_meant(entry) and _upper(entry) in uppers]) for title, entries in MENU
    )
    return [(title, entries) for title, entries in groups if entries]


def _is_meant(entry: dict[str, Any]) -> bool:
    return may_open(entry["endpoint"]) and not may_open(entry.get("unless", ""))


def _upper(entry: dict[str, Any]) -> str:
    return next((endpoint for endpoint in entry.get("under", ()) if may_open(endpoint)), "")


def here() -> str:
    """The endpoint of the menu entry that the current page belongs to, empty for none."""
    current = request.endpoint or ""
    entries = [entry for entry in ENTRIES if _is_meant(entry)]
    for entry in entries:
        if current == entry["endpoint"] or current in entry.get("own", ()):
            return str(entry["endpoint"])
    blueprint = current.split(".")[0]
    return next((entry["endpoint"] for entry in reversed(entries) if entry["endpoint"].split(".")[0] == blueprint), "")


def link(endpoint: str, **values: object) -> str | None:
    """The address of `endpoint`, or None where this person may not open it."""
    if endpoint not in current_app.view_functions or not may_open(endpoint):
        return None
    return url_for(endpoint, **values)  # type: ignore[arg-type]


class RowNumber(IntegerConverter):
    """`<int:…>`: no row has a number beyond what a database takes, so that page does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits, min, max if max is not None else LARGEST_ID)

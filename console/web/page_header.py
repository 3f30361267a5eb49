"""Facts in the header of every page: the zone, whether it can send, what runs now. A live part brings them along. The
strip under the header, whose place is always kept: what arrives on an open page, the most urgent first. The menu: what
exists and what this person may open, in the order of the work.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from flask_login import current_user
from werkzeug.routing import IntegerConverter, Map

from console.i18n.labels import TABLES, clock, day, moment
from console.i18n.translate import lazily, said
from console.web.roles import can, may_open
from db.alerts.orders.approval import ApprovalCard, waiting_approvals
from db.alerts.progress.progress import BroadcastCard, Progress, running
from db.engine.clock import utc_now
from db.engine.connection import connected, reading
from db.inbound.replies.thread import WaitingText, ringing
from db.modems.readiness import readiness
from db.operations.lineage import recent_damage, recent_restore
from db.operations.machine import behind, recent_jump
from db.operations.monitoring import nobody_beats
from db.people.members.listing import anybody_to_alert
from db.people.zone import ZoneCard, zone
from rules.readiness import Code, Judgement

# The jobs tell every fifteen seconds that they live; a start takes less.
JOBS_SILENT_FOR = timedelta(minutes=1)
# The seconds to think again, and what a modem needs to take the first text.
JUST_ORDERED_FOR = timedelta(seconds=30)
Values = ParamSpec("Values")
# More of them are a list, behind a link.
_MOST_TEXTS = 3
# The largest that both databases take for a row's number.
LARGEST_ID = 2**31 - 1
# Titles of groups, each with its entries. Pages of the same blueprint light an entry up, unless another one names them
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


@dataclass(frozen=True, slots=True)
class PageHeader:
    """The header's facts; empty for a database that does not answer. `notices` are whole sentences about what happened
    to the machine, so that the pages do not surprise. `approvals` wait for a second officer.
    """

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
        g.page_header = PageHeader(zone(), ready, _light(ready), broadcasts, simulated, _notices(now), approvals)
    header: PageHeader = g.page_header
    return header


def forget_the_database() -> None:
    """The rest of this request does without the database: used by the error page."""
    g.page_header = PageHeader(None, None, None, (), bool(current_app.config["PLP_DEMO"]))


def _notices(now: datetime) -> tuple[str, ...]:
    sentences = []
    if nobody_beats("jobs", now, JOBS_SILENT_FOR):
        sentences.append(
            _(
                "Traitement automatique arrêté : réponses, STOP et e-mails en attente. Prévenez le "
                "technicien. L'envoi d'alertes reste possible."
            )
        )
    if recent_damage(now):
        sentences.append(
            _(
                "Base de données endommagée : les dernières actions sont perdues. Des destinataires « en "
                "attente » ont peut-être reçu l'alerte."
            )
        )
    gone = recent_restore(now)
    if gone is not None:
        sentences.append(_("Ancienne copie de la base de données : les derniers envois n'y figurent pas."))
        if gone:
            sentences.append(
                ngettext(
                    "%(num)s envoi plus récent est absent : des personnes ont peut-être reçu une alerte qui "
                    "n'apparaît plus ici.",
                    "%(num)s envois plus récents sont absents : des personnes ont peut-être reçu des alertes "
                    "qui n'apparaissent plus ici.",
                    gone,
                )
            )
    sentences.extend(_of_the_clock(now))
    return tuple(sentences)


def _of_the_clock(now: datetime) -> Iterator[str]:
    off, jump = behind(now), recent_jump(now)
    if off is not None:
        yield _(
            "Horloge du serveur en retard d'au moins %(by)s : heures fausses, codes de l'application refusés. L'envoi "
            "d'alertes reste possible.",
            by=format_timedelta(off, threshold=2),
        )
    elif jump is not None:
        by = format_timedelta(abs(jump), threshold=2)
        ahead = _("Horloge du serveur avancée de %(by)s. Délais des alertes en cours adaptés.", by=by)
        back = _("Horloge du serveur reculée de %(by)s. Délais des alertes en cours adaptés.", by=by)
        yield ahead if jump > timedelta() else back


def _light(ready: Judgement) -> dict[str, str]:
    """Readiness for the person who asks: a technician reads the fault, an officer its meaning and the remedy. The tone
    is proven, simulated, failed, or doubt for passing faults; a technician, who has the modems' pages, gets no
    `advice`.
    """
    if not zone().name:
        return {"tone": "failed", "sentence": _("Pas encore prêt : la zone de police n'a pas de nom.")}
    if ready.ready and not anybody_to_alert():
        return {"tone": "doubt", "sentence": _("Pas encore prêt : aucun membre à alerter.")}
    if ready.code == Code.READY:
        return {"tone": "simulated" if ready.simulated else "proven", "sentence": said(ready.sentence)}
    tone = "doubt" if ready.can_take_orders else "failed"
    if can("run_modems"):
        return {"tone": tone, "sentence": said(ready.sentence)}
    return {"tone": tone, "sentence": said(ready.plain), "advice": said(ready.advice)}


def with_header(part: Callable[Values, ResponseReturnValue]) -> Callable[Values, ResponseReturnValue]:
    """A view of a live part, which the macro `live` asks for: its answer, and the header (`status.html`), of the same
    moment: no page shows one number in its header and another below. A whole page has its header already.
    """

    @wraps(part)
    def both(*args: Values.args, **values: Values.kwargs) -> ResponseReturnValue:
        with reading():
            answer = part(*args, **values)
            if not isinstance(answer, str) or answer.startswith("<!doctype"):
                return answer
            return answer + render_template("status.html", beside=True)

    return both


def shown_state(broadcast: BroadcastCard | Progress) -> str:
    """The state as shown (a key of BROADCAST_STATES): `standing` while no modem can send it, `scheduled` also when only
    just ordered.
    """
    ready, state = page_header().readiness, broadcast.state
    if ready is None or state not in ("queued", "sending"):
        return state
    if not ready.ready:
        return "standing"
    return "scheduled" if state == "queued" and utc_now() - broadcast.created_at < JUST_ORDERED_FOR else state


def init_page_header(app: Flask) -> None:
    """A database connection for each request, and `page_header()` in each template."""
    app.jinja_env.globals["shown_state"] = shown_state
    app.before_request(_connect)
    app.teardown_request(_disconnect)
    app.jinja_env.globals["page_header"] = page_header


def _connect() -> None:
    # The process answers for itself, database or not: whoever watches it must not restart it for another's fault.
    if request.endpoint == "api.healthz":
        return
    g.connection = ExitStack()
    g.connection.enter_context(connected())


def _disconnect(_error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("connection", None)
    if stack is not None:
        stack.close()


def arrivals() -> list[tuple[str, Any]]:
    """Arrivals as (kind, what): texts with a word of alarm and how many more there are, requests of approval, that
    no SMS leaves now, what happened to the machine; last what this person waits for themselves.
    """
    header, texts = page_header(), _ringing_texts()
    done = [card for card in header.approvals if card.is_done_by(current_user.name)]
    lines: list[tuple[str, Any]] = [("text", text) for text in texts[:_MOST_TEXTS]]
    lines += [("texts", len(texts) - _MOST_TEXTS)] if len(texts) > _MOST_TEXTS else []
    lines += [("approval", card) for card in header.approvals if card not in done]
    lines += [("light", header.light)] if header.light and header.light["tone"] in ("doubt", "failed") else []
    lines += [("notice", sentence) for sentence in header.notices]
    return lines + [("request", card) for card in done]


def _ringing_texts() -> list[WaitingText]:
    """Ringing texts for the signed-in person, queried once per request; none while the database does not answer."""
    if "ringing" not in g:
        g.ringing = ringing(utc_now()) if page_header().zone and may_open("home.take_ringing_text") else []
    texts: list[WaitingText] = g.ringing
    return texts


def rang(at: datetime) -> str:
    """The time of a text; with its date unless it came today."""
    return clock(at) if day(at) == day(utc_now()) else moment(at)


def init_strip(app: Flask) -> None:
    """`arrivals()` and the filter `rang` in each template."""
    app.jinja_env.globals["arrivals"] = arrivals
    app.jinja_env.filters["rang"] = rang


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
    same = (entry["endpoint"] for entry in reversed(entries) if entry["endpoint"].split(".")[0] == blueprint)
    return next(same, "")


def link(endpoint: str, **values: object) -> str | None:
    """The address of `endpoint`, or None where this person cannot go there."""
    if endpoint not in current_app.view_functions or not may_open(endpoint):
        return None
    return url_for(endpoint, **values)  # type: ignore[arg-type]


class RowNumber(IntegerConverter):
    """`<int:…>`: no row has a number beyond what a database can be asked for, so that page does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, fixed_digits, min, max if max is not None else LARGEST_ID)


def init_navigation(app: Flask) -> None:
    """Give the templates `menu()`, `here()` and `link()`, and addresses their numbers, before a page is registered."""
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.globals.update(menu=menu, here=here, link=link, upper_entry=_upper)

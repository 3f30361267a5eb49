"""Plan B: the phone tree, an officer's when no modem sends, and the encrypted archive, which is the admin's."""

import logging
from collections.abc import Sequence
from pathlib import Path

from flask import abort, redirect, render_template, send_file, url_for

from console.web.acting import actor, attempt, printed, settings
from console.web.pages import Pages, Served
from console.web.roles import may_open
from db.alerts.incidents.reach import Reach, reach
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, reading
from db.operations.plan_b import Person, Place, archive_folder, left_out, places, plan_b_troubles, roll, unreached
from db.operations.runs import last_run, run_of
from db.people.members.listing import members
from db.people.zone import zone
from plp.letters.letters import phone_tree
from plp.services.broadcasts import require_agreed
from plp.services.people.exporting import record_taken

_log = logging.getLogger(__name__)

blueprint = Pages("plan_b", "/plan-b")


@blueprint.get("", may="print_phone_tree")
def plan_b() -> Served:
    return render_template(
        "people/plan_b/plan_b.html",
        configured=settings().plan_b.password_file is not None,
        at=f"{settings().plan_b.at:%H:%M}",
        last=last_run(run_of("plan_b", settings())),
        can_download=_newest_archive() is not None,
        places=places(),
        troubles=plan_b_troubles(settings()),
        left_out=left_out(),
    )


@blueprint.get("/archive", may="export_members", proven=True)
def archive() -> Served:
    """The last archive, still encrypted, to take it out of the machine."""
    path = _newest_archive() or abort(404)
    record_taken("plan_b_taken", path.name, actor(), utc_now())
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=path.name, max_age=0)


def _rows() -> int:
    return members(per_page=1).total


def _rows_of_alert(broadcast_id: int) -> int:
    alert = progress(broadcast_id, utc_now()) or abort(404)
    return alert.recipients


@blueprint.get("/sheets", may="print_phone_tree", rows=_rows)
def whole() -> Served:
    """The police's sheet, and the sheets of all neighbourhoods."""
    return _sheets(zone().name, places(), roll())


@blueprint.get("/police", may="print_phone_tree")
def trunk() -> Served:
    return _sheets("police", places(), ())


@blueprint.get("/<int:place_id>", may="print_phone_tree")
def tree(place_id: int) -> Served:
    people = roll(place_id) or abort(404)
    return _sheets(people[0].neighbourhood, None, people)


@blueprint.get("/alert/<int:broadcast_id>", may="print_phone_tree", rows=_rows_of_alert)
def of_alert(broadcast_id: int) -> Served:
    """The sheets of one alert: its text, and only those whom it did not reach; of none that waits for an agreement."""
    now = utc_now()
    if attempt(lambda: require_agreed(broadcast_id)) is None:
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id), 303)
    with reading():
        alert = progress(broadcast_id, now) or abort(404)
        trunk, people = unreached(broadcast_id)
        reached = None if alert.drill else reach(alert, now)
    return _sheets(f"n° {broadcast_id}", trunk, people, [text.body for text in alert.texts], reached)


@blueprint.app_template_global()
def to_call_first(broadcast_id: int) -> list[Place]:
    """Neighbourhoods where an alert did not reach all, with the coordinators to call; for who may print the sheets."""
    return unreached(broadcast_id)[0] if may_open("plan_b.of_alert") else []


def _sheets(
    what: str,
    trunk: Sequence[Place] | None,
    people: Sequence[Person],
    texts: Sequence[str] = (),
    reached: Reach | None = None,
) -> Served:
    answer = printed(phone_tree(trunk, people, utc_now(), printed_by=actor().name, texts=texts, reached=reached))
    try:
        record_taken("plan_b_taken", what, actor(), utc_now())
    except UNAVAILABLE:  # a machine that can write nothing sends nothing either: sheets are for that night
        _log.warning("plan B: sheet %r opened by %r; the journal could not be written", what, actor())
    return answer


def _newest_archive() -> Path | None:
    return max(archive_folder(settings()).glob("plan-b-*.zip"), default=None)

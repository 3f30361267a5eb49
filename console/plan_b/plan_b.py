"""Plan B: the phone tree, an officer's when no modem sends, and the encrypted archive, which is the admin's."""

import logging
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from console.second_factor.proof import prove_first
from console.web.acting import actor, settings
from console.web.roles import may, signed_in
from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE
from db.operations.plan_b import DUTY_CARD, POLICE, archive_folder, places, plan_b_troubles, sheet_folder, sheets
from db.operations.runs import last_run, run_of
from plp.services.upkeep import record_plan_b_taken

_log = logging.getLogger(__name__)

blueprint = Blueprint("plan_b", __name__, url_prefix="/plan-b")


@blueprint.get("")
@may("print_phone_tree")
def plan_b() -> ResponseReturnValue:
    known = sheets(settings())
    return render_template(
        "plan_b/plan_b.html",
        configured=settings().plan_b.password_file is not None,
        at=f"{settings().plan_b.at:%H:%M}",
        last=last_run(run_of("plan_b", settings())),
        there=_newest() is not None,
        places=[(place_id, name, known.drawn.get(str(place_id))) for place_id, name in places().items()],
        troubles=plan_b_troubles(settings()),
        police=POLICE in known.drawn,
        as_of=known.as_of,
        left_out=known.left_out,
    )


@blueprint.get("/archive")
@may("export_members")
@prove_first
def archive() -> ResponseReturnValue:
    """The last archive, still encrypted, to take it out of the machine."""
    path = _newest() or abort(404)
    record_plan_b_taken(path.name, actor(), utc_now())
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=path.name, max_age=0)


@blueprint.get("/police.pdf")
@may("print_phone_tree")
def trunk() -> ResponseReturnValue:
    return _paper(POLICE, "police")


@blueprint.get("/permanence.pdf")
@signed_in
def duty_card() -> ResponseReturnValue:
    """It names nobody: no line in the journal."""
    return _sheet(DUTY_CARD)


@blueprint.get("/<int:place_id>.pdf")
@may("print_phone_tree")
def tree(place_id: int) -> ResponseReturnValue:
    name = places().get(place_id) or abort(404)
    return _paper(str(place_id), name)


def _paper(name: str, what: str) -> Response:
    answer = _sheet(name)
    _note_if_possible(what)
    return answer


def _sheet(name: str) -> Response:
    """A sheet as the jobs drew it: drawing it here would keep everybody else waiting."""
    try:
        answer = send_file(sheet_folder(settings()) / f"{name}.pdf", mimetype="application/pdf", conditional=False)
    except FileNotFoundError:
        abort(404)
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _newest() -> Path | None:
    return max(archive_folder(settings()).glob("plan-b-*.zip"), default=None)


def _note_if_possible(what: str) -> None:
    """A machine that can write nothing sends nothing either: that is the night for which the sheets exist."""
    try:
        record_plan_b_taken(what, actor(), utc_now())
    except UNAVAILABLE:
        _log.warning("plan B: sheet %r opened by %r; the journal could not be written", what, actor())

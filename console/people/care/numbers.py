"""Numbers that get no alerts: the worklist, and one that is right all the same."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console.people.care.blueprint import blueprint
from console.web.acting import actor
from console.web.roles import roles
from db.engine.clock import utc_now
from db.people.members.dead_numbers import dead_numbers, dismiss_dead_number, places_of


@blueprint.get("/dead-numbers")
@roles("admin")
def numbers() -> ResponseReturnValue:
    return render_template("people/care/numbers.html", places=list(places_of(dead_numbers()).values()))


@blueprint.post("/<int:member_id>/number-is-right")
@roles("admin")
def number_is_right(member_id: int) -> ResponseReturnValue:
    dismiss_dead_number(member_id, actor(), utc_now())
    return redirect(url_for("care.numbers"))

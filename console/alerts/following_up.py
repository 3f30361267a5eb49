"""Correct an alert, or end it: a text of its own, to those who have the alert or may have it."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.alerts.draft import Draft, new_nonce, typed_draft
from console.alerts.measure import measured
from console.alerts.space import blueprint, found, sender
from console.ordering import follow_up
from console.session import actor
from db.clock import utc_now
from db.forecast import forecast
from db.outbox import FollowUp, pause_broadcast, reached
from db.progress import Progress
from db.refusals import Duplicate, Refusal

_KINDS: dict[str, FollowUp] = {"correction": "correction", "end": "end"}
# The first words, so that nobody takes it for another alert; the officer writes on.
OPENINGS: dict[FollowUp, LazyString] = {
    "correction": _l("CORRECTION. Ne tenez pas compte du SMS précédent."),
    "end": _l("FIN D'ALERTE. Tout est revenu à la normale."),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form is about. `people` would get it."""

    original: Progress
    kind: FollowUp
    people: int


@blueprint.get("/<int:broadcast_id>/follow-up")
@sender
def compose_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """The text box, with its first words, and whom it goes to."""
    asked = _asked(broadcast_id)
    if not asked.people:
        flash(_("Cet envoi n'a atteint personne : il n'y a rien à corriger."), "failed")
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id))
    return _page(asked, Draft(f"{OPENINGS[asked.kind]} ", None, (), asked.original.drill, new_nonce()))


@blueprint.post("/<int:broadcast_id>/follow-up/begin")
@sender
def pause_and_correct(broadcast_id: int) -> ResponseReturnValue:
    """While the officer writes nobody more gets what is wrong; who goes back without sending finds it paused."""
    found(broadcast_id)
    with suppress(Refusal):  # it is at its end, or paused already
        pause_broadcast(broadcast_id, actor(), utc_now())
    return redirect(url_for("alerts.compose_follow_up", broadcast_id=broadcast_id, kind="correction"), 303)


@blueprint.post("/<int:broadcast_id>/follow-up/measure")
@sender
def measure_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """The live count alone."""
    draft = _typed(found(broadcast_id))
    return render_template("alerts/counted.html", measure=measured(draft, utc_now()))


@blueprint.post("/<int:broadcast_id>/follow-up")
@sender
def send_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """Stop the rest and send it. The same form twice leads to the same broadcast."""
    asked = _asked(broadcast_id)
    draft = _typed(asked.original)
    if request.form.get("do") == "count":
        return _page(asked, draft)
    again = request.form.get("again") == "yes"
    try:
        placed = follow_up(draft.text, asked.original, asked.kind, actor(), utc_now(), _key(asked, draft), again)
    except Duplicate as refusal:
        return _page(asked, draft, str(refusal), ask_again=True), 409
    except Refusal as refusal:
        return _page(asked, draft, str(refusal)), 409
    return redirect(url_for("alerts.progress", broadcast_id=placed.id), 303)


def _asked(broadcast_id: int) -> _Asked:
    kind = _KINDS.get(request.values.get("kind", ""))
    return _Asked(found(broadcast_id), kind or abort(400), len(reached(broadcast_id)))


def _typed(original: Progress) -> Draft:
    """The text of the form; of a drill it stays one."""
    draft = typed_draft()
    return Draft(draft.text, None, (), original.drill, draft.nonce)


def _key(asked: _Asked, draft: Draft) -> str:
    digest = hashlib.sha256(draft.text.encode()).hexdigest()[:32]
    return f"page/{draft.nonce}/{asked.kind}/{asked.original.id}/{digest}"


def _page(asked: _Asked, draft: Draft, sentence: str = "", ask_again: bool = False) -> str:
    now = utc_now()
    measure = measured(draft, now)
    return render_template(
        "alerts/follow_up.html",
        progress=asked.original,
        kind=asked.kind,
        people=asked.people,
        draft=draft,
        measure=measure,
        forecast=forecast(max(1, measure.main.count.parts) * asked.people, now),
        sentence=sentence,
        ask_again=ask_again,
    )

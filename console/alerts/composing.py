"""Write: the text with its live count, and to whom."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console import typed
from console.alerts.draft import Draft, draft_like, empty_draft, typed_draft
from console.alerts.measure import measured
from console.alerts.space import blueprint, found, sender
from db.clock import utc_now
from db.members import neighbourhoods
from modem.sms import propose_gsm7


@blueprint.get("/new")
@sender
def compose() -> ResponseReturnValue:
    """An empty form, or the text of an earlier alert (`?from=12`) to be sent again after a change."""
    earlier = typed.number("from")
    return compose_page(draft_like(found(earlier)) if earlier else empty_draft())


@blueprint.post("/new")
@sender
def compose_again() -> ResponseReturnValue:
    """The form with what was typed: back from confirming, counted without script, or with characters replaced."""
    draft = typed_draft()
    if request.form.get("do") == "replace":
        draft = replaced(draft)
    return compose_page(draft)


@blueprint.post("/measure")
@sender
def measure() -> ResponseReturnValue:
    """The live count alone, while the officer types."""
    draft = typed_draft()
    return render_template("alerts/measure.html", draft=draft, measure=measured(draft, utc_now()))


def replaced(draft: Draft) -> Draft:
    """The draft without the characters that cut a text into more parts, where all of them have a replacement."""
    proposal = propose_gsm7(draft.text)
    if proposal is None:
        return draft
    return Draft(proposal, draft.everyone, draft.neighbourhoods, draft.drill, draft.nonce)


def compose_page(draft: Draft, sentence: str = "") -> str:
    """The page, with `sentence` when what was asked is not possible; the text is always kept."""
    places = neighbourhoods()
    known = {place.name for place in places}
    if not sentence and any(name not in known for name in draft.neighbourhoods):
        sentence = _("Un quartier choisi n'existe plus : vérifiez à qui l'alerte s'adresse.")
    return render_template(
        "alerts/compose.html",
        draft=draft,
        measure=measured(draft, utc_now()),
        neighbourhoods=places,
        sentence=sentence,
    )

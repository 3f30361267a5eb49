"""An alert about something past becomes a bulletin by e-mail: a draft with the same texts and neighbourhoods."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from console.alerts.blueprint import blueprint, sender
from console.alerts.writing.composing import compose_page
from console.alerts.writing.draft import Draft, typed_draft
from console.i18n.translate import said
from console.web.acting import actor
from db.bulletins.drafts import save_draft
from db.bulletins.values import BulletinDraft, Words
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from plp.rules.refusals import Refusal

# The kind that describes what was seen; the officer chooses another one on the next page.
CATEGORY = "operational"
_LONGEST_TITLE = 60


@blueprint.post("/bulletin")
@sender
def as_bulletin() -> ResponseReturnValue:
    """Save the bulletin's draft and go to its page; nothing is sent. The same form makes one draft only."""
    draft = typed_draft()
    try:
        number = save_draft(None, _bulletin(draft), draft.nonce, actor(), utc_now())
    except Refusal as refusal:
        return compose_page(draft, said(refusal)), 400
    return redirect(url_for("bulletins.edit", bulletin_id=number), 303)


def _bulletin(draft: Draft) -> BulletinDraft:
    chosen = set(draft.neighbourhoods)
    return BulletinDraft(
        category=CATEGORY,
        texts=tuple(Words(language, _title(text), text) for language, text in draft.texts.items()),
        everywhere=bool(draft.everyone) or not chosen,
        neighbourhood_ids=tuple(place.id for place in neighbourhoods() if place.name in chosen),
    )


def _title(text: str) -> str:
    """The first sentence, cut between words."""
    first = " ".join(text.split()).partition(". ")[0]
    return first if len(first) <= _LONGEST_TITLE else first[:_LONGEST_TITLE].rpartition(" ")[0] + "…"

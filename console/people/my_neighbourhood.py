"""My neighbourhood: what a coordinator may read, the bulletins that were sent to it, and nothing else."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from console.web.roles import roles
from db.bulletins.groups import neighbourhoods_of_account
from db.bulletins.listing import bulletins_of
from db.bulletins.values import BulletinCard
from db.people.members.listing import neighbourhoods
from plp.letters.formatting import as_html

blueprint = Blueprint("my_neighbourhood", __name__, url_prefix="/my-neighbourhood")


@blueprint.get("")
@roles("coordinator")
def bulletins() -> ResponseReturnValue:
    mine = neighbourhoods_of_account(current_user.identity.id)
    names = [place.name for place in neighbourhoods() if place.id in mine]
    return render_template("people/my_neighbourhood/bulletins.html", names=names, bulletins=_mine())


@blueprint.get("/<int:bulletin_id>")
@roles("coordinator")
def bulletin(bulletin_id: int) -> ResponseReturnValue:
    card = next((card for card in _mine() if card.id == bulletin_id), None) or abort(404)
    locale = get_locale()
    words = card.words_for(locale.language if locale else "fr")
    return render_template(
        "people/my_neighbourhood/bulletin.html", card=card, words=words, text=as_plain_html(words.body)
    )


def as_plain_html(text: str) -> str:
    """Clean HTML without the looks of a mail: a page may hold no style of its own."""
    return as_html(text, styled=False)


def _mine() -> list[BulletinCard]:
    return bulletins_of(neighbourhoods_of_account(current_user.identity.id))

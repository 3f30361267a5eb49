"""The keys of programs: which there are, when each was last used and ends, and an end to one."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.web.acting import actor, done
from console.web.roles import may
from db.engine.clock import utc_now
from db.people.accounts.sessions import tokens as all_tokens
from plp.services.accounts.tokens import revoke_token

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")


@blueprint.get("")
@may("see_accounts")
def tokens() -> ResponseReturnValue:
    return render_template("admin/tokens/tokens.html", tokens=all_tokens(utc_now()))


@blueprint.post("/<int:token_id>/revoke")
@may("edit_accounts")
def revoke(token_id: int) -> ResponseReturnValue:
    if token_id not in {card.id for card in all_tokens(utc_now())}:
        abort(404)
    revoke_token(token_id, actor(), utc_now())
    return done(_("Jeton révoqué : le programme n'a plus accès."), "tokens.tokens")

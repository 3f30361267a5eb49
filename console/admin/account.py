"""My account: a new password, and where I am signed in."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from console.second_factor.proof import is_due
from console.web import form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import signed_in
from console.web.session import sign_in
from db.engine.clock import utc_now
from db.people.accounts.factors import factors
from db.people.accounts.sessions import sessions_of
from plp.services.accounts.signing_in import change_password, end_sessions
from rules.refusals import Refusal

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.route("", methods=FORM)
@signed_in
def account() -> ResponseReturnValue:
    return form_page(_page, _change_password)


@blueprint.post("/sessions")
@signed_in
def end_sessions_now() -> ResponseReturnValue:
    """One session, or all but this one. Ending this one is signing out."""
    only = form_fields.number("session")
    ended = end_sessions(
        current_user.identity.id, actor(), "owner", utc_now(), only=only, but=None if only else current_user.session_id
    )
    return done(_("La session est terminée.") if ended < 2 else _("Les sessions sont terminées."), "account.account")


def _change_password() -> ResponseReturnValue:
    old, new = form_fields.secret("password"), form_fields.secret("new_password")
    if new != form_fields.secret("new_password_again"):
        raise Refusal(_("Les deux nouveaux mots de passe sont différents."))
    who = current_user.identity
    change_password(who, old, new, request.remote_addr or "", utc_now())
    # The new password ended every session; this one goes on, under another id.
    sign_in(who, proven=current_user.proven_at is not None and not is_due())
    return done(_("Mot de passe modifié. Vos autres sessions sont terminées."), "account.account")


def _page(sentence: str) -> str:
    sessions = sessions_of(current_user.identity.id, utc_now())
    mine = factors(current_user.identity.id)
    return render_template("admin/account/account.html", sentence=sentence, sessions=sessions, factors=mine)

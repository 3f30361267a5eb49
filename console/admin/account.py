"""My account: a new password."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from console.i18n.translate import said
from console.web import form_fields
from console.web.limits import failures
from console.web.roles import signed_in
from console.web.session import sign_in
from db.engine.clock import utc_now
from db.people.accounts.accounts import change_password
from plp.rules.refusals import Refusal

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
@signed_in
def account() -> ResponseReturnValue:
    return render_template("admin/account/account.html")


@blueprint.post("")
@failures
@signed_in
def account_now() -> ResponseReturnValue:
    new = form_fields.secret("new_password")
    try:
        if new != form_fields.secret("new_password_again"):
            raise Refusal(_("Les deux nouveaux mots de passe ne sont pas les mêmes."))
        who = change_password(current_user.identity.id, form_fields.secret("password"), new, utc_now())
    except Refusal as refusal:
        return render_template("admin/account/account.html", sentence=said(refusal)), 400
    # The new password ended every session; this one goes on.
    sign_in(who)
    flash(_("Votre mot de passe est changé. Vos autres sessions sont terminées."), "done")
    return redirect(url_for("account.account"))

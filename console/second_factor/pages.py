"""My second factor: an authenticator app, recovery codes, security keys; and proving oneself again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from pyotp import TOTP
from segno import make_qr

from console.second_factor import security_keys
from console.second_factor.proof import (
    ROLES,
    accepted,
    asked_person,
    has_proven,
    prove_before,
    prove_first,
    seal,
    set_up_first,
)
from console.web import form_fields
from console.web.acting import FORM, form_page
from console.web.roles import signed_in
from console.web.session import actor, own_page
from db.engine.clock import utc_now
from db.people.accounts.second_factor import (
    confirm_app,
    factors,
    offered_secret,
    recovery_codes,
    remove_app,
    remove_key,
)
from db.people.policy import policy
from db.people.zone import zone

blueprint = Blueprint("factor", __name__, url_prefix="/account/second-factor")
blueprint.before_app_request(set_up_first)


@blueprint.app_template_global()
def key_asked() -> str:
    """The options for signing with a key (see `security_keys.asked`)."""
    return security_keys.asked(asked_person())


@blueprint.get("")
@signed_in
def set_up() -> ResponseReturnValue:
    return page()


@blueprint.post("/app")
@signed_in
@prove_before
def confirm_app_now() -> ResponseReturnValue:
    """The first code of the app."""

    def confirm() -> ResponseReturnValue:
        codes = confirm_app(current_user.identity, form_fields.secret("code"), actor(), seal(), utc_now())
        has_proven()
        return _codes(codes) if codes else done(_("Application activée."))

    return form_page(page, confirm)


@blueprint.post("/app/remove")
@signed_in
@prove_first
def remove_app_now() -> ResponseReturnValue:
    remove_app(current_user.identity, actor(), utc_now())
    return done(_("Application retirée."))


@blueprint.post("/codes")
@signed_in
@prove_first
def new_codes() -> ResponseReturnValue:
    """Ten new recovery codes."""
    if not factors(current_user.identity.id):
        return redirect(url_for("factor.set_up"))
    return _codes(recovery_codes(current_user.identity, actor(), utc_now()))


@blueprint.route("/prove", methods=FORM)
@signed_in
def prove_page() -> ResponseReturnValue:
    """Before a page that only shows: the code, then the page."""
    sentence = accepted() if request.method == "POST" else ""
    if sentence or request.method != "POST":
        return render_template("admin/auth/prove.html", kept=(), sentence=sentence), 401 if sentence else 200
    return redirect(own_page(request.args.get("next")) or url_for("home.home"), 303)


@blueprint.post("/keys")
@signed_in
@prove_before
def add_key_now() -> ResponseReturnValue:
    """A security key that was just touched."""
    who = current_user.identity

    def take() -> ResponseReturnValue:
        security_keys.take(who, form_fields.line("name", 40) or _("Clé"), form_fields.secret("key"))
        has_proven()
        if not factors(who.id).recovery_left:
            return _codes(recovery_codes(who, actor(), utc_now()))
        return done(_("Clé ajoutée."))

    return form_page(page, take)


@blueprint.post("/keys/remove")
@signed_in
@prove_first
def remove_key_now() -> ResponseReturnValue:
    remove_key(current_user.identity, form_fields.number("id") or 0, actor(), utc_now())
    return done(_("Clé retirée."))


def done(sentence: str) -> ResponseReturnValue:
    """Back to the page, which says so."""
    flash(sentence, "done")
    return redirect(url_for("factor.set_up"), 303)


def page(sentence: str = "") -> str:
    """The page of this account's factors, and of the ways to add one."""
    mine = factors(current_user.identity.id)
    secret = address = None
    if not mine.app:
        secret = offered_secret(current_user.identity.id, seal())
        known = zone()
        address = TOTP(secret, name=current_user.name, issuer=known.name if known else "plp-alerte").provisioning_uri()
    return render_template(
        "admin/account/second_factor.html",
        factors=mine,
        secret=secret,
        qr=make_qr(address).svg_data_uri(scale=5, border=2) if address else "",
        key_offered=security_keys.offered(current_user.identity),
        must=bool(current_user.roles & ROLES and policy().second_factor),
        sentence=sentence,
    )


def _codes(codes: list[str]) -> str:
    return render_template("admin/account/recovery_codes.html", codes=codes)

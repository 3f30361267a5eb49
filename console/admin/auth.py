"""The way in: sign-in, sign-out, the one-time link that sets a password; and the visitor's language."""

from flask import abort, current_app, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from console.i18n.translate import cookie_name, reader_language, said
from console.second_factor.proof import at_the_door, stand_at_the_door, wrong
from console.web import form_fields
from console.web.acting import FORM
from console.web.draft_recovery import kept_form
from console.web.pages import Pages, Served
from console.web.roles import PUBLIC, SIGNED_IN
from console.web.session import device_of, end_session, has_ended, mark, new_device, own_page, sign_in
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard, admin_exists, find_account
from db.people.accounts.factors import factors
from plp.services.accounts.links import link_owner, redeem_link
from plp.services.accounts.rights import set_language
from plp.services.accounts.signing_in import TooManyTries, authenticate
from rules.languages import LANGUAGES
from rules.refusals import Refusal

blueprint = Pages("entrance")

LANGUAGE_KEPT_S = 365 * 24 * 3600


@blueprint.route("/login", methods=FORM, may=PUBLIC)
def login() -> Served:
    if request.method != "POST":
        return redirect(url_for("home.home")) if current_user.is_authenticated else _login_page("")
    name = form_fields.line("name", 60)
    try:
        password, device = form_fields.secret("password"), device_of(current_app, request)
        who = authenticate(name, password, request.remote_addr or "", utc_now(), device)
    except TooManyTries as refusal:
        return _login_page(name, said(refusal)), 429, {"Retry-After": str(refusal.values["wait_s"])}
    if who is None:
        return _login_page(name, _("Nom ou mot de passe incorrect.")), 401
    return _next_step(who)


@blueprint.route("/login/second", methods=FORM, may=PUBLIC)
def second_now() -> Served:
    if request.method != "POST":
        return redirect(url_for("entrance.login"))
    who = at_the_door()
    if who is None:
        return _login_page("", _("Code expiré : recommencez.")), 401
    sentence = wrong(who)
    return (_second_page(sentence), 401) if sentence else _welcome(who, proven=True)


def _next_step(who: AccountCard) -> Served:
    """After the password, also one that a link has set: the code where the account has a second factor."""
    if factors(who.id):
        stand_at_the_door(who)
        return _second_page()
    return _welcome(who)


def _second_page(sentence: str = "") -> str:
    return render_template("admin/auth/second.html", sentence=sentence, kept=kept_form())


def _welcome(who: AccountCard, proven: bool = False) -> Served:
    kept = kept_form()
    device = device_of(current_app, request) or new_device()
    sign_in(who, proven, device)
    if kept is not None:
        answer = make_response(render_template("admin/auth/resume.html", kept=kept))
    else:
        answer = make_response(redirect(own_page(request.args.get("next")) or url_for("home.home")))
    mark(current_app, answer, device)
    return answer


@blueprint.post("/logout", may=SIGNED_IN)
def logout() -> Served:
    end_session("logout")
    session.clear()
    answer = redirect(url_for("entrance.login"))
    # Nothing of ours stays in a shared computer, nor in a page that "back" would show as it was.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _setup_page(token: str) -> str:
    try:
        known, _issued_by = link_owner(token, utc_now())
    except Refusal as refusal:
        abort(make_response(render_template("admin/auth/dead_link.html", sentence=said(refusal)), 404))
    return render_template("admin/auth/setup.html", account_name=known)


@blueprint.form("/setup/<token>", _setup_page, may=PUBLIC)
def setup(token: str) -> Served:
    known, _issued_by = link_owner(token, utc_now())
    name, password = known or form_fields.line("name", 60), form_fields.secret("password")
    if not name:
        raise Refusal(_("Choisissez un nom d'utilisateur."))
    if password != form_fields.secret("password_again"):
        raise Refusal(_("Les deux mots de passe sont différents."))
    new = not (known and (card := find_account(known)) and card.has_password)
    who = redeem_link(token, name, password, request.remote_addr or "", utc_now())
    if new:
        # The account keeps the language in which this page was read.
        set_language(who.id, reader_language())
    return _next_step(who)


def _login_page(name: str, sentence: str = "") -> str:
    return render_template(
        "admin/auth/login.html",
        name=name,
        sentence=sentence,
        ended=has_ended(),
        admin_exists=admin_exists(),
        kept=kept_form(),
    )


@blueprint.post("/language", may=PUBLIC)
def switch_language() -> Served:
    """The switch in the header: the reader stays on the page, and the account keeps the language."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        set_language(current_user.identity.id, language)
    answer = redirect(own_page(request.form.get("next")) or url_for("home.home"))
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(cookie_name(), language, LANGUAGE_KEPT_S, secure=secure, httponly=True, samesite="Lax")
    return answer

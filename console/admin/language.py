"""The language switch of the header: it stays on the page, and the account remembers it."""

from flask import Blueprint, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from console.i18n.catalogues import LANGUAGES
from console.i18n.languages import cookie_name
from console.web.roles import public
from console.web.session import own_page
from db.people.accounts.accounts import set_language

blueprint = Blueprint("language", __name__)

KEPT_S = 365 * 24 * 3600


@blueprint.post("/language")
@public
def switch() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        set_language(current_user.identity.id, language)
    answer = make_response(redirect(own_page(request.form.get("next")) or url_for("home.home")))
    answer.set_cookie(
        cookie_name(),
        language,
        max_age=KEPT_S,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer

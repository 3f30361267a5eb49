"""Who may sign in: the list, a new account with its one-time link, and roles."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.translate import said
from console.web import form_fields
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard, add_account, set_roles
from db.people.accounts.accounts import accounts as all_accounts
from db.people.accounts.addresses import set_email, unmailed
from db.people.accounts.links import issue_link
from plp.rules.people import ROLES
from plp.rules.refusals import Refusal

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

LINK_HOURS = 24


@blueprint.get("")
@roles("admin")
def accounts() -> ResponseReturnValue:
    return render_template("admin/accounts/accounts.html", accounts=all_accounts(), unmailed=unmailed())


@blueprint.get("/add")
@roles("admin")
def add() -> ResponseReturnValue:
    return _new("", [], "", "")


@blueprint.post("/add")
@roles("admin")
def add_now() -> ResponseReturnValue:
    now, name, mobile, email = (
        utc_now(),
        form_fields.line("name", 61),
        form_fields.line("mobile", 60),
        form_fields.line("email", 254),
    )
    wanted = _wanted()
    try:
        add_account(name, wanted, None, actor(), now, mobile or None, email)
    except Refusal as refusal:
        return _new(name, wanted, mobile, email, said(refusal)), 400
    return _link(name)


@blueprint.get("/<int:account_id>")
@roles("admin")
def edit(account_id: int) -> ResponseReturnValue:
    card = _card(account_id)
    return _form(card, sorted(card.roles), card.email or "")


@blueprint.post("/<int:account_id>")
@roles("admin")
def edit_now(account_id: int) -> ResponseReturnValue:
    card, wanted, email, now = _card(account_id), _wanted(), form_fields.line("email", 254), utc_now()
    try:
        set_email(account_id, email, actor(), now)
        set_roles(account_id, wanted, actor(), now)
    except Refusal as refusal:
        return _form(card, wanted, email, said(refusal)), 400
    flash(_("L'adresse et les rôles de %(name)s sont enregistrés.", name=card.name), "done")
    return redirect(url_for("accounts.accounts"))


@blueprint.post("/<int:account_id>/link")
@roles("admin")
def link(account_id: int) -> ResponseReturnValue:
    """A new one-time link. The old password works until the link is used."""
    return _link(_card(account_id).name)


def _card(account_id: int) -> AccountCard:
    found = next((card for card in all_accounts() if card.id == account_id), None)
    if found is None:
        abort(404)
    return found


def _wanted() -> list[str]:
    return [role for role in ROLES if role in request.form.getlist("role")]


def _link(name: str) -> str:
    """Shown in the answer itself and kept nowhere: only its hash is stored."""
    address = url_for("entrance.setup", token=issue_link(utc_now(), name, LINK_HOURS), _external=True)
    return render_template("admin/accounts/link.html", name=name, address=address, hours=LINK_HOURS)


def _new(name: str, wanted: list[str], mobile: str, email: str, sentence: str = "") -> str:
    return render_template(
        "admin/accounts/add.html",
        name=name,
        wanted=wanted,
        mobile=mobile,
        email=email,
        sentence=sentence,
        all_roles=ROLES,
    )


def _form(card: AccountCard, wanted: list[str], email: str, sentence: str = "") -> str:
    return render_template(
        "admin/accounts/account.html", card=card, wanted=wanted, email=email, sentence=sentence, all_roles=ROLES
    )

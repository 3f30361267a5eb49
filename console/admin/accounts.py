"""Accounts, with one-time links and roles; my account: a password, and where I am signed in; the keys of programs."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from console.i18n.translate import said
from console.second_factor.proof import is_due
from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served
from console.web.roles import SIGNED_IN
from console.web.session import sign_in
from db.engine.clock import utc_now
from db.people.accounts.accounts import AccountCard, find_account, unmailed
from db.people.accounts.accounts import accounts as all_accounts
from db.people.accounts.factors import factors
from db.people.accounts.sessions import sessions_of, token_of
from db.people.accounts.sessions import tokens as all_tokens
from plp.services.accounts import rights
from plp.services.accounts.links import issue_link
from plp.services.accounts.rights import add_account
from plp.services.accounts.signing_in import change_password, end_sessions, revoke_token
from rules.numbers import shown
from rules.people import ROLES, Actor
from rules.refusals import Refusal

blueprint = Pages("accounts", "/accounts")
LINK_HOURS = 24
account_pages = Pages("account", "/account")
token_pages = Pages("tokens", "/tokens")


@blueprint.get("", may="see_accounts")
def accounts() -> Served:
    return render_template("admin/accounts/accounts.html", accounts=all_accounts(), unmailed=unmailed())


def _new() -> str:
    return render_template("admin/accounts/add.html", **_typed())


@blueprint.form("/add", _new, may="edit_accounts", proven=True)
def add() -> Served:
    who = _typed()
    add_account(who["name"], who["wanted"], None, actor(), utc_now(), who["mobile"] or None, who["email"])
    return _link(who["name"])


def _page(account_id: int) -> str:
    card, now = _card(account_id), utc_now()
    mobile = shown(card.mobile) if card.mobile else ""
    stored = {"mobile": mobile, "email": card.email or "", "wanted": sorted(card.given_roles)}
    refusal = rights.confirmation_refusal(card, actor(), now)
    return render_template(
        "admin/accounts/account.html",
        **(_typed() if request.endpoint == "accounts.edit" and request.method == "POST" else stored),
        card=card,
        unconfirmed=card.approves_from_at is not None and card.approves_from_at > now,
        has_factor=bool(factors(card.id)),
        sessions=sessions_of(card.id, now),
        unconfirmable=said(refusal) if refusal is not None else "",
    )


@blueprint.form("/<int:account_id>", _page, may="edit_accounts", proven=True)
def edit(account_id: int) -> Served:
    card, typed = _card(account_id), _typed()
    rights.change_account(account_id, actor(), utc_now(), typed["wanted"], typed["mobile"], typed["email"])
    return done(_("Modifications enregistrées pour %(name)s.", name=card.name), "accounts.accounts")


@blueprint.post("/<int:account_id>/link", may="edit_accounts", proven=True)
def link(account_id: int) -> Served:
    """A new one-time link. The old password works until the link is used."""
    return _link(_card(account_id).name)


@blueprint.form("/<int:account_id>/close", _page, may="edit_accounts", methods=["POST"], status=409)
def close(account_id: int) -> Served:
    return _done(account_id, rights.close_account, _("Compte « %(name)s » fermé ; ses sessions sont terminées."))


@blueprint.form("/<int:account_id>/reopen", _page, may="edit_accounts", methods=["POST"], status=409, proven=True)
def reopen(account_id: int) -> Served:
    return _done(account_id, rights.reopen_account, _("Compte « %(name)s » rouvert."))


@blueprint.form("/<int:account_id>/confirm", _page, may="edit_accounts", methods=["POST"], status=409, proven=True)
def confirm(account_id: int) -> Served:
    """A second admin vouches for the password, and agrees to the role of officer."""
    act = partial(rights.confirm_account, seen=request.form.get("seen"))
    return _done(account_id, act, _("Compte « %(name)s » confirmé."))


@blueprint.form("/<int:account_id>/delete", _page, may="edit_accounts", methods=["POST"], status=409, proven=True)
def delete(account_id: int) -> Served:
    return _done(account_id, rights.delete_account, _("Utilisateur %(name)s supprimé."))


def _done(account_id: int, act: Callable[[int, Actor, datetime], None], sentence: str) -> Served:
    name = _card(account_id).name
    act(account_id, actor(), utc_now())
    return done(sentence % {"name": name}, "accounts.accounts")


@blueprint.post("/<int:account_id>/second-factor", may="edit_accounts", proven=True)
def remove_factor_now(account_id: int) -> Served:
    """Remove the second factor of somebody who lost their phone and their recovery codes."""
    card = _card(account_id)
    rights.remove_second_factor(card.id, actor(), utc_now())
    return done(_("Deuxième facteur supprimé : %(name)s.", name=card.name), "accounts.edit", account_id=card.id)


@blueprint.post("/<int:account_id>/sessions", may="edit_accounts")
def end_sessions_now(account_id: int) -> Served:
    """One session of this account, or all; never the one that asks."""
    card = _card(account_id)
    only = form_fields.number("session")
    end_sessions(account_id, actor(), "admin", utc_now(), only=only, but=current_user.session_id)
    return done(_("%(name)s est déconnecté.", name=card.name), "accounts.edit", account_id=account_id)


def _card(account_id: int) -> AccountCard:
    return find_account(account_id) or abort(404)


def _typed() -> dict[str, Any]:
    return {
        "name": form_fields.line("name", 61),
        "mobile": form_fields.line("mobile", 60),
        "email": form_fields.line("email", 254),
        "wanted": [role for role in ROLES if role in request.form.getlist("role")],
    }


def _link(name: str) -> str:
    """Shown in the answer itself and kept nowhere: only its hash is stored."""
    address = url_for("entrance.setup", token=issue_link(name, actor(), utc_now(), LINK_HOURS), _external=True)
    return render_template("admin/accounts/link.html", name=name, address=address, hours=LINK_HOURS)


def _own_page() -> str:
    sessions = sessions_of(current_user.identity.id, utc_now())
    return render_template("admin/account/account.html", sessions=sessions, factors=factors(current_user.identity.id))


@account_pages.form("", _own_page, may=SIGNED_IN)
def account() -> Served:
    """A new password."""
    old, new = form_fields.secret("password"), form_fields.secret("new_password")
    if new != form_fields.secret("new_password_again"):
        raise Refusal(_("Les deux nouveaux mots de passe sont différents."))
    change_password(current_user.identity, old, new, request.remote_addr or "", utc_now())
    # The new password ended every session; this one goes on, under another id.
    sign_in(current_user.identity, proven=current_user.proven_at is not None and not is_due())
    return done(_("Mot de passe modifié. Vos autres sessions sont terminées."), "account.account")


@account_pages.post("/sessions", may=SIGNED_IN)
def end_own_sessions() -> Served:
    """One session, or all but this one. Ending this one is signing out."""
    only = form_fields.number("session")
    ended = end_sessions(
        current_user.identity.id, actor(), "owner", utc_now(), only=only, but=None if only else current_user.session_id
    )
    return done(_("La session est terminée.") if ended < 2 else _("Les sessions sont terminées."), "account.account")


@token_pages.get("", may="see_accounts")
def tokens() -> Served:
    return render_template("admin/tokens/tokens.html", tokens=all_tokens(utc_now()))


@token_pages.post("/<int:token_id>/revoke", may="edit_accounts")
def revoke(token_id: int) -> Served:
    if token_of(token_id, utc_now()) is None:
        abort(404)
    revoke_token(token_id, actor(), utc_now())
    return done(_("Jeton révoqué : le programme n'a plus accès."), "tokens.tokens")

"""`plp user …` and `plp token …`: who may sign in, and which programs may ask."""

import sys

import click

from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.accounts import sessions
from db.people.accounts.accounts import AccountCard, accounts
from plp.cli.administration import setup_url
from plp.cli.speech import phrase, warn
from plp.cli.terminal import answer, in_database, json_option, local, operator, shape, tell_json, tell_rows
from plp.services.accounts import links, rights
from plp.services.accounts.signing_in import revoke_token as end_token
from rules.calendar import clock
from rules.numbers import shown
from rules.people import SCOPES, USUAL_SCOPES


@click.group()
def user() -> None:
    """Les utilisateurs de la console."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="officer, technician, admin, …")
@click.option(
    "--email", metavar="ADDRESS", help="Adresse pour les incidents et le rapport quotidien (technicien, admin)."
)
@click.option("--mobile", metavar="MOBILE", help="Pour les SMS de test et la garde.")
@click.option("--password-stdin", is_flag=True, help="Lire le mot de passe sur l'entrée standard.")
@click.pass_obj
@in_database
def add_user(
    installation: Installation,
    name: str,
    roles: tuple[str, ...],
    email: str | None,
    mobile: str | None,
    password_stdin: bool,
) -> None:
    """Ajouter un utilisateur ; sans mot de passe, afficher un lien à usage unique."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    account_id = rights.add_account(name, roles, password, operator(), utc_now(), mobile, email)
    begins_at = rights.account_card(account_id).officer_from_at
    if begins_at is not None:
        warn(
            "Le rôle de policier commence le {at}, ou dès qu'un administrateur le confirme sur la page "
            "« Utilisateurs ».",
            at=clock(begins_at),
        )
    if password is None:
        _tell_link(setup_url(installation, links.issue_link(name, operator(), utc_now())))


def _tell_link(link: str) -> None:
    answer(link=link)
    click.echo(link)


@user.command("reset")
@click.argument("name")
@click.pass_obj
@in_database
def reset_user(installation: Installation, name: str) -> None:
    """Afficher un lien à usage unique pour un nouveau mot de passe."""
    _tell_link(setup_url(installation, links.issue_link(name, operator(), utc_now())))


@user.command("list")
@json_option
@in_database
def list_users(as_json: bool) -> None:
    """Afficher les utilisateurs, par nom."""
    fields = ("name", "active", "has_password", "mobile", "email")
    cards = accounts()
    tell_rows(
        as_json,
        (shape(card, *fields) | _rights_of(card) for card in cards),
        ("nom", "rôles", "GSM", "e-mail", "état"),
        map(_user_row, cards),
    )


def _rights_of(card: AccountCard) -> dict[str, object]:
    return {
        "roles": sorted(card.given_roles),
        "approves_from": card.approves_from_at,
        "officer_from": card.officer_from_at,
    }


def _user_row(card: AccountCard) -> tuple[str, ...]:
    number, state = shown(card.mobile or ""), phrase("ouvert") if card.active else phrase("fermé")
    return card.name, ", ".join(sorted(card.given_roles)), number, card.email or "", state


@user.command("disable")
@click.argument("name")
@in_database
def disable_user(name: str) -> None:
    """Fermer un compte : ses sessions, jetons et liens prennent fin immédiatement."""
    rights.close_account(rights.account_card(name).id, operator(), utc_now())
    answer(name=name, active=False)


@user.command("enable")
@click.argument("name")
@in_database
def enable_user(name: str) -> None:
    """Rouvrir un compte fermé ; son mot de passe reste valable."""
    rights.reopen_account(rights.account_card(name).id, operator(), utc_now())
    answer(name=name, active=True)


@click.group()
def token() -> None:
    """Les jetons de l'API."""


@token.command("add")
@click.argument("name")
@click.option("--role", required=True, metavar="ROLE", help="officer, technician, admin ou auditor.")
@click.option("--days", default=links.USUAL_DAYS, show_default=True, help="Durée de validité, en jours.")
@click.option(
    "--owner",
    "--user",
    "owner",
    metavar="NAME",
    help="Propriétaire, qui compte comme auteur de ses envois ; le jeton prend fin avec ce compte ou ce rôle. "
    "Sans propriétaire, un envoi à valider l'est par deux collègues.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help=f"Ce que le jeton ouvre, option répétable : {', '.join(SCOPES)}. "
    f"Sans elle : {', '.join(USUAL_SCOPES)}, selon le rôle.",
)
@json_option
@in_database
def add_token(name: str, role: str, days: int, owner: str | None, scopes: tuple[str, ...], as_json: bool) -> None:
    """Créer un jeton, affiché une seule fois."""
    made = links.add_token(name, role, operator(), utc_now(), days, owner, scopes)
    if as_json:
        tell_json({"token": made})
    else:
        click.echo(made)


@token.command("list")
@json_option
@in_database
def list_tokens(as_json: bool) -> None:
    """Afficher les jetons, leur dernier usage et leur échéance."""
    fields = ("name", "role", "scopes", "state", "created_at", "last_used_at", "expires_at")
    cards = sessions.tokens(utc_now())
    tell_rows(
        as_json,
        (shape(card, *fields) | {"user": card.owner or None} for card in cards),
        ("nom", "rôle", "portées", "utilisateur", "dernier usage", "fin", "état"),
        map(_token_row, cards),
    )


def _token_row(card: sessions.TokenCard) -> tuple[str, ...]:
    words = {"good": phrase("valable"), "revoked": phrase("révoqué"), "expired": phrase("expiré")}
    times = (card.last_used_at, card.expires_at)
    used, end = (local(at) if at else "–" for at in times)
    return card.name, card.role, ", ".join(card.scopes), card.owner, used, end, words[card.state]


@token.command("revoke")
@click.argument("name")
@in_database
def revoke_token(name: str) -> None:
    """Révoquer un jeton immédiatement ; son nom reste réservé."""
    end_token(name, operator(), utc_now())
    answer(name=name, state="revoked")

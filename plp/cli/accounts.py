"""`plp user …` and `plp token …`: who may sign in, and which programs may ask."""

import sys
from datetime import datetime

import click

from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.accounts import sessions
from db.people.accounts.accounts import AccountCard, accounts
from plp.cli.administration import setup_url
from plp.cli.terminal import in_database, json_option, operator, tell_json, tell_table
from plp.services.accounts import links, rights
from plp.services.accounts.rights import account_card, add_account
from plp.services.accounts.tokens import USUAL_DAYS
from plp.services.accounts.tokens import revoke_token as end_token
from rules.numbers import shown
from rules.people import SCOPES, USUAL_SCOPES


@click.group()
def user() -> None:
    """Les utilisateurs de la console."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="officer, technician, admin, …")
@click.option(
    "--email", metavar="ADRESSE", help="Adresse pour les incidents et le rapport quotidien (technicien, admin)."
)
@click.option("--mobile", metavar="GSM", help="Pour les SMS de test et la garde.")
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
    add_account(name, roles, password, operator(), utc_now(), mobile, email)
    if password is None:
        click.echo(setup_url(installation, links.issue_link(name, operator(), utc_now())))


@user.command("reset")
@click.argument("name")
@click.pass_obj
@in_database
def reset_user(installation: Installation, name: str) -> None:
    """Afficher un lien à usage unique pour un nouveau mot de passe."""
    click.echo(setup_url(installation, links.issue_link(name, operator(), utc_now())))


@user.command("list")
@json_option
@in_database
def list_users(as_json: bool) -> None:
    """Afficher les utilisateurs, par nom."""
    if as_json:
        tell_json([_user_shape(card) for card in accounts()])
        return
    rows = (
        (card.name, ", ".join(sorted(card.roles)), shown(card.mobile) if card.mobile else "", card.email or "",
         "ouvert" if card.active else "fermé")
        for card in accounts()
    )  # fmt: skip
    tell_table(("nom", "rôles", "GSM", "e-mail", "état"), rows)


@user.command("change")
@click.argument("name")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Liste complète des nouveaux rôles.")
@click.option("--no-role", is_flag=True, help="Retirer tous les rôles.")
@click.option("--mobile", metavar="GSM", help="Vide : supprimer le GSM.")
@click.option("--email", metavar="ADRESSE", help="Vide : supprimer l'adresse.")
@in_database
def change_user(name: str, roles: tuple[str, ...], no_role: bool, mobile: str | None, email: str | None) -> None:
    """Modifier les rôles, le GSM ou l'adresse e-mail."""
    change = rights.Change(roles if roles or no_role else None, mobile, email)
    rights.change_account(account_card(name).id, change, operator(), utc_now())


@user.command("disable")
@click.argument("name")
@in_database
def disable_user(name: str) -> None:
    """Fermer un compte : ses sessions, jetons et liens prennent fin immédiatement."""
    rights.close_account(account_card(name).id, operator(), utc_now())


@user.command("enable")
@click.argument("name")
@in_database
def enable_user(name: str) -> None:
    """Rouvrir un compte fermé ; son mot de passe reste valable."""
    rights.reopen_account(account_card(name).id, operator(), utc_now())


@user.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Confirmer la suppression.")
@in_database
def delete_user(name: str, yes: bool) -> None:
    """Supprimer un utilisateur ; le journal garde son nom."""
    card = account_card(name)
    if not yes:
        click.echo(f"{card.name} n'est pas supprimé. Ajoutez --yes pour confirmer.", err=True)
        raise click.exceptions.Exit(2)
    rights.delete_account(card.id, operator(), utc_now())


def _user_shape(card: AccountCard) -> dict[str, object]:
    return {
        "name": card.name,
        "roles": sorted(card.roles),
        "active": card.active,
        "has_password": card.has_password,
        "mobile": card.mobile,
        "email": card.email,
        "approves_from": _iso(card.approves_from_at),
    }


@click.group()
def token() -> None:
    """Les jetons de l'API."""


@token.command("add")
@click.argument("name")
@click.option("--role", required=True, metavar="ROLE", help="officer, technician, admin ou auditor.")
@click.option("--days", default=USUAL_DAYS, show_default=True, help="Durée de validité, en jours.")
@click.option(
    *("--owner", "--user", "owner"),
    metavar="NAME",
    help="Propriétaire, qui compte comme auteur de ses envois ; le jeton prend fin avec ce compte ou ce rôle. "
    "Sans propriétaire, un envoi à valider l'est par deux collègues.",
)
@click.option(
    *("--scope", "scopes"),
    multiple=True,
    metavar="PORTÉE",
    help="Ce que le jeton ouvre, option répétable : "
    + ", ".join(SCOPES)
    + ". Sans elle : "
    + ", ".join(USUAL_SCOPES)
    + ", selon le rôle.",
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
    cards = sessions.tokens(utc_now())
    if as_json:
        tell_json([_token_shape(card) for card in cards])
    else:
        tell_table(("nom", "rôle", "portées", "utilisateur", "dernier usage", "fin", "état"), map(_token_row, cards))


def _token_row(card: sessions.TokenCard) -> tuple[str, ...]:
    words = {"good": "valable", "revoked": "révoqué", "expired": "expiré"}
    used, end = (f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in (card.last_used_at, card.expires_at))
    return card.name, card.role, ", ".join(card.scopes), card.owner, used, end, words[card.state]


@token.command("revoke")
@click.argument("name")
@in_database
def revoke_token(name: str) -> None:
    """Révoquer un jeton immédiatement ; son nom reste réservé."""
    end_token(name, operator(), utc_now())


def _token_shape(card: sessions.TokenCard) -> dict[str, object]:
    return {
        "name": card.name,
        "role": card.role,
        "scopes": list(card.scopes),
        "user": card.owner or None,
        "state": card.state,
        "created_at": _iso(card.created_at),
        "last_used_at": _iso(card.last_used_at),
        "expires_at": _iso(card.expires_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None

"""`plp user …` and `plp token …`: who may sign in, and which programs may ask."""

import json
import sys
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.accounts import tokens
from db.people.accounts.accounts import AccountCard, account_card, accounts, add_account
from plp.cli.administration import setup_url
from plp.cli.terminal import operator
from plp.rules.numbers import shown
from plp.services import accounts as services


@click.group()
def user() -> None:
    """Les utilisateurs de la console."""


@user.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="officer, technician, admin, …")
@click.option("--email", metavar="ADRESSE", help="Où l'écrire : alarmes et mail quotidien (technicien, admin).")
@click.option("--password-stdin", is_flag=True, help="Lit le mot de passe sur l'entrée standard.")
@click.pass_obj
def add_user(
    installation: Installation, name: str, roles: tuple[str, ...], email: str | None, password_stdin: bool
) -> None:
    """Ajoute un utilisateur ; sans mot de passe, montre un lien à usage unique."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with installation.open_database():
        add_account(name, roles, password, operator(), utc_now(), email=email)
        if password is None:
            click.echo(setup_url(installation, services.issue_link(name, operator(), utc_now())))


@user.command("reset")
@click.argument("name")
@click.pass_obj
def reset_user(installation: Installation, name: str) -> None:
    """Montre un lien à usage unique pour un nouveau mot de passe."""
    with installation.open_database():
        click.echo(setup_url(installation, services.issue_link(name, operator(), utc_now())))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_users(installation: Installation, as_json: bool) -> None:
    """Les utilisateurs, par nom."""
    with installation.open_database():
        cards = accounts()
    if as_json:
        click.echo(json.dumps([_user_shape(card) for card in cards], ensure_ascii=False))
        return
    table = Table("nom", "rôles", "gsm", "e-mail", "état")
    for card in cards:
        number, state = shown(card.mobile) if card.mobile else "", "ouvert" if card.active else "fermé"
        table.add_row(card.name, ", ".join(sorted(card.roles)), number, card.email or "", state)
    Console().print(table)


@user.command("change")
@click.argument("name")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Les rôles qu'il a désormais, tous.")
@click.option("--no-role", is_flag=True, help="Plus aucun rôle.")
@click.option("--mobile", metavar="GSM", help="Vide : plus de gsm.")
@click.option("--email", metavar="ADRESSE", help="Vide : plus d'adresse.")
@click.pass_obj
def change_user(
    installation: Installation, name: str, roles: tuple[str, ...], no_role: bool, mobile: str | None, email: str | None
) -> None:
    """Change les rôles, le gsm ou l'adresse."""
    change = services.Change(roles if roles or no_role else None, mobile, email)
    with installation.open_database():
        services.change_account(account_card(name).id, change, operator(), utc_now())


@user.command("close")
@click.argument("name")
@click.pass_obj
def close_user(installation: Installation, name: str) -> None:
    """Ferme un compte : ses sessions, ses jetons et ses liens se terminent à l'instant."""
    with installation.open_database():
        services.close_account(account_card(name).id, operator(), utc_now())


@user.command("reopen")
@click.argument("name")
@click.pass_obj
def reopen_user(installation: Installation, name: str) -> None:
    """Rouvre un compte fermé, avec le mot de passe qu'il avait."""
    with installation.open_database():
        services.reopen_account(account_card(name).id, operator(), utc_now())


@user.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Confirme.")
@click.pass_obj
def delete_user(installation: Installation, name: str, yes: bool) -> None:
    """Efface un utilisateur ; le journal garde son nom."""
    with installation.open_database():
        card = account_card(name)
        if not yes:
            click.echo(f"{card.name} n'est pas effacé. Ajoutez --yes pour l'effacer.", err=True)
            raise click.exceptions.Exit(2)
        services.delete_account(card.id, operator(), utc_now())


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
@click.option("--role", required=True, metavar="ROLE", help="officer, technician ou admin.")
@click.option("--days", default=tokens.USUAL_DAYS, show_default=True, help="Combien de jours il sert.")
@click.option("--user", "owner", metavar="NAME", help="À qui il est : il se termine avec ce compte, ou avec ce rôle.")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def add_token(installation: Installation, name: str, role: str, days: int, owner: str | None, as_json: bool) -> None:
    """Crée un jeton, montré une seule fois."""
    with installation.open_database():
        made = tokens.add_token(name, role, operator(), utc_now(), days, owner)
    click.echo(json.dumps({"token": made}) if as_json else made)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_tokens(installation: Installation, as_json: bool) -> None:
    """Les jetons, leur dernier usage et leur fin."""
    with installation.open_database():
        cards = tokens.tokens(utc_now())
    if as_json:
        click.echo(json.dumps([_token_shape(card) for card in cards], ensure_ascii=False))
        return
    table = Table("nom", "rôle", "utilisateur", "dernier usage", "fin", "état")
    words = {"good": "valable", "revoked": "révoqué", "expired": "expiré"}
    for card in cards:
        used, end = (f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in (card.last_used_at, card.expires_at))
        table.add_row(card.name, card.role, card.owner, used, end, words[card.state])
    Console().print(table)


@token.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke_token(installation: Installation, name: str) -> None:
    """Termine un jeton à l'instant ; son nom reste pris."""
    with installation.open_database():
        tokens.revoke_token(name, operator(), utc_now())


def _token_shape(card: tokens.TokenCard) -> dict[str, object]:
    return {
        "name": card.name,
        "role": card.role,
        "user": card.owner or None,
        "state": card.state,
        "created_at": _iso(card.created_at),
        "last_used_at": _iso(card.last_used_at),
        "expires_at": _iso(card.expires_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None

"""`plp migrate`, `member`: the database's commands."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from db.engine.clock import utc_now
from db.engine.postgres import is_postgres
from db.operations.database_roles import apply_rights, grant_statements, role_statements
from db.operations.installation import Installation
from db.people.members.cards import FURTHER, MemberCard
from db.people.members.importing import import_members
from db.people.members.listing import members, neighbourhoods
from db.people.members.roster import MAXIMUM_BYTES
from plp.cli.terminal import operator
from plp.rules.numbers import parse_mobile, shown
from plp.rules.refusals import Refusal
from plp.services.first_start import bring_up_to_date
from plp.services.forgetting import forget_member


@click.command()
@click.pass_obj
def migrate(installation: Installation) -> None:
    """Créer ou mettre à jour la base de données."""
    with installation.any_database() as database:
        applied = bring_up_to_date(database, installation.settings().zone, second_factor=True)
        apply_rights(installation.settings().retention.audit_months)
    click.echo(f"Appliqué : {', '.join(applied)}" if applied else "La base de données est à jour.")


@click.command()
@click.pass_obj
def roles(installation: Installation) -> None:
    """Afficher les trois rôles de PostgreSQL et leurs droits, en SQL : « plp roles | psql plp »."""
    settings = installation.settings()
    if not is_postgres(settings.database.url):
        raise Refusal("SQLite n'a pas de rôles : utilisez PostgreSQL ([database] url).")
    click.echo("BEGIN;")
    for statement in (*role_statements(), *grant_statements(settings.retention.audit_months)):
        click.echo(f"{statement};")
    click.echo("COMMIT;")


def setup_url(installation: Installation, token: str) -> str:
    """The address of a one-time link."""
    return f"{console_url(installation)}/setup/{token}"


def console_url(installation: Installation) -> str:
    """The console's address as configured."""
    console = installation.settings().console
    host = f"[{console.host}]" if ":" in console.host else console.host
    return f"{'https' if console.certificate else 'http'}://{host}:{console.port}"


@click.group()
def member() -> None:
    """Les membres."""


@member.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Lire et vérifier, sans rien enregistrer.")
@click.option("--welcome", is_flag=True, help="Envoyer le message de bienvenue aux nouveaux membres.")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def import_file(installation: Installation, file: Path, dry_run: bool, welcome: bool, as_json: bool) -> None:
    """Importer un fichier CSV ou XLSX ; chaque ligne refusée l'est avec son motif."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise Refusal("{file} ne peut pas être lu : {why}.", file=file, why=error.strerror) from None
    with installation.open_database():
        report = import_members(content, file.name, operator(), utc_now(), dry_run=dry_run, welcome=welcome)
    refused = [{"line": row.line, "reason": row.reason} for row in report.refused]
    counts = {"read": report.read, "added": report.added, "updated": report.updated, "unchanged": report.unchanged}
    if as_json:
        click.echo(json.dumps({**counts, "refused": refused}, ensure_ascii=False))
        return
    click.echo(
        f"{report.read} lignes : {report.added} ajoutées, {report.updated} mises à jour (dont {report.unchanged} déjà "
        f"à jour), {len(refused)} refusées"
    )
    if report.new_neighbourhoods:
        click.echo(f"  nouveaux quartiers : {', '.join(report.new_neighbourhoods)}")
    for row in report.refused:
        click.echo(f"  ligne {row.line} : {row.reason}")


@member.command("forget")
@click.argument("known", metavar="GSM|E-MAIL")
@click.option("--yes", is_flag=True, help="Supprimer ; sans cette option, afficher la personne seulement.")
@click.pass_obj
def forget(installation: Installation, known: str, yes: bool) -> None:
    """Supprimer une personne et ses messages, dans la base et les exports. Les totaux sont conservés."""
    with installation.open_database():
        found = [card for card in members(known, per_page=50).rows if _is_known_as(card, known)]
        if len(found) != 1:
            raise Refusal(
                "{count} membres ont exactement ce GSM ou cet e-mail. Donnez celui d'une seule personne ou "
                "supprimez-la dans la console.",
                count=len(found),
            )
        if not yes:
            click.echo(f"À supprimer : {found[0].name} ({found[0].neighbourhood}). Ajoutez --yes pour confirmer.")
            raise click.exceptions.Exit(2)
        forget_member(found[0].id, operator(), utc_now())
    click.echo(
        f"{found[0].name} est supprimé. Les fichiers de la base et du plan de secours sont mis à jour dans la minute."
    )


def _is_known_as(card: MemberCard, known: str) -> bool:
    try:
        mobile = parse_mobile(known)
    except Refusal:
        mobile = None
    return known.strip().casefold() == card.email or (mobile is not None and card.mobile == mobile)


@member.command("list")
@click.option("--neighbourhood", metavar="NAME", help="Un seul quartier.")
@click.option("--json", "as_json", is_flag=True, help="Un document JSON.")
@click.pass_obj
def list_members(installation: Installation, neighbourhood: str | None, as_json: bool) -> None:
    """Afficher les membres, par nom."""
    with installation.open_database():
        rows = _members(neighbourhood)
    if as_json:
        click.echo(json.dumps([_shape(row) for row in rows], ensure_ascii=False))
        return
    table = Table("nom", "GSM", "e-mail", "langue", "quartier", "état")
    for row in rows:
        number = shown(row.mobile) if row.mobile else ""
        table.add_row(row.name, number, row.email or "", row.language, row.neighbourhood, row.state)
    Console().print(table)


def _members(neighbourhood: str | None) -> list[MemberCard]:
    place = None
    if neighbourhood is not None:
        known = {card.name: card.id for card in neighbourhoods()}
        if neighbourhood not in known:
            raise Refusal(
                "Quartier inconnu : {name}. Connus : {known}.", name=neighbourhood, known=", ".join(known) or "aucun"
            )
        place = known[neighbourhood]
    return members(neighbourhood_id=place, per_page=1_000_000).rows


def _shape(row: MemberCard) -> dict[str, object]:
    return {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "mobile": row.mobile,
        "email": row.email,
        "language": row.language,
        "neighbourhood": row.neighbourhood,
        "role": row.role,
        "state": row.state,
        **{column: getattr(row, column) for column in FURTHER},
    }

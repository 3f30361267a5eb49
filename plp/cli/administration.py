"""`plp migrate`, `roles` and `member`: the database's commands, and members."""

import socket
from pathlib import Path

import click

from db.engine.clock import utc_now
from db.engine.postgres import is_postgres
from db.operations.database_roles import grant_statements, role_statements
from db.operations.installation import Installation
from db.people.audience import Audience
from db.people.members.listing import Filter, members
from plp.cli import terminal
from plp.cli.speech import phrase, say
from plp.services.machine import migrate as bring_up_to_date
from plp.services.orders.audiences import resolve
from plp.services.people.importing import ImportReport, import_list, remembered_columns
from plp.services.people.reading import MAXIMUM_BYTES, list_in
from rules.lists.consents import UnclearColumns
from rules.lists.roster import Roster
from rules.members import FURTHER
from rules.numbers import shown
from rules.refusals import Refusal

# The rest was taken.
SOME_REFUSED = 3
_SHOWN = ("first_name", "last_name", "mobile", "email", "language", "neighbourhood", "role", "state")


@click.command()
@click.pass_obj
def migrate(installation: Installation) -> None:
    """Créer ou mettre à jour la base de données."""
    with installation.any_database() as database:
        applied = bring_up_to_date(database, installation.settings())
    terminal.answer(applied=applied)
    if applied:
        say("Appliqué : {steps}", steps=tuple(applied))
    else:
        say("La base de données est à jour.")


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
    """The console's address as configured; this machine's name where it listens on every address."""
    console = installation.settings().console
    host = f"[{console.host}]" if ":" in console.host else console.host
    if console.host in terminal.EVERYWHERE:
        host = socket.gethostname()
    return f"{'https' if console.certificate else 'http'}://{host}:{console.port}"


@click.group()
def member() -> None:
    """Les membres."""


@member.command("import")
@click.argument("file", type=terminal.CALLERS_FILE)
@click.option("--dry-run", is_flag=True, help="Lire et vérifier, sans rien enregistrer.")
@click.option("--welcome", is_flag=True, help="Envoyer le message de bienvenue aux nouveaux membres.")
@terminal.json_option
@terminal.in_database
def import_file(file: Path, dry_run: bool, welcome: bool, as_json: bool) -> None:
    """Importer un fichier CSV ou XLSX ; chaque ligne refusée l'est avec son motif."""
    whole = list_in(terminal.content(file, MAXIMUM_BYTES + 1), file.name)
    try:
        report = import_list(
            whole, remembered_columns(whole), terminal.operator(), utc_now(), dry_run=dry_run, welcome=welcome
        )
    except UnclearColumns as unclear:
        raise Refusal(
            "{sentence} Importez d'abord cette liste dans la console : ses colonnes seront alors connues ici aussi.",
            sentence=unclear,
        ) from None
    if as_json:
        terminal.tell_json(_report_shape(report))
    else:
        _tell(whole, report, dry_run)
    if report.refused:
        raise click.exceptions.Exit(SOME_REFUSED)


def _report_shape(report: ImportReport) -> dict[str, object]:
    return terminal.shape(report, "read", "added", "updated", "unchanged") | {
        "refused": [{"line": row.line, "reason": row.reason} for row in report.refused],
        # Of those added, the people who will get SMS.
        "texted": report.texted(),
        # The lines of `refused` that can be read, and about which a person decides first.
        "waiting": [row.line for row in report.refused if row.waits],
        "notes": [{"line": line, "note": str(note)} for line, note in report.notes],
        "ignored": report.ignored,
    }


def _tell(whole: Roster, report: ImportReport, dry_run: bool) -> None:
    counts = {"read": report.read, "added": report.added, "texted": report.texted(), "changed": report.changed}
    counts |= {"same": report.unchanged, "refused": len(report.refused)}
    if dry_run:
        say(
            "{read} lignes : {added} seraient ajoutées, dont {texted} avec SMS, {changed} seraient modifiées, "
            "{same} déjà à jour, {refused} seraient refusées",
            **counts,
        )
    else:
        say(
            "{read} lignes : {added} ajoutées, dont {texted} avec SMS, {changed} modifiées, {same} déjà à jour, "
            "{refused} refusées",
            **counts,
        )
    for names, title in (
        (report.new_neighbourhoods, phrase("nouveaux quartiers")),
        (report.ignored, phrase("colonnes ignorées")),
        (whole.other_sheets, phrase("feuilles non lues")),
        ([str(line) for line in whole.hidden_rows], phrase("lignes masquées, lues aussi")),
        (whole.hidden_columns, phrase("colonnes masquées, lues aussi")),
    ):
        if names:
            say("  {what} : {value}", what=title, value=tuple(names))
    if report.namesakes:
        say("  homonymes d'un membre connu par un autre numéro, à vérifier : {n}", n=len(report.namesakes))
    # One write: a list of 50,000 rows may have as many.
    told = (*report.notes, *((row.line, row.sentence) for row in report.refused))
    if told:
        lines = (phrase("  ligne {line} : {words}", line=line, words=words) for line, words in told)
        click.echo("\n".join(lines))


@member.command("list")
@click.option("--neighbourhood", metavar="NAME", help="Un seul quartier.")
@terminal.json_option
@terminal.in_database
def list_members(neighbourhood: str | None, as_json: bool) -> None:
    """Afficher les membres, par nom."""
    place = resolve(Audience(neighbourhoods=(neighbourhood,))).places[0] if neighbourhood is not None else None
    cards = members(Filter(neighbourhood_id=place), per_page=1_000_000).rows
    terminal.tell_rows(
        as_json,
        (terminal.shape(card, *_SHOWN, *FURTHER) for card in cards),
        ("nom", "GSM", "e-mail", "langue", "quartier", "état"),
        (
            (card.name, shown(card.mobile or ""), card.email or "", card.language, card.neighbourhood, card.state)
            for card in cards
        ),
    )

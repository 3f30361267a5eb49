"""`plp setup`: what a new box needs, asked in order; the page « Mise en service » shows the same list."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from db.engine.clock import utc_now
from db.modems.status import modem_cards
from db.operations.installation import Installation
from db.people.accounts.accounts import admin_exists
from db.people.zone import zone
from plp.cli.administration import import_file, setup_url
from plp.cli.backup import backup, backup_key
from plp.cli.certificate import new as new_certificate
from plp.cli.checking import check
from plp.cli.terminal import operator
from plp.jobs.smtp.connection import check_mail
from plp.services.accounts.links import issue_link
from plp.services.first_start import ZONE_QUESTIONS, bring_up_to_date, first_steps, shortcomings
from plp.services.zone import name_zone, save_directory_entry
from rules.refusals import Refusal, Spoken
from rules.sentences import coded

YES = frozenset({"o", "oui", "y", "yes", "j", "ja"})
NO = frozenset({"n", "non", "no", "nee", "nein"})


@click.command()
@click.option(
    "--list", "only_list", is_flag=True, help="Afficher seulement les étapes manquantes ; statut 1 s'il en reste."
)
@click.pass_context
def setup(ctx: click.Context, only_list: bool) -> None:
    """Mettre le serveur en service : chaque étape manquante est proposée. La commande peut être relancée."""
    installation: Installation = ctx.obj
    if not only_list:
        with installation.any_database() as database:
            bring_up_to_date(database, installation.settings().zone, second_factor=True)
        _ask(ctx, installation)
    with installation.open_database():
        steps = first_steps(installation.settings(), utc_now())
        wrong = shortcomings(installation.settings(), utc_now())
    for step, is_done in steps.items():
        click.echo(f"{'ok   ' if is_done else 'MANQUE'} {coded(step)}")
        for shortcoming in wrong.get(step, ()):
            click.echo(f"         {shortcoming}")
    if not all(steps.values()):
        ctx.exit(1)


def _is_yes(answer: str) -> bool:
    """In the technician's language. Raises BadParameter."""
    if (word := answer.strip().casefold()) in YES | NO:
        return word in YES
    raise click.BadParameter("répondez « o » (oui) ou « n » (non)")


def _ask(ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        steps = first_steps(installation.settings(), utc_now())
        missing = [step for step, is_done in steps.items() if not is_done]
    for step in missing:
        told = str(coded(step))
        question = f"\n{told[0].upper()}{told[1:]} : faire cette étape maintenant ? [O/n]"
        if not click.prompt(question, default="o", show_default=False, value_proc=_is_yes):
            continue
        try:
            _STEPS[step](ctx, installation)
        except Spoken as refusal:  # the next one may be done all the same
            click.echo(str(refusal), err=True)


def _zone(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        known = zone()
        typed = {
            field: click.prompt(str(coded(f"setup_zone_{field}")), default=getattr(known, field) or None).strip()
            for field in ZONE_QUESTIONS
        }
        name_zone(replace(known, **typed), operator(), utc_now())


def _admin(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        if admin_exists():
            click.echo(
                "Un administrateur existe : il configure son deuxième facteur dans la console, page « Mon compte »."
            )
            return
        link = setup_url(installation, issue_link(None, operator(), utc_now()))
    click.echo(f"Ouvrez ce lien (à usage unique, 24 h) quand la console fonctionne : {link}")


def _certificate(ctx: click.Context, _installation: Installation) -> None:
    ctx.invoke(new_certificate, names=(), yes=False)


def _modem(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        cards = modem_cards(utc_now())
    for card in cards:
        click.echo(f"{card.name} ({card.host}) : {card.told or card.state}")
    if not cards:
        click.echo("Aucun modem détecté : branchez-le, attendez une minute. « plp modem doctor » indique que faire.")


def _test(ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        ready = [card.name for card in modem_cards(utc_now()) if card.state == "ready"]
    if not ready:
        raise Refusal("Aucun modem prêt : « plp modem doctor » indique que faire.")
    with suppress(SystemExit):  # it said how it went
        # By its name: the group of the modems' commands imports this folder.
        root = ctx.find_root()
        group = root.command.get_command(root, "modem")  # type: ignore[attr-defined]
        ctx.invoke(group.get_command(root, "selftest"), name=click.prompt("Modem", default=ready[0]))


def _technician(_ctx: click.Context, installation: Installation) -> None:
    number = click.prompt("Numéro du technicien")
    with installation.open_database():
        purpose = "Modems, serveur et e-mails en panne"
        save_directory_entry(None, "Technicien", purpose, number, operator(), utc_now())


def _members(ctx: click.Context, _installation: Installation) -> None:
    file = Path(click.prompt("Fichier CSV ou XLSX de la liste"))
    ctx.invoke(import_file, file=file, dry_run=False, welcome=False, as_json=False)


def _mail(_ctx: click.Context, installation: Installation) -> None:
    if not installation.settings().mail.sender:
        raise Refusal("Remplissez [mail] from et smtp dans {path}, puis recommencez.", path=installation.config)
    click.echo(check_mail(installation.settings()))


def _backup(ctx: click.Context, installation: Installation) -> None:
    if installation.settings().backup.recipient:
        ctx.invoke(backup, only_list=False)
        return
    click.echo("La clé privée ouvre toutes les sauvegardes : conservez-la hors de ce serveur.")
    ctx.invoke(backup_key, file=Path(click.prompt("Fichier de la clé, par exemple sur une clé USB")))
    click.echo(f"Mettez cette clé publique dans [backup] recipient, et un endroit dans to ({installation.config}).")


def _sound(ctx: click.Context, _installation: Installation) -> None:
    with suppress(SystemExit):  # it said what is wrong
        ctx.invoke(check)


_STEPS: dict[str, Callable[[click.Context, Installation], None]] = {
    "setup_zone": _zone,
    "setup_admin": _admin,
    "setup_certificate": _certificate,
    "setup_modem": _modem,
    "setup_test": _test,
    "setup_technician": _technician,
    "setup_members": _members,
    "setup_mail": _mail,
    "setup_backup": _backup,
    "setup_sound": _sound,
}

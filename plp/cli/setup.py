"""`plp setup`: the questions of a new box, as « Mise en service » lists them; `plp certificate`: the console's TLS."""

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from base.settings.values import Settings
from db.engine.clock import utc_now
from db.engine.files import write_whole
from db.engine.privileges import as_caller
from db.modems.status import modem_cards
from db.operations.installation import Installation
from db.people.accounts.accounts import admin_exists
from db.people.zone import zone
from plp.cli.administration import import_file, setup_url
from plp.cli.backup import backup, backup_key
from plp.cli.checking import check
from plp.cli.speech import phrase, said, say, warn
from plp.cli.terminal import CALLERS_FILE, EVERYWHERE, answer, content, json_option, operator, shape, tell_json
from plp.jobs.smtp.connection import check_mail
from plp.services.accounts.links import issue_link
from plp.services.certificates import CertificateCard, card_of, made, own_names, require_usable
from plp.services.machine import ZONE_QUESTIONS, bring_up_to_date, first_steps, shortcomings
from plp.services.zone import name_zone, save_directory_entry
from rules.calendar import LOCAL
from rules.numbers import ZONE_RULES, written_telephone
from rules.refusals import Refusal, Spoken
from rules.sentences import coded

YES = frozenset({"o", "oui", "y", "yes", "j", "ja"})
NO = frozenset({"n", "non", "no", "nee", "nein"})


@click.group(invoke_without_command=True)
@click.pass_context
def certificate(context: click.Context) -> None:
    """Le certificat TLS de la console ; sans autre mot, en créer un (new)."""
    if context.invoked_subcommand is None:
        context.invoke(new, names=(), yes=False)


@certificate.command("new")
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="Nom ou adresse supplémentaire ; option répétable."
)
@click.option("--yes", is_flag=True, help="Remplacer aussi un certificat signé par une autorité.")
@click.pass_obj
def new(installation: Installation, names: tuple[str, ...], yes: bool) -> None:
    """Créer un certificat auto-signé de 397 jours ; il remplace l'ancien."""
    settings = installation.settings()
    path = _places(settings)[0]
    with as_caller():
        exists = path.exists()
    if exists and not card_of(content(path)).is_self_signed and not yes:
        raise Refusal("Le certificat actuel est signé par une autorité. Ajoutez --yes pour le remplacer.")
    pem, key = made([*names, *_own_names(settings), *own_names()], utc_now())
    _put(settings, pem, key)


@certificate.command("take")
@click.argument("certificate_file", metavar="CERTIFICATE", type=CALLERS_FILE)
@click.argument("key_file", metavar="KEY", type=CALLERS_FILE)
@click.pass_obj
def take(installation: Installation, certificate_file: Path, key_file: Path) -> None:
    """Installer le certificat de la zone et sa clé, s'ils correspondent et sont valables."""
    settings = installation.settings()
    pem, key = content(certificate_file), content(key_file)
    card = require_usable(pem, key, utc_now())
    uncovered = [name for name in _own_names(settings) if "." in name and not card.covers(name)]
    _put(settings, pem, key)
    if uncovered:
        warn("Attention : ce certificat ne couvre pas {names}.", names=tuple(uncovered))


@certificate.command("show")
@click.pass_obj
def show(installation: Installation) -> None:
    """Afficher ses noms, son échéance et son empreinte. Statut 1 s'il est inutilisable."""
    settings = installation.settings()
    files = settings.console.certificate, settings.console.key
    if files[0] is None or files[1] is None:
        raise Refusal("La console n'a pas de certificat ([console] certificate et key sont vides dans config.ini).")
    _tell(card_of(content(files[0])), utc_now())
    require_usable(content(files[0]), content(files[1]), utc_now())


def _own_names(settings: Settings) -> list[str]:
    """The names by which people may reach the console: those of config.ini, and this machine's."""
    listens = settings.console.host if settings.console.host not in EVERYWHERE else ""
    public = urlsplit(settings.mail.public_url).hostname or ""
    return [name for name in (public, listens, socket.gethostname(), "localhost", "127.0.0.1", "::1") if name]


def _places(settings: Settings) -> tuple[Path, Path]:
    """The paths of the certificate and its key: as set in config.ini, else beside it."""
    folder, console = settings.folder / "tls", settings.console
    return console.certificate or folder / "console.crt", console.key or folder / "console.key"


def _put(settings: Settings, pem: bytes, key: bytes) -> None:
    places = _places(settings)
    try:
        with as_caller():
            was_there = places[0].exists()
            for path, content, mode in zip(reversed(places), (key, pem), (None, 0o644), strict=True):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, content, mode)
    except OSError as error:
        raise Refusal("Impossible d'écrire {path} : {why}.", path=error.filename, why=error.strerror) from None
    _tell(card_of(pem), utc_now())
    if settings.console.certificate is None:
        say("Écrivez dans config.ini, sous [console] :")
        click.echo(f"certificate = {places[0]}\nkey = {places[1]}")
    if was_there or settings.console.certificate is None:  # else no console can have started with it
        say("Pour l'activer : « sudo systemctl restart plp-console ».")


def _tell(card: CertificateCard, now: datetime) -> None:
    answer(**shape(card, "fingerprint", "ends_at", "is_self_signed"), names=list(card.names))
    say("Pour : {names}", names=tuple(card.names))
    ends = f"{card.ends_at.astimezone(LOCAL):%d/%m/%Y}"
    if card.ends_soon(now):
        say("Jusqu'au {day} : renouvelez-le bientôt", day=ends)
    else:
        say("Jusqu'au {day}", day=ends)
    say("Empreinte SHA-256 : {fingerprint}", fingerprint=card.fingerprint)
    if card.is_self_signed:
        say("Certificat auto-signé : à la première visite, comparez cette empreinte à celle du navigateur.")


@click.command()
@click.option(
    "--list", "only_list", is_flag=True, help="Afficher seulement les étapes manquantes ; statut 1 s'il en reste."
)
@json_option
@click.pass_context
def setup(ctx: click.Context, only_list: bool, as_json: bool) -> None:
    """Mettre le serveur en service : chaque étape manquante est proposée. La commande peut être relancée."""
    installation: Installation = ctx.obj
    if as_json and not only_list:
        raise click.UsageError(phrase("--json va avec --list : les questions n'ont pas de document."))
    if not only_list:
        with installation.any_database() as database:
            bring_up_to_date(database, installation.settings().zone, second_factor=True)
        _ask(ctx, installation)
    with installation.open_database():
        steps = first_steps(installation.settings(), utc_now())
        wrong = shortcomings(installation.settings(), utc_now())
    if as_json:
        told = {step: list(map(str, wrong.get(step, ()))) for step in steps}
        done = [{"step": step, "done": is_done, "faults": told[step]} for step, is_done in steps.items()]
        tell_json({"done": all(steps.values()), "steps": done})
    for step, is_done in () if as_json else steps.items():
        click.echo(f"{'ok   ' if is_done else phrase('MANQUE')} {said(coded(step))}")
        for shortcoming in wrong.get(step, ()):
            click.echo(f"         {said(shortcoming)}")
    if not all(steps.values()):
        ctx.exit(1)


def _is_yes(answer: str) -> bool:
    """In the technician's language. Raises BadParameter."""
    if (word := answer.strip().casefold()) in YES | NO:
        return word in YES
    raise click.BadParameter(phrase("répondez « o » (oui) ou « n » (non)"))


def _answer(question: str, rule: Callable[[str], str], default: str | None = None) -> str:
    """The answer as this rule reads it; asked again for one that it refuses, and for a yes or no, meant for another."""

    def read(typed: str) -> str:
        if (text := " ".join(typed.split())).casefold() in YES | NO:
            raise click.BadParameter(
                phrase("« {text} » ne répond pas à cette question (Ctrl-C arrête tout)", text=text)
            )
        try:
            return rule(text)
        except Refusal as refusal:
            raise click.BadParameter(said(refusal)) from None

    return str(click.prompt(question, default=default, value_proc=read))


def _list_there(text: str) -> str:
    """The path of a file that can be read."""
    content(Path(text), 1)
    return text


def _new_file(text: str) -> str:
    """The path of a file that is still to be made, in a folder that exists."""
    with as_caller():
        if not Path(text).parent.is_dir() or Path(text).exists():
            raise Refusal("{file} : donnez un nouveau fichier, dans un dossier qui existe.", file=text)
    return text


def _one_of(names: Sequence[str]) -> Callable[[str], str]:
    """The name of one of these modems."""

    def rule(text: str) -> str:
        if text not in names:
            raise Refusal("{name} n'est pas un modem prêt : {known}.", name=text, known=tuple(names))
        return text

    return rule


def _ask(ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        missing = [step for step, is_done in first_steps(installation.settings(), utc_now()).items() if not is_done]
    for step in missing:
        words = said(coded(step))
        asked = phrase("{step} : faire cette étape maintenant ? [O/n]", step=f"{words[0].upper()}{words[1:]}")
        if not click.prompt(f"\n{asked}", default="o", show_default=False, value_proc=_is_yes):
            continue
        try:
            _STEPS[step](ctx, installation)
        except Spoken as refusal:  # the next one may be done all the same
            click.echo(said(refusal), err=True)


def _zone(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        known = zone()
        typed = {
            field: _answer(said(coded(f"setup_zone_{field}")), ZONE_RULES[field], getattr(known, field) or None)
            for field in ZONE_QUESTIONS
        }
        name_zone(replace(known, **typed), operator(), utc_now())


def _admin(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        if admin_exists():
            say(
                "Un administrateur est enregistré : il doit activer son deuxième facteur dans la console, page "
                "« Mon compte »."
            )
            return
        link = setup_url(installation, issue_link(None, operator(), utc_now()))
    say("Ouvrez ce lien (à usage unique, 24 h) quand la console fonctionne : {link}", link=link)


def _modem(_ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        cards = modem_cards(utc_now())
    for card in cards:
        told = card.told or card.state
        say("{name} ({host}) : {told}", name=card.name, host=card.host, told=told)
    if not cards:
        say("Aucun modem détecté : branchez-le, attendez une minute. « plp modem doctor » indique que faire.")


def _test(ctx: click.Context, installation: Installation) -> None:
    with installation.open_database():
        ready = [card.name for card in modem_cards(utc_now()) if card.state == "ready"]
    if not ready:
        raise Refusal("Aucun modem prêt : « plp modem doctor » indique que faire.")
    with suppress(SystemExit):  # it said how it went
        # By its name: the group of the modems' commands imports this folder.
        root = ctx.find_root()
        group = root.command.get_command(root, "modem")  # type: ignore[attr-defined]
        ctx.invoke(group.get_command(root, "selftest"), name=_answer("Modem", _one_of(ready), ready[0]))


def _technician(_ctx: click.Context, installation: Installation) -> None:
    number = _answer(phrase("Numéro du technicien"), written_telephone)
    with installation.open_database():
        save_directory_entry(None, "Technicien", "Modems, serveur et e-mails en panne", number, operator(), utc_now())


def _members(ctx: click.Context, _installation: Installation) -> None:
    file = Path(_answer(phrase("Fichier CSV ou XLSX de la liste"), _list_there))
    ctx.invoke(import_file, file=file, dry_run=False, welcome=False, as_json=False)


def _mail(_ctx: click.Context, installation: Installation) -> None:
    if not installation.settings().mail.sender:
        raise Refusal("Remplissez [mail] from et smtp dans {path}, puis recommencez.", path=installation.config)
    click.echo(said(check_mail(installation.settings())))


def _backup(ctx: click.Context, installation: Installation) -> None:
    if installation.settings().backup.recipient:
        ctx.invoke(backup, only_list=False)
        return
    say("La clé privée ouvre toutes les sauvegardes : conservez-la hors de ce serveur.")
    ctx.invoke(backup_key, file=Path(_answer(phrase("Fichier de la clé, par exemple sur une clé USB"), _new_file)))
    say(
        "Mettez cette clé publique dans [backup] recipient, et un endroit dans to ({config}).",
        config=installation.config,
    )


def _sound(ctx: click.Context, _installation: Installation) -> None:
    with suppress(SystemExit):  # it said what is wrong
        ctx.invoke(check)


_STEPS: dict[str, Callable[[click.Context, Installation], None]] = {
    "setup_zone": _zone,
    "setup_admin": _admin,
    "setup_certificate": lambda ctx, _installation: ctx.invoke(new, names=(), yes=False),
    "setup_modem": _modem,
    "setup_test": _test,
    "setup_technician": _technician,
    "setup_members": _members,
    "setup_mail": _mail,
    "setup_backup": _backup,
    "setup_sound": _sound,
}

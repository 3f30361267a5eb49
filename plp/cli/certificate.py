"""`plp certificate`: the console's TLS certificate."""

import socket
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from db.engine.clock import utc_now
from db.engine.files import write_whole
from db.engine.privileges import as_caller
from db.operations.installation import Installation
from plp.cli.terminal import CALLERS_FILE, content
from plp.services.certificates import CertificateCard, card_of, made, require_usable
from plp.settings.values import Settings
from rules.calendar import LOCAL
from rules.refusals import Refusal

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (an address to leave out, none to listen on)


@click.group(invoke_without_command=True)
@click.pass_context
def certificate(context: click.Context) -> None:
    """Le certificat TLS de la console ; sans autre mot, en créer un (new)."""
    if context.invoked_subcommand is None:
        context.invoke(new, names=(), yes=False)


@certificate.command("new")
@click.option("--name", "names", multiple=True, metavar="NOM", help="Nom ou adresse supplémentaire ; option répétable.")
@click.option("--yes", is_flag=True, help="Remplacer aussi un certificat signé par une autorité.")
@click.pass_obj
def new(installation: Installation, names: tuple[str, ...], yes: bool) -> None:
    """Créer un certificat auto-signé de 397 jours ; il remplace l'ancien."""
    settings = installation.settings()
    path = _places(settings)[0]
    with as_caller():
        exists = path.exists()
    current = card_of(content(path)) if exists else None
    if current is not None and not current.is_self_signed and not yes:
        raise Refusal("Le certificat actuel est signé par une autorité. Ajoutez --yes pour le remplacer.")
    pem, key = made([*names, *_own_names(settings)], utc_now())
    _put(settings, pem, key)


@certificate.command("take")
@click.argument("certificate_file", metavar="CERTIFICAT", type=CALLERS_FILE)
@click.argument("key_file", metavar="CLÉ", type=CALLERS_FILE)
@click.pass_obj
def take(installation: Installation, certificate_file: Path, key_file: Path) -> None:
    """Installer le certificat de la zone et sa clé, s'ils correspondent et sont valables."""
    settings = installation.settings()
    pem, key = content(certificate_file), content(key_file)
    card = require_usable(pem, key, utc_now())
    uncovered = [name for name in _own_names(settings) if "." in name and not card.covers(name)]
    _put(settings, pem, key)
    if uncovered:
        click.echo(f"Attention : ce certificat ne couvre pas {', '.join(uncovered)}.", err=True)


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
        raise Refusal("{path} ne peut pas être écrit : {why}.", path=error.filename, why=error.strerror) from None
    _tell(card_of(pem), utc_now())
    if settings.console.certificate is None:
        click.echo(f"Écrivez dans config.ini, sous [console] :\ncertificate = {places[0]}\nkey = {places[1]}")
    if was_there or settings.console.certificate is None:  # else no console can have started with it
        click.echo("Pour l'activer : « sudo systemctl restart plp-console ».")


def _tell(card: CertificateCard, now: datetime) -> None:
    click.echo(f"Pour : {', '.join(card.names)}")
    ends = card.ends_at.astimezone(LOCAL)
    click.echo(f"Jusqu'au {ends:%d/%m/%Y}" + (" : renouvelez-le bientôt" if card.ends_soon(now) else ""))
    click.echo(f"Empreinte SHA-256 : {card.fingerprint}")
    if card.is_self_signed:
        click.echo("Certificat auto-signé : à la première visite, comparez cette empreinte à celle du navigateur.")

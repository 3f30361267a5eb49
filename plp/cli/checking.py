"""`plp check`: what this machine needs in order to work, line by line."""

import shutil
import sys
from collections.abc import Callable

import click

from db.engine.clock import utc_now
from db.engine.files import SECRET_KEY, state_folder
from db.engine.health import write_trouble
from db.operations.installation import Installation
from db.operations.lineage import is_damage_untold
from db.operations.secret_files import secret_files
from rules.calendar import clock, day
from rules.refusals import Refusal, Spoken
from rules.sentences import CodedRefusal


@click.command()
@click.pass_obj
def check(installation: Installation) -> None:
    """Vérifier la configuration, la base de données, les ports et l'e-mail : une ligne chacun."""
    checks: list[tuple[str, Callable[[Installation], str]]] = [
        ("configuration", _check_configuration),
        ("secrets", _check_secrets),
        ("base de données", _check_schema),
        ("ports", _check_ports),
        ("e-mail", _check_mail),
        ("alarmes", _check_alarms),
        ("boîte de réception", _check_mailbox),
        ("plan de secours", _check_plan_b),
        ("sauvegarde", _check_backup),
        ("disque", _check_disk),
        ("horloge", _check_clock),
    ]
    failed = False
    for name, look in checks:
        try:
            click.echo(f"ok    {name} : {look(installation)}")
        except Spoken as refusal:
            failed = True
            click.echo(f"NON   {name} : {refusal}")
            if name == "configuration":
                break  # the others would only say the same
    if failed:
        sys.exit(1)


def _check_configuration(installation: Installation) -> str:
    from console.web.serving import check_certificate, check_exposure

    console = installation.settings().console
    check_exposure(console)
    check_certificate(console)
    return str(installation.settings().path)


def _check_secrets(installation: Installation) -> str:
    files = secret_files(installation.settings())
    exposed = [str(file.trouble) for file in files if file.trouble]
    if exposed:
        raise Refusal("{exposed}", exposed=" ".join(exposed))
    said = (
        f"{file.key} ({file.owner}, {file.mode:04o}, pour {file.reader})" for file in files if file.mode is not None
    )
    return ", ".join(said) or "aucun fichier"


def _check_second_factors(installation: Installation) -> None:
    """A console made its own key beside another one's: no code of an app would ever be right."""
    from console.web.session import secret_key
    from db.people.accounts.factors import Seal, opens_none

    folder = state_folder(installation.settings())
    has_console = (folder / SECRET_KEY).exists()
    if has_console and opens_none(Seal(secret_key(folder))):
        raise Refusal(
            "{path} n'est pas la clé qui a chiffré les applications d'authentification : aucun code n'est accepté ici. "
            "Copiez ce fichier depuis l'autre console ; s'il est perdu, chacun active de nouveau son deuxième facteur",
            path=folder / SECRET_KEY,
        )


def _check_schema(installation: Installation) -> str:
    with installation.open_database():
        if trouble := write_trouble(thorough=True):
            raise Refusal("{trouble}", trouble=trouble.inside)
        if is_damage_untold():
            raise Refusal(
                "endommagée à l'ouverture : les dernières actions sont perdues ; lancez le service des modems : "
                "il bloque les SMS en attente, et un policier décide"
            )
        _check_second_factors(installation)
        return installation.database_name


def _check_ports(installation: Installation) -> str:
    from modem.discovery.bus import bus_verdicts
    from modem.doctor.targets import check_ports

    return check_ports(installation.settings(), bus_verdicts() or ())


def _check_mail(installation: Installation) -> str:
    from plp.jobs.smtp.connection import check_mail

    settings = installation.settings()
    if not settings.mail.sender:
        return "pas configuré ([mail] from est vide), aucun e-mail n'est envoyé"
    return check_mail(settings)


def _check_alarms(installation: Installation) -> str:
    from plp.jobs.alarms.telling import check_channels

    with installation.open_database():
        return ", ".join(check_channels(installation.settings(), utc_now())) or "aucun canal n'est configuré"


def _check_mailbox(installation: Installation) -> str:
    from plp.jobs.imap.watch import check_mailbox

    return check_mailbox(installation.settings().mail)


def _check_plan_b(installation: Installation) -> str:
    from db.operations.plan_b import plan_b_troubles
    from plp.jobs.plan_b import password_of

    settings = installation.settings()
    with installation.open_database():
        troubles = plan_b_troubles(settings)
    if troubles:
        raise Refusal("{troubles}", troubles=" ".join(map(str, troubles)))
    if settings.plan_b.password_file is None:
        return "pas d'export ([plan_b] password_file est vide)"
    password_of(settings)
    return f"export chaque nuit à {settings.plan_b.at:%H:%M}"


def _check_backup(installation: Installation) -> str:
    from db.journal import audit
    from plp.services.backup.places import backups_in, place_of

    settings = installation.settings()
    if not settings.backup.recipient:
        return "pas configurée ([backup] recipient est vide) : une panne du disque détruit tout"
    kept = backups_in(place_of(settings).names(), settings.host)
    with installation.open_database():
        last = audit.newest("backup_made")
    if last is not None and last.detail.get("left_out"):
        raise CodedRefusal("backup_incomplete", files=last.detail["left_out"])
    return f"{len(kept)} conservées dans {settings.backup.to}, la dernière : {kept[0] if kept else '–'}"


def _check_disk(installation: Installation) -> str:
    from db.operations.machine.disk import LEAST_FREE_BYTES, forecast

    settings = installation.settings()
    with installation.open_database():
        total, _used, free = shutil.disk_usage(state_folder(settings))
        rate = forecast(settings.host, utc_now())
    state = f"{free / 1024**3:.1f} Go libres sur {total / 1024**3:.1f} Go. {rate.words}"
    if free < LEAST_FREE_BYTES or rate.is_soon:
        raise Refusal("{state}", state=state)
    return state


def _check_clock(installation: Installation) -> str:
    from db.operations.machine.clock import behind, latest_time

    now = utc_now()
    with installation.open_database():
        if behind(now) and (latest := latest_time()):
            raise CodedRefusal("clock_behind", host=installation.settings().host, latest=day(latest))
    return clock(now)

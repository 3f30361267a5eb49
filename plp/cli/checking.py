"""`plp check`: what this machine needs, line by line; the faults are those of doctor, incidents and first steps."""

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta

import click

from base.settings.misfits import misfits, oddities
from base.settings.values import Settings
from db.engine.clock import utc_now
from db.engine.files import SECRET_KEY, state_folder
from db.engine.health import write_trouble
from db.modems.readiness import known_processes, missing
from db.operations.installation import Installation, secret_files
from db.operations.lineage import is_damage_untold
from db.operations.machine import forecast
from db.operations.monitoring import nobody_beats
from plp.cli.speech import phrase, said, say, word
from plp.cli.terminal import EVERYWHERE, answer, shape
from plp.services.machine import first_steps, machine_faults
from plp.services.reach import looping, unreached
from plp.serving import check_certificate, is_served, listening_socket, secret_key
from rules.calendar import clock
from rules.readiness import PROCESSES, silence_of
from rules.refusals import Refusal, Spoken
from rules.sentences import CodedRefusal, StoreFault, coded, refusing

OK, NO, WARNS, NOTES = "ok", "NON", "!", "i"
Line = tuple[str, str]
# Findings of the doctor that the lines of the configuration, with its place, and of the database say already.
_SAID = ("config_odd.", "pin_file_", "database_", "process_")
_MARKS = {"fault": NO, "warning": WARNS, "note": NOTES}
_DATABASE = "base de données"
# The key that a sentence of config.ini is about.
_KEY = re.compile(r"^\[([\w:-]+)\](?: (\w+))?")


@click.command()
@click.pass_obj
def check(installation: Installation) -> None:
    """Vérifier la configuration, la base de données, les modems, l'e-mail et le serveur : une ligne par point."""
    told = []
    for name, mark, sentence in _lines(installation):
        told.append({"name": name, "mark": mark, "sentence": sentence})
        shown = phrase("NON") if mark == NO else mark
        say("{mark} {name} : {sentence}", mark=f"{shown:<5}", name=word(name), sentence=sentence)
    failed = any(line["mark"] == NO for line in told)
    answer(ok=not failed, checks=told)
    if failed:
        sys.exit(1)


def _lines(installation: Installation) -> Iterator[tuple[str, str, str]]:
    """The name of each look, with what it says. A fault of the database that ends several of them is said once."""
    ended: dict[str, list[str]] = {}
    for name, look in _LOOKS.items():
        try:
            for mark, sentence in look(installation):
                yield name, mark, sentence if mark == OK else _placed(installation, sentence)
        except StoreFault as fault:
            ended.setdefault(said(fault), []).append(name)
        except Spoken as refusal:
            yield name, NO, _placed(installation, said(refusal))
        if name == "configuration" and "_settings" not in vars(installation):
            return  # the others would only say the same
    for sentence, names in ended.items():
        others = [name for name in names if name != _DATABASE]
        yield _DATABASE, NO, _placed(installation, sentence)
        if others:
            yield ", ".join(map(word, others)), NOTES, phrase("non vérifié sans la base de données")


def _placed(installation: Installation, sentence: str) -> str:
    """With the file and line of the key that it begins with."""
    key = _KEY.match(sentence)
    if key is None:
        return sentence
    lines = installation.settings().lines
    line = lines.get((key[1], key[2] or "")) or lines.get((key[1], ""))
    path = installation.settings().path
    return phrase("{path}, ligne {line} : {sentence}", path=path, line=line, sentence=sentence) if line else sentence


def _configuration(installation: Installation) -> Iterator[Line]:
    settings = installation.settings()
    wrong = [(NO, said(sentence)) for _section, sentence in misfits(settings)]
    wrong += [(WARNS, said(sentence)) for _section, sentence in oddities(settings)]
    yield from wrong or [(OK, str(settings.path))]


def _console(installation: Installation) -> Iterator[Line]:
    settings = installation.settings()
    has_certificate = check_certificate(settings.console) is not None
    with installation.open_database():
        faults = _faults(installation, "certificate")
    if not is_served(settings.console):
        listening_socket(settings.console).close()
    yield from faults
    if not has_certificate:
        yield WARNS, phrase("pas de certificat ([console] certificate est vide) : elle ne s'ouvre que sur ce serveur")
    elif settings.console.host in EVERYWHERE and (lacking := _uncovered(settings)):
        sentence = phrase(
            "le certificat ne vaut pas pour {names} : « plp certificate new » en crée un autre", names=tuple(lacking)
        )
        yield WARNS, sentence
    elif not faults:
        yield OK, f"{settings.console.host}:{settings.console.port}"


def _uncovered(settings: Settings) -> list[str]:
    from plp.services.certificates import card_of, uncovered_names

    return uncovered_names(card_of(settings.console.certificate.read_bytes())) if settings.console.certificate else []


def _secrets(installation: Installation) -> Iterator[Line]:
    files = secret_files(installation.settings())
    exposed = [(NO, said(file.trouble)) for file in files if file.trouble]
    kept = [
        phrase(
            "{key} ({owner}, {mode}, pour {reader})", **shape(file, "key", "owner", "reader"), mode=f"{file.mode:04o}"
        )
        for file in files
        if file.mode is not None
    ]
    yield from exposed or [(OK, ", ".join(kept) or phrase("aucun fichier"))]


def _database(installation: Installation) -> Iterator[Line]:
    with installation.open_database():
        if trouble := write_trouble(thorough=True):
            raise Refusal("{trouble}", trouble=trouble.inside)
        if is_damage_untold():
            raise Refusal(
                "endommagée à l'ouverture : les dernières actions sont perdues ; lancez le service des modems : "
                "il bloque les SMS en attente, et un policier doit décider"
            )
        _require_second_factors(installation)
        if shut := unreached(installation.settings()):
            raise Refusal("{shut}", shut=shut)
        yield from _faults(installation, "database") or [(OK, installation.database_name)]


def _require_second_factors(installation: Installation) -> None:
    """A console made its own key beside another one's: no code of an app would ever be right."""
    from db.people.accounts.factors import Seal, opens_none

    folder = state_folder(installation.settings())
    if (folder / SECRET_KEY).exists() and opens_none(Seal(secret_key(folder))):
        raise Refusal(
            "{path} n'est pas la clé qui a chiffré les applications d'authentification : aucun code n'est accepté ici. "
            "Copiez ce fichier depuis l'autre console ; s'il est perdu, chacun active de nouveau son deuxième facteur",
            path=folder / SECRET_KEY,
        )


def _services(installation: Installation) -> Iterator[Line]:
    """The units of this machine that loop, and the processes of every host that shares the database."""
    units, now = looping(), utc_now()
    for unit in units:
        yield (
            NO,
            phrase(
                "{unit} s'arrête et redémarre sans cesse : « sudo journalctl -u {unit} -n 20 » indique la cause",
                unit=unit,
            ),
        )
    with installation.open_database():
        gone, known = missing(now), known_processes(now)
    yield from ((NO, said(silence_of(other, clock(other.since)))) for other in gone)
    never = [name for name in PROCESSES if name not in {process for _host, process in known}]
    for name in never:
        yield (
            WARNS,
            phrase(
                "le service {service} n'a jamais démarré : « sudo systemctl start plp-{name} »",
                service=coded(f"process_{name}"),
                name=name,
            ),
        )
    if not gone and not never and not units:
        yield OK, ", ".join(f"{process} ({host})" for host, process in known)


def _modems(installation: Installation) -> Iterator[Line]:
    """The doctor's findings; a service that was stopped properly is no fault of the box."""
    from modem.doctor.gathering import gather
    from modem.doctor.report import diagnose, is_healthy

    facts = gather(installation, None)
    findings, rests = diagnose(facts), _rests(installation)
    for finding in findings:
        if finding.title.code.startswith(_SAID):
            continue
        section = f"[modem:{finding.modem}] " if finding.modem else ""
        key = next((key for key in ("pin_file", "imei", "device") if section and key in str(finding.advice)), "")
        mark = WARNS if rests and finding.title.code == "daemon_stopped.title" else _MARKS[finding.severity]
        told = phrase("{title}. {advice}", title=finding.title, advice=finding.advice)
        yield mark, f"{section}{key}{' : ' if section else ''}{told}"
    if is_healthy(facts, findings):
        yield OK, ", ".join(modem.name for modem in facts.modems) or "–"
    elif facts.judgement and all(finding.severity != "fault" for finding in findings):
        yield NO, said(facts.judgement.sentence)


def _rests(installation: Installation) -> bool:
    with suppress(Spoken), installation.open_database():
        return not nobody_beats("modem", utc_now(), timedelta(minutes=1))
    return False


def _mail(installation: Installation) -> Iterator[Line]:
    from plp.jobs.smtp.connection import check_mail

    settings = installation.settings()
    if settings.mail.sender:
        yield OK, said(check_mail(settings))
    else:
        yield WARNS, phrase("pas configuré ([mail] from est vide), aucun e-mail n'est envoyé")


def _alarms(installation: Installation) -> Iterator[Line]:
    from plp.jobs.alarms.telling import check_channels

    settings = installation.settings()
    configured = {"mail": settings.mail.sender, "text": settings.sending.duty_phone}
    configured |= {section.name: section.name for section in settings.channels}
    with installation.open_database():
        opened = check_channels(settings, utc_now())
    waits = [name for name, given in configured.items() if given and name not in opened]
    if waits:
        names = ", ".join(waits)
        yield WARNS, phrase("{names} : en attente d'un modem prêt, ou plafond d'une heure atteint", names=names)
    if opened or not waits:
        yield OK, ", ".join(opened) or phrase("aucun canal n'est configuré")


def _mailbox(installation: Installation) -> Iterator[Line]:
    from plp.jobs.imap.watch import check_mailbox

    yield OK, said(check_mailbox(installation.settings().mail))


def _plan_b(installation: Installation) -> Iterator[Line]:
    from db.operations.plan_b import plan_b_troubles
    from plp.jobs.backup import password_of

    settings = installation.settings()
    with installation.open_database():
        yield from ((NO, said(trouble)) for trouble in plan_b_troubles(settings))
    if settings.plan_b.password_file is None:
        yield OK, phrase("pas d'export ([plan_b] password_file est vide)")
        return
    password_of(settings)
    yield OK, phrase("export chaque nuit à {time}", time=f"{settings.plan_b.at:%H:%M}")


def _backup(installation: Installation) -> Iterator[Line]:
    from db.engine.copies import require_programs
    from db.journal import audit
    from plp.services.backup.places import backups_in, place_of

    settings = installation.settings()
    if not settings.backup.recipient:
        yield WARNS, phrase("pas configurée ([backup] recipient est vide) : une panne du disque détruit tout")
        return
    kept = backups_in(place_of(settings).names(), settings.host)
    with installation.open_database():
        with refusing():
            require_programs(settings)
        last = audit.newest("backup_made")
        faults = _faults(installation, "backup")
    if last is not None and last.detail.get("left_out"):
        raise CodedRefusal("backup_incomplete", files=last.detail["left_out"])
    if not kept:
        none = phrase("aucune sauvegarde dans {folder} : « plp backup » en crée une", folder=settings.backup.to)
        faults.append((NO, none))
    yield from faults or [(OK, _kept(kept, settings))]


def _kept(names: list[str], settings: Settings) -> str:
    about = {"n": len(names), "folder": settings.backup.to, "last": names[0]}
    return phrase("{n} conservées dans {folder}, la dernière : {last}", **about)


def _disk(installation: Installation) -> Iterator[Line]:
    settings = installation.settings()
    with installation.open_database():
        total, _used, free = shutil.disk_usage(state_folder(settings))
        rate = forecast(settings.host, utc_now())
        sizes = {"free": f"{free / 1024**3:.1f}", "total": f"{total / 1024**3:.1f}"}
        state = phrase("{free} Go libres sur {total} Go. {rate}", rate=rate.words, **sizes)
        yield from _faults(installation, "disk", "disk_fills") or [(OK, state)]


def _clock(installation: Installation) -> Iterator[Line]:
    with installation.open_database():
        yield from _faults(installation, "clock") or [(OK, clock(utc_now()))]


def _first_steps(installation: Installation) -> Iterator[Line]:
    with installation.open_database():
        steps = first_steps(installation.settings(), utc_now())
    missing = [said(coded(step)) for step, is_done in steps.items() if not is_done and step != "setup_sound"]
    if missing:
        yield WARNS, phrase("à faire : {steps}. « plp setup » les demande", steps=" ; ".join(missing))
    else:
        yield OK, phrase("faite")


def _faults(installation: Installation, *kinds: str) -> list[Line]:
    """The faults of these kinds, in the words of incidents and first steps."""
    faults = machine_faults(installation.settings(), utc_now())
    return [(NO, said(fault.sentence)) for fault in faults if fault.kind in kinds]


_LOOKS: dict[str, Callable[[Installation], Iterable[Line]]] = {
    "configuration": _configuration,
    "console": _console,
    "secrets": _secrets,
    _DATABASE: _database,
    "services": _services,
    "modems": _modems,
    "e-mail": _mail,
    "alarmes": _alarms,
    "boîte de réception": _mailbox,
    "plan de secours": _plan_b,
    "sauvegarde": _backup,
    "disque": _disk,
    "horloge": _clock,
    "mise en service": _first_steps,
}

"""What is wrong now, as the database and this machine tell it: read only, nothing is remembered here."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine.files import state_folder
from db.inbound.replies.alarms import ringing
from db.inbound.replies.held import held_stops
from db.modems.budgets.board import board
from db.modems.judgement import SOON, Code, Judgement
from db.modems.readiness import live_hosts, readiness
from db.modems.signal_history import StorageCard, storages
from db.modems.status import ModemCard, modem_cards, twins
from db.operations import monitoring
from db.operations.secret_files import secret_files
from db.operations.wal_damage import recent_damage
from db.settings.values import Settings
from plp.rules.calendar import clock

AT_ONCE = timedelta()
# After a power cut everything looks silent and late until each process has begun.
AWAKE = timedelta(minutes=2)
# A modem that is reset is back within two minutes, one that is plugged in elsewhere within five.
UNREADY = timedelta(minutes=2)
MODEM_GONE = timedelta(minutes=5)
# While an alert waits, nobody has two minutes; but what only just starts is not in trouble.
URGENT = {Code.STARTING: UNREADY, Code.NO_SERVICE: timedelta(seconds=30)}
SILENT = timedelta(minutes=1)
STANDING = timedelta(minutes=5)
FORGOTTEN = timedelta(minutes=10)
MAIL_STANDS = timedelta(minutes=30)
# A text of alarm rings on every officer's page; then whoever is on duty hears of it.
UNHEARD = timedelta(minutes=5)
# The next alert to everybody, the day's log and a backup fit into this.
LEAST_FREE_BYTES = 500 * 1024 * 1024

# Kinds that this module finds. Whoever opens others ends them too.
SHARED_KINDS = (
    "no_modem", "process", "modem", "budget", "budget_near", "queue", "held", "unconfirmed", "storage", "database",
    "mail_down", "ringing", "stops_held", "twins",
)  # fmt: skip
OWN_KINDS = ("disk", "secret_exposed")
# Told by mail only: nobody need get up for these.
QUIET_KINDS = ("budget_near", "storage", "mailbox", "plan_b", "stops_held", "journal", "secret_exposed")

_BUDGETS = {"day": "SMS du jour", "month": "SMS du mois", "recipients": "destinataires du mois"}
_PROCESSES = {"modem": "des modems", "jobs": "des travaux automatiques", "console": "de la console"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble. It is an incident once it has lasted for `lasting`; `sentence` is French and whole."""

    kind: str
    subject: str
    sentence: str
    lasting: timedelta


def findings(settings: Settings, now: datetime) -> list[Trouble]:
    """Everything that is wrong, whether anybody was told or not. Outside transactions."""
    judged = readiness(now)
    return [
        *_of_sending(judged),
        *_of_processes(now),
        *_of_modems(judged, now),
        *_of_twins(now),
        *_of_budgets(now),
        *_of_the_queue(judged, settings, now),
        *_of_citizens(now),
        *_of_mail(now),
        *_of_the_machine(settings, now),
    ]


def _of_sending(ready: Judgement) -> Iterator[Trouble]:
    if not ready.ready:
        lasting = URGENT.get(ready.code, AT_ONCE) if ready.stands_still else UNREADY
        yield Trouble("no_modem", "", str(ready.sentence), lasting)


def _of_processes(now: datetime) -> Iterator[Trouble]:
    for silence in monitoring.silences(now, SILENT):
        name, since = _PROCESSES.get(silence.process, silence.process), clock(silence.since)
        yield Trouble(
            "process",
            f"{silence.host}/{silence.process}",
            f"Le service {name} de la machine {silence.host} ne donne plus signe de vie depuis le {since} : relancez "
            "« plp run » sur cette machine.",
            AWAKE,
        )


def _of_modems(judged: Judgement, now: datetime) -> Iterator[Trouble]:
    alive = set(live_hosts(now))
    for card in modem_cards(now):
        # Of a host whose daemon is silent nothing is known: that is another incident.
        if card.host not in alive or not card.is_modem:
            continue
        if card.state != "ready":
            why = card.sentence.strip() or f"Il n'est pas prêt ({card.state})."
            lasting = AT_ONCE if judged.urgent_waits and card.state not in SOON else MODEM_GONE
            yield Trouble("modem", f"{card.host}/{card.name}", f"Modem {card.name} ({card.host}). {why}", lasting)
        for storage in storages(card.host, card.name):
            if storage.nearly_full:
                yield Trouble("storage", f"{card.host}/{card.name}/{storage.name}", _full(card, storage), MODEM_GONE)


def _of_twins(now: datetime) -> Iterator[Trouble]:
    for imsi, seats in twins(now).items():
        modems, last = ", ".join(seats), imsi[-4:]
        yield Trouble(
            "twins",
            imsi,
            f"Plusieurs modems annoncent la même carte SIM (IMSI …{last}) : {modems}. Les accusés peuvent se "
            "perdre : retirez l'une des cartes et remplacez-la, ou changez de modem.",
            SILENT,
        )


def _full(card: ModemCard, storage: StorageCard) -> str:
    memory = storage.name
    return (
        f"La mémoire {memory} du modem {card.name} est presque pleine ({storage.used} sur {storage.total}) : pleine, "
        "elle ne reçoit plus ni SMS ni accusé. Redémarrez ce modem."
    )


def _of_budgets(now: datetime) -> Iterator[Trouble]:
    for card in board(now):
        for meter in card.meters if card.present else ():
            subject, imsi, what = f"{card.imsi}/{meter.kind}", card.imsi[-4:], _BUDGETS[meter.kind]
            if meter.tone == "over":
                sentence = (
                    f"La carte SIM du modem {card.modem} (IMSI …{imsi}) est à son plafond, {meter.used} sur "
                    f"{meter.limit} {what} : une alerte demandera une raison, le reste attend."
                )
                yield Trouble("budget", subject, sentence, AT_ONCE)
            elif meter.tone == "near":
                sentence = (
                    f"La carte SIM du modem {card.modem} (IMSI …{imsi}) est près de son plafond : {meter.used} sur "
                    f"{meter.limit} {what}."
                )
                yield Trouble("budget_near", subject, sentence, AT_ONCE)


def _of_the_queue(judged: Judgement, settings: Settings, now: datetime) -> Iterator[Trouble]:
    stands = monitoring.standstill(now, STANDING)
    if stands is not None and judged.ready:
        since = clock(stands.since)
        yield Trouble(
            "queue",
            "",
            f"SMS qui attendent : {stands.parts}. Aucun n'est parti depuis le {since}, alors qu'un modem est prêt : "
            "regardez les modems et les plafonds des cartes SIM.",
            AWAKE,
        )
    for held in monitoring.held():
        yield Trouble(
            "held",
            str(held.broadcast_id),
            f"L'envoi {held.broadcast_id} est retenu ({held.messages} SMS) : un policier décide de l'envoyer ou non.",
            FORGOTTEN,
        )
    for doubt in monitoring.unconfirmed(now) if settings.sending.unconfirmed == "ask" else ():
        yield Trouble(
            "unconfirmed",
            str(doubt.broadcast_id),
            f"L'envoi {doubt.broadcast_id} n'est pas confirmé en entier ({doubt.messages} SMS) : un policier décide de "
            "les renvoyer ou non.",
            FORGOTTEN,
        )


def _of_citizens(now: datetime) -> Iterator[Trouble]:
    for text in ringing(now):
        received = clock(text.received_at)
        yield Trouble(
            "ringing",
            str(text.inbound_id),
            f"Un SMS reçu le {received} parle d'un danger et personne ne s'en occupe : ouvrez Messages reçus, ou "
            "prévenez un policier.",
            UNHEARD,
        )
    held = held_stops()
    if held:
        stops, since = len(held), clock(held[0].received_at)
        yield Trouble(
            "stops_held",
            "",
            f"Demandes STOP retenues : {stops}, depuis le {since}. Il en est venu trop à la fois pour être sûr "
            "qu'elles viennent des membres, qui reçoivent encore les alertes : décidez dans Messages reçus.",
            AT_ONCE,
        )


def _of_mail(now: datetime) -> Iterator[Trouble]:
    outages = monitoring.mail_outages(now)
    for outage in outages:
        since = clock(outage.since)
        yield Trouble(
            "mail_down",
            outage.host,
            f"Le serveur de mail {outage.server} ne prend plus rien depuis le {since} : les mails attendent.",
            MAIL_STANDS,
        )
    overdue = monitoring.mail_overdue_since(now, MAIL_STANDS)
    if overdue is not None and not outages:
        since = clock(overdue)
        yield Trouble("mail_down", "queue", f"Des mails attendent depuis le {since} et rien ne les envoie.", AWAKE)


def _of_the_machine(settings: Settings, now: datetime) -> Iterator[Trouble]:
    if recent_damage(now):
        yield Trouble(
            "database",
            "",
            "La base de données était abîmée au démarrage : les derniers instants manquent. Vérifiez le disque ou la "
            "carte SD, et gardez une sauvegarde.",
            AT_ONCE,
        )
    exposed = next((str(file.trouble) for file in secret_files(settings) if file.trouble), "")
    if exposed:
        yield Trouble("secret_exposed", settings.host, exposed, AT_ONCE)
    free = shutil.disk_usage(state_folder(settings)).free
    if free < LEAST_FREE_BYTES:
        megabytes = free // 1024**2
        yield Trouble(
            "disk",
            settings.host,
            f"Le disque de la machine {settings.host} est presque plein : il reste {megabytes} Mo. Libérez de la "
            "place : plein, il arrête les alertes.",
            AT_ONCE,
        )

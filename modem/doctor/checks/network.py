"""Between the modem and the network: registration, reception, the service centre, reports, storage, the time."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from modem.doctor.checks.facts import Facts, Modem
from modem.doctor.checks.findings import Finding
from plp.rules.calendar import clock

_DENIED, _SEARCHING = 3, 2
_REGISTERED: Final = frozenset({1, 5, 6, 7})
WEAK_DBM: Final = -105
NEARLY_FULL: Final = 0.8
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_NO_SMS_HERE: Final = frozenset({50, 69, 350})
_SIM_REFUSED: Final = frozenset({8, 10, 21, 28, 29, 193})
_SMSC_UNKNOWN: Final = frozenset({330})
_SIM_FULL: Final = frozenset({208, 211, 320, 321, 322})


def network(facts: Facts) -> Iterator[Finding]:
    """All that, for each modem that answers."""
    for modem in facts.modems:
        if modem.answered:
            for look in (_registration, _signal, _generation, _service_centre, _bearer, _refused):
                yield from look(modem)
            yield from _reports(modem)
            yield from _storages(modem)


def clocks(facts: Facts) -> Iterator[Finding]:
    """The box's clock against the network's; told once, by the first modem that knows."""
    for modem in facts.modems:
        ahead = modem.heard.clock_ahead
        if ahead is not None and abs(ahead) > CLOCK_TOLERANCE:
            minutes = round(abs(ahead) / timedelta(minutes=1))
            yield Finding(
                "warning",
                f"L'horloge de cette machine {'avance' if ahead > timedelta() else 'retarde'} de {minutes} min",
                "D'après le réseau. Les délais des alertes et l'historique sont faux d'autant.",
                "Activez l'heure par internet (timedatectl set-ntp true), ou réglez-la (timedatectl set-time).",
                modem.name,
            )
            return


def _registration(modem: Modem) -> Iterator[Finding]:
    told = set(modem.heard.registration.values())
    lost = modem.standing is not None and modem.standing.state == "not_registered"
    if told & _REGISTERED and not lost:
        return
    if _DENIED in told:
        yield Finding(
            "fault",
            "Le réseau refuse cette carte SIM",
            "Elle est bloquée, sans abonnement, sans crédit, ou le modem (IMEI) est bloqué.",
            "Essayez la carte dans un téléphone ; appelez l'opérateur.",
            modem.name,
        )
    elif _SEARCHING in told:
        yield Finding(
            "fault",
            "Le modem cherche un réseau et n'en trouve pas",
            "Pas d'antenne, pas de réception ici, ou un réseau que ce modem ne connaît pas.",
            "Vissez l'antenne, approchez le modem d'une fenêtre ; essayez la carte d'un autre opérateur.",
            modem.name,
        )
    elif told or lost:
        yield Finding(
            "fault",
            "Le modem n'est sur aucun réseau",
            "Il ne cherche même pas : la radio est coupée, ou la carte SIM n'est pas lue.",
            "Débranchez-le et rebranchez-le ; vérifiez la carte SIM.",
            modem.name,
        )


def _signal(modem: Modem) -> Iterator[Finding]:
    dbm = modem.heard.signal_dbm
    if dbm is not None and dbm <= WEAK_DBM:
        yield Finding(
            "warning",
            f"Réception faible ({dbm} dBm)",
            "Des messages échoueront ou tarderont.",
            "Vissez l'antenne, approchez le modem d'une fenêtre, éloignez-le de la machine avec une rallonge USB.",
            modem.name,
        )


def _generation(modem: Modem) -> Iterator[Finding]:
    access = modem.row.access if modem.row else None
    if access in ("2G", "3G"):
        yield Finding(
            "warning",
            f"Ce modem ne connaît pas la 4G ({access})",
            "Les opérateurs belges ferment la 3G : il lui reste la 2G, lente et appelée à disparaître elle aussi.",
            "Prévoyez un modem 4G ; docs/hardware.md dit lesquels ont été essayés.",
            modem.name,
        )
    elif access in ("4G", "5G") and modem.technology == "2G":
        yield Finding(
            "note",
            "Ce modem 4G travaille en 2G",
            "La 4G manque ici, ou l'abonnement ne la comprend pas : les envois sont plus lents.",
            "Essayez un autre endroit ou une autre carte SIM.",
            modem.name,
        )


def _service_centre(modem: Modem) -> Iterator[Finding]:
    if modem.heard.smsc == "" or modem.heard.still_refused(_SMSC_UNKNOWN):
        yield Finding(
            "fault",
            "La carte SIM ne connaît pas son centre de SMS",
            "Sans lui, le réseau ne prend aucun SMS.",
            "Demandez le numéro du centre à l'opérateur et donnez-le dans config.ini : smsc = +32…",
            modem.name,
        )


def _bearer(modem: Modem) -> Iterator[Finding]:
    codes = modem.heard.still_refused(_NO_SMS_HERE)
    refused = sum(modem.heard.refusals[code] for code in codes)
    if refused or modem.heard.bearer == 0:
        yield Finding(
            "fault" if refused else "warning",
            "Pas de SMS sur ce réseau avec ce modem",
            f"{refused} SMS refusés ({_told(modem, codes)}) : l'abonnement ou le modem n'a pas le service SMS en 4G."
            if refused
            else "Le modem n'envoie les SMS que par les données (CGSMS 0).",
            "Demandez à l'opérateur une carte avec SMS ; essayez un autre modem, ou celui-ci en 2G.",
            modem.name,
        )


def _refused(modem: Modem) -> Iterator[Finding]:
    codes = modem.heard.still_refused(_SIM_REFUSED)
    state = modem.standing.state if modem.standing else ""
    if codes or state == "suspended":
        shown = f" ({_told(modem, codes)})" if codes else last_code(modem, " ({code})")
        yield Finding(
            "fault" if state == "suspended" else "warning",
            "L'opérateur a refusé des SMS de cette carte",
            f"Protection contre les envois en masse, crédit, ou abonnement{shown}.",
            "Appelez l'opérateur ; demandez un abonnement qui permet l'envoi d'alertes.",
            modem.name,
        )


def _reports(modem: Modem) -> Iterator[Finding]:
    if modem.heard.reports is False:
        yield Finding(
            "warning",
            "Le modem ne transmet pas les accusés de réception",
            "Il a refusé toutes les façons de les demander (CNMI) : les messages resteront « pris », jamais « remis ».",
            "Mettez son micrologiciel à jour, ou prenez un autre modem ; envoyez-nous son enregistrement.",
            modem.name,
        )


def _storages(modem: Modem) -> Iterator[Finding]:
    full = [use for use in modem.storages if use.total and use.used >= NEARLY_FULL * use.total]
    for use in full:
        yield Finding(
            "warning",
            f"La mémoire {use.name} est presque pleine ({use.used} sur {use.total})",
            "Pleine, elle arrête les accusés et les SMS qui arrivent.",
            "Le service la vide de lui-même ; si elle reste pleine, effacez les SMS de la carte dans un téléphone.",
            modem.name,
        )
    if not full and modem.heard.still_refused(_SIM_FULL):
        yield Finding(
            "warning",
            "La mémoire de la carte SIM a été pleine",
            "Le modem a refusé des SMS pour cela.",
            "Effacez les SMS de la carte dans un téléphone ; si cela revient, remplacez la carte.",
            modem.name,
        )


def _told(modem: Modem, codes: Sequence[int]) -> str:
    """« CMS 21 le 24/11 à 14:32 »: a code without its time may be of any day."""
    at = modem.heard.refused_at
    return ", ".join(f"CMS {code} le {clock(at[code])}" if code in at else f"CMS {code}" for code in codes)


def last_code(modem: Modem, pattern: str = " Dernier code : {code}.") -> str:
    """What the network last refused a message with, and when; empty where it took one since."""
    if modem.refusal is None or modem.refusal.over:
        return ""
    return pattern.format(code=f"{modem.refusal.code} le {clock(modem.refusal.at)}")

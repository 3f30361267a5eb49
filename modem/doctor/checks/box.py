"""What is wrong with the machine and with what is plugged into it, whichever modem it is about."""

from collections import defaultdict
from collections.abc import Iterator

from modem.discovery.verdicts import Verdict
from modem.doctor.checks.facts import Facts
from modem.doctor.checks.findings import Finding

_RULES = "Copiez udev/70-plp-alerte.rules dans /etc/udev/rules.d, puis débranchez et rebranchez le modem."


def service(facts: Facts) -> Iterator[Finding]:
    """The daemon and its database."""
    match facts.box.database:
        case "missing":
            yield Finding(
                "fault",
                "Il n'y a pas encore de base de données",
                "plp-alerte n'a jamais été démarré avec cette configuration.",
                "Lancez « plp run » (ou le service), ou « plp migrate ».",
            )
        case "older":
            yield Finding(
                "fault",
                "La base de données est d'une version plus ancienne",
                "Le programme a été mis à jour, pas ses données : rien ne démarre.",
                "Faites une sauvegarde, puis lancez « plp migrate ».",
            )
        case "newer":
            yield Finding(
                "fault",
                "La base de données vient d'une version plus récente",
                "Ce programme ne sait pas la lire : rien ne démarre.",
                "Mettez plp-alerte à jour.",
            )
        case "away":
            yield Finding(
                "fault",
                "La base de données ne répond pas",
                "Sans elle rien n'est envoyé.",
                "Vérifiez [database] url dans config.ini, et que la base tourne.",
            )
    if not facts.box.daemon and facts.box.database == "current":
        yield Finding(
            "fault",
            "Le service des modems ne tourne pas",
            "Ce qui est en attente ne part pas.",
            "Lancez « plp run », ou redémarrez le service plp-alerte.",
        )


def plugged_in(facts: Facts) -> Iterator[Finding]:
    """Nothing at all, or nothing that can send."""
    if facts.modems:
        return
    unusable = [verdict for verdict in facts.usb if verdict.kind in ("hilink", "unswitched", "download", "portless")]
    bridges = [verdict for verdict in facts.usb if verdict.kind == "bridge"]
    if bridges and not unusable:
        yield Finding(
            "fault",
            "Un adaptateur série est branché, mais aucun modem n'est configuré",
            "Ce qui pend à un tel adaptateur ne se devine pas : plp-alerte n'y touche pas de lui-même.",
            f"Si c'est un modem, donnez son port : section [modem:a], device = {_tty(bridges[0])}.",
        )
    elif not unusable:
        yield Finding(
            "fault",
            "Aucun modem n'est branché" if facts.bus_seen else "Aucun modem connu",
            "Sans modem, aucun SMS ne part.",
            "Branchez un modem USB, ou donnez son port dans config.ini : section [modem:a], device = /dev/…",
        )


def no_modem_yet(facts: Facts) -> Iterator[Finding]:
    """Sticks that are there and show no AT port."""
    for verdict in facts.usb:
        match verdict.kind:
            case "hilink":
                yield Finding("fault", "Cette clé est une carte réseau (HiLink)", *_halves(verdict.sentence))
            case "download":
                yield Finding("fault", "Un modem est en mode de secours", *_halves(verdict.sentence))
            case "unswitched":
                yield _unswitched(verdict, facts.box.modeswitch)
            case "portless":
                yield _portless(verdict, facts.box.option_driver)


def asleep(facts: Facts) -> Iterator[Finding]:
    """The kernel may put a stick to sleep; several do not wake up."""
    for names in facts.sleepers:
        yield Finding(
            "warning",
            "Le modem peut être mis en veille",
            f"Le noyau coupe l'USB qui ne sert pas (autosuspend), et plusieurs modems n'en reviennent pas ({names}).",
            "Débranchez-le et rebranchez-le : les règles udev l'empêchent." if facts.box.rules else _RULES,
        )


def rules(facts: Facts) -> Iterator[Finding]:
    """udev's rules, where a stick is plugged in that they are for."""
    if not facts.box.rules and any(verdict.kind == "modem" for verdict in facts.usb):
        yield Finding(
            "warning",
            "Les règles udev ne sont pas installées",
            "Après un redémarrage, ModemManager peut prendre le modem, et les droits peuvent manquer.",
            _RULES,
        )


def doubles(facts: Facts) -> Iterator[Finding]:
    """Two sections for one stick, and two sticks of one IMEI."""
    by_port, by_imei = defaultdict(list), defaultdict(list)
    for modem in facts.modems:
        if modem.port is not None and modem.port.exists:
            by_port[modem.port.path].append(modem.name)
        if modem.imei is not None:
            by_imei[modem.imei].append(modem.name)
    same_port = {tuple(names) for names in by_port.values() if len(names) > 1}
    for names in same_port:
        yield Finding(
            "fault",
            f"Les sections {' et '.join(names)} sont pour un seul et même port",
            "Un port ne sert qu'à un modem : l'une des deux attend pour toujours.",
            "Supprimez l'une des deux sections de config.ini, ou donnez-lui un autre device.",
            names[1],
        )
    for names in (tuple(names) for names in by_imei.values() if len(names) > 1):
        if names not in same_port:
            yield Finding(
                "fault",
                f"{' et '.join(names)} disent avoir le même IMEI",
                "C'est le même modem sous deux chemins, ou deux clés au même IMEI (contrefaçon) : elles se confondent.",
                "Supprimez l'une des deux sections, ou remplacez l'une des deux clés.",
                names[1],
            )


def _unswitched(verdict: Verdict, modeswitch: bool) -> Finding:
    title = "La clé se présente encore comme un CD-ROM"
    meaning, advice = _halves(verdict.sentence)
    if modeswitch and "usb-modeswitch" in advice:
        advice = "usb-modeswitch est installé : débranchez la clé, attendez dix secondes, rebranchez-la."
    return Finding("fault", title, meaning, advice)


def _portless(verdict: Verdict, option_driver: bool) -> Finding:
    advice = "Attendez une minute, puis débranchez et rebranchez le modem."
    if not option_driver:
        advice = "Le pilote n'est pas chargé : modprobe option (et ajoutez « option » à /etc/modules)."
    return Finding(
        "fault", "Le modem est branché, mais son port AT manque", f"{verdict.names} n'a pas de port série.", advice
    )


def _halves(sentence: str) -> tuple[str, str]:
    """A sentence of the form « what it is : what it means. What to do. » → both halves."""
    meaning, stop, advice = sentence.partition(". ")
    if not stop:
        meaning, _, advice = sentence.rpartition(" : ")
    return f"{meaning.rstrip('.')}.", f"{advice[:1].upper()}{advice[1:]}"


def _tty(verdict: Verdict) -> str:
    return next(iter(verdict.device.ttys), "/dev/ttyUSB0")

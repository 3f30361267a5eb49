"""A technician's requests about a modem, whichever door they came through: its card, its service, a restart."""

import re
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from db.engine.connection import writing
from db.journal import audit
from db.modems import budgets, commands, readiness, sims
from db.modems.status import ModemCard, apply_label, modem_cards
from rules.orders.budgets import MOST, Limits
from rules.refusals import Refusal, reason_of

Verb = Literal["suspend", "resume", "try", "restart", "doctor", "transcript"]
# With fewer left, somebody has failed already: the card is not put at risk from here.
ALL_TRIES = 3
_PIN = re.compile(r"[0-9]{4,8}")
# What a person may take back into service; the rest comes back by itself, or needs hands.
_RESUMABLE = frozenset({"out_of_service", "paused", "suspended"})
# What another try may help: it fails, or waits for its next try. One that nobody has plugged in is looked for all the
# time, a card's PIN has few tries, and a start takes its time.
_TRIED = frozenset({"paused", "suspended", "out_of_service", "faulty", "not_registered", "no_sim"})
# As often as an alert tries a refused SIM by itself: each try may be an SMS of which nobody knows whether it arrived.
TRY_EVERY = timedelta(seconds=30)
# Codes as operators have them for what asks: *121#, #123#, *100*1#.
_USSD = re.compile(r"[*#][0-9]{2,4}(?:\*[0-9]{1,4})*#")
# Those that set something in the network or on the card (3GPP TS 22.030 Annex B): forwarding, waiting, barring, PINs.
_SETTING = re.compile(
    r"[*#](?:0[0-9]*|21|6[1267]|6|3[0135]|33[0-3]|35[1-3]|36[0-3]|37|43|66|7[5-7]|75[0-4]|96|300|59[0-9])[*#].*"
)
LONGEST_LABEL = 40
# Its card answers to the network.
_ON_A_NETWORK = frozenset({"ready", "paused", "suspended", "out_of_service"})
# Nobody can be restarted, or it restarts already.
_NOT_RESTARTABLE = frozenset({"absent", "starting"})


def set_limits(imsi: str, limits: Limits | None, by: str, now: datetime) -> None:
    """A technician's budgets for this card, instead of config.ini's; None: config.ini's again. Raises Refusal."""
    if limits is not None and not all(0 <= limit <= MOST for limit in (limits.day, limits.month, limits.recipients)):
        raise Refusal("Un plafond est un nombre entier de 0 (aucun) à {most}.", most=MOST)
    if not budgets.apply_limits(imsi, limits, by, now):
        raise Refusal("Cette carte SIM est inconnue.")


def modem_named(name: str, host: str, now: datetime) -> ModemCard:
    """The modem `NAME` of this host, else the only one of that name, or `HOST/NAME`. Raises Refusal."""
    cards = modem_cards(now)
    named = [card for card in cards if name in (card.name, f"{card.host}/{card.name}")]
    here = [card for card in named if card.host == host] or named
    if len(here) == 1:
        return here[0]
    known = tuple(f"{card.host}/{card.name}" for card in named or cards) or ("–",)
    raise Refusal("Modem inconnu : « {name} ». Connus : {known}.", name=name, known=known)


def standing_verbs(modem: ModemCard) -> tuple[str, ...]:
    """The requests to its daemon that are in force: not done yet, and `suspend` until a resume."""
    return tuple(request.verb for request in commands.open_requests(modem.host, modem.name))


def can(verb: Verb, modem: ModemCard, standing: tuple[str, ...] = ()) -> bool:
    """True when this would be of use now; `standing` as `standing_verbs` gives it."""
    use = {
        "resume": modem.state in _RESUMABLE or "suspend" in standing,
        # What a person took out of service is not tried behind their back.
        "try": modem.is_modem and modem.state in _TRIED and "suspend" not in standing,
        # It could send, now or later.
        "suspend": modem.is_modem and "suspend" not in standing,
        "restart": modem.is_modem and modem.state not in _NOT_RESTARTABLE,
        "doctor": True,
        # Its driver keeps the lines, if there are any.
        "transcript": modem.speaks_at,
    }
    return modem.alive and use[verb]


def request(modem: ModemCard, verb: Verb, by: str, now: datetime, reason: str = "") -> None:
    """Ask its daemon. `suspend` lasts, also over restarts of the machine, until `resume`. Raises Refusal."""
    reason = reason_of(reason) if verb == "suspend" or reason.strip() else ""
    require_service(modem)
    if verb == "transcript":
        require_at(modem)
    if not can(verb, modem, standing_verbs(modem)):
        raise Refusal("Action impossible : l'état du modem {name} ne le permet pas.", name=modem.shown)
    commands.ask(modem.host, modem.name, verb, by, now, reason)


def waiting_modems(now: datetime) -> list[ModemCard]:
    """The modems that a try at once may help."""
    return [modem for modem in modem_cards(now) if can("try", modem, standing_verbs(modem))]


def tried_at(now: datetime) -> datetime | None:
    """The time of a try that was asked for so lately that no other may follow yet; None for none."""
    asked_at = commands.asked_last("try")
    return asked_at if asked_at is not None and abs(now - asked_at) < TRY_EVERY else None


def try_now(by: str, now: datetime) -> int:
    """Let all modems that wait try at once; returns their number. Raises Refusal."""
    with writing("try at once"):
        if (asked_at := tried_at(now)) is not None:
            wait_s = TRY_EVERY.total_seconds() - abs(now - asked_at).total_seconds()
            raise Refusal(
                "Un essai vient d'être demandé. Le suivant est possible dans {seconds} s.", seconds=ceil(wait_s)
            )
        waiting = waiting_modems(now)
        for modem in waiting:
            commands.ask(modem.host, modem.name, "try", by, now)
    if not waiting:
        raise Refusal("Aucun modem à réessayer : un technicien doit intervenir, ou un modem est déjà prêt.")
    return len(waiting)


def waiting_card(modem: ModemCard) -> sims.SimCard | None:
    """The card that is in it now and that a person must accept."""
    if modem.state != "quarantined":
        return None
    return next((card for card in sims.waiting_cards() if (card.imei, card.imsi) == (modem.imei, modem.imsi)), None)


def accept_card(modem: ModemCard, card: int | None, by: str, now: datetime) -> None:
    """Only the card that the person saw: another one may be in the modem by now. Raises Refusal."""
    waiting = waiting_card(modem)
    if waiting is None or waiting.id != card or not sims.accept(waiting.id, by, now):
        raise Refusal("Action impossible : la carte du modem a changé. Vérifiez à nouveau.")


def has_balance(modem: ModemCard) -> bool:
    """True when the network can give the balance of its card now."""
    return modem.speaks_at and modem.state in _ON_A_NETWORK and modem.imsi is not None


def ask_balance(modem: ModemCard, code: str, by: str, now: datetime) -> None:
    """Ask the network by `code`, which is remembered for this card. Raises Refusal."""
    require_service(modem)
    require_at(modem)
    code = code.replace(" ", "")
    if not _USSD.fullmatch(code) or _SETTING.fullmatch(code):
        raise Refusal(
            "Action impossible : indiquez le code de votre opérateur qui affiche le crédit, par exemple "
            "*123#. Les codes de renvoi d'appel ou de code PIN ne sont pas acceptés."
        )
    if not has_balance(modem) or modem.imsi is None:
        raise Refusal("Action impossible : le modem {name} n'est pas connecté au réseau.", name=modem.shown)
    commands.keep_ussd_code(modem.imsi, code)
    commands.ask(modem.host, modem.name, "ussd", by, now)


def rename(modem: ModemCard, label: str, by: str, now: datetime) -> None:
    """Call it so on pages; "" for the name of its section. Raises Refusal."""
    label = " ".join(label.split())
    if len(label) > LONGEST_LABEL:
        raise Refusal("Le nom compte au plus {most} caractères.", most=LONGEST_LABEL)
    if any(
        (card.host, card.name) != (modem.host, modem.name) and label in (card.shown, card.name)
        for card in modem_cards(now)
    ):
        raise Refusal("Un autre modem porte déjà le nom « {label} ».", label=label)
    apply_label(modem.host, modem.name, "" if label == modem.name else label)
    audit.record(now, by, "modem_renamed", f"{modem.host}/{modem.name}", label=label)


def examine_all(by: str, now: datetime) -> None:
    """Let the doctor of every host look at everything. Raises Refusal."""
    hosts = readiness.live_hosts(now)
    if not hosts:
        raise Refusal("Action impossible : le service des modems ne fonctionne pas.")
    for host in hosts:
        commands.ask(host, "", "doctor", by, now)


def can_enter_pin(modem: ModemCard) -> bool:
    """Its card asks for a PIN, and no wrong one has gone into it."""
    tried = modem.pin_tries is not None and modem.pin_tries < ALL_TRIES
    return modem.state == "pin" and modem.told.code != "puk_asked" and not tried


def enter_pin(modem: ModemCard, pin: str, host: str, by: str, now: datetime) -> None:
    """Let the daemon of this `host` try a PIN once, within seconds. Raises Refusal; no message shows the PIN."""
    require_service(modem)
    if modem.state != "pin":
        raise Refusal("Code non essayé : le modem {name} ne demande pas de code PIN.", name=modem.name)
    if modem.host != host:
        raise Refusal("Code non essayé : entrez-le dans la console de {host}, où se trouve ce modem.", host=modem.host)
    if not can_enter_pin(modem):
        raise Refusal(
            "Code non essayé : un code incorrect a déjà été introduit (essais restants : {tries}) ; un "
            "dernier essai bloquerait la carte. Introduisez le bon code une fois dans un GSM, puis remettez la carte.",
            tries=modem.pin_tries or 0,
        )
    if not _PIN.fullmatch(pin):
        raise Refusal("Code non essayé : un code PIN a de 4 à 8 chiffres.")
    try:
        sims.keep_typed_pin(modem.name, pin)
    except OSError as error:
        raise Refusal("Code non essayé : transmission impossible ({error}).", error=error.strerror) from None
    audit.record(now, by, "modem_pin_entered", f"{modem.host}/{modem.name}")


def require_at(modem: ModemCard) -> None:
    """Raises Refusal for a modem of ModemManager's, which has neither USSD codes nor a transcript."""
    if not modem.speaks_at:
        raise Refusal(
            "Action impossible : le modem {name} est celui de ModemManager. Son crédit et son relevé AT ne peuvent "
            "pas être demandés.",
            name=modem.shown,
        )


def require_service(modem: ModemCard) -> None:
    """Raises Refusal where nobody would do it."""
    if not modem.alive:
        raise Refusal("Action impossible : le service des modems ne fonctionne pas sur {host}.", host=modem.host)

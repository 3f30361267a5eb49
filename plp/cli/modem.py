"""`plp modem`: the daemon; a technician's requests, the doctor, and a modem's deeds as anonymous text to send in."""

import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

import click

from base.settings.values import Settings
from base.watchdog import keep_loaded
from db.engine.clock import utc_now
from db.engine.connection import Taken, alone
from db.inbound.received import delays
from db.modems.commands import answer_to
from db.modems.proof import Proof, proof_of
from db.modems.signal_history import ims_state, storages, submit_seconds
from db.modems.status import ModemCard, modem_cards, on_several_hosts
from db.operations.installation import Installation
from db.operations.monitoring import standing_refusals
from modem.doctor.on_call import examine
from plp.cli.speech import phrase, said, say
from plp.cli.terminal import Unconfirmed, answer, in_database, json_option, operator, tell_json, tell_rows, write
from plp.jobs.alarms.stand_in import StandIn
from plp.process import log_oddities, stop_on_signals
from plp.services import broadcasts, modems
from plp.services.contract_json import modems_shape
from plp.services.orders.automatic import TO_SEND, send_selftest, sending_trouble
from rules.numbers import half_masked
from rules.refusals import Refusal, required
from rules.sentences import Sentence, coded
from rules.states import PartState

LOOK_EVERY_S = 0.2
PATIENCE = timedelta(seconds=60)
RECEIPT, REPORT, INBOUND = (
    Sentence("envoyé (accepté par le réseau)"),
    Sentence("reçu (accusé de réception)"),
    Sentence("arrivé par le modem"),
)
_HOPELESS = (PartState.FAILED, PartState.UNDELIVERED, PartState.EXPIRED, PartState.CANCELLED)
_name = click.argument("name", metavar="MODEM")
RECEIVED_WITHIN = timedelta(days=30)
# Both answers of an optional command; a line of its time may stand between.
_FIRMWARE = re.compile(r"^> AT\+CGMR\n(?:# .*\n)*< (?:\+CGMR: )?\"?([\w.,/ -]{3,40})", re.MULTILINE)
_UNKNOWN = "?"


@click.group(invoke_without_command=True)
@click.pass_context
def modem(ctx: click.Context) -> None:
    """Lancer le service des modems ; « plp modem list » affiche leur état."""
    if ctx.invoked_subcommand is not None:
        logging.getLogger().setLevel(logging.ERROR)  # the command says itself what is to be said
        return
    from modem.daemon import daemon  # pyserial and libgammu only where a port may be opened

    installation: Installation = ctx.obj
    settings = installation.settings()
    try:
        with installation.open_database() as database, alone("modem", settings, database) as lock:
            log_oddities(settings)
            stop = stop_on_signals()
            keep_loaded()
            stand_in = StandIn(settings)
            daemon.run(settings, database, lock, stop, partial(_beside, settings, stand_in))
    except Taken as taken:  # two daemons would hand the same part over twice after a recovery
        if taken.pid:
            raise Refusal(
                "Un service des modems est déjà en marche avec cette base (pid {pid}) : arrêtez-le d'abord.",
                pid=taken.pid,
            ) from None
        raise Refusal(
            "Un service des modems est déjà en marche avec cette base sous le nom « {host} » : arrêtez-le d'abord. "
            "Si c'est un autre serveur, donnez un autre nom à celui-ci ([database] host).",
            host=settings.host,
        ) from None


def _beside(settings: Settings, stand_in: StandIn, now: datetime) -> None:
    """The modems' process does this beside its work, now and then."""
    examine(settings, now)
    stand_in.step(now)


@modem.command("list")
@json_option
@in_database
def list_modems(as_json: bool) -> None:
    """Afficher les modems et leur état."""
    cards = modem_cards(utc_now())
    if not cards and not as_json:
        say("Aucun modem : branchez-en un. « plp modem doctor » indique que faire.")
        return
    with_host = on_several_hosts(cards)
    tell_rows(
        as_json,
        modems_shape(cards),
        ("modem", "état", "opérateur", "réseau", "signal", "envoyés ce jour", ""),
        (_row(card, with_host) for card in cards),
    )


def _row(card: ModemCard, with_host: bool) -> tuple[str, ...]:
    return (
        f"{card.name} ({card.host})" if with_host else card.name,
        card.state,
        card.operator or "",
        card.technology or "",
        f"{card.signal_dbm} dBm" if card.signal_dbm is not None else "",
        str(card.sent_today),
        " ".join(filter(None, (phrase("simulé") if card.simulated else said(card.told), said(card.outcomes.told)))),
    )


@modem.command()
@_name
@click.option("--yes", is_flag=True, help="Autoriser la carte ; sans cette option, l'afficher seulement.")
@in_database
def accept(name: str, yes: bool) -> None:
    """Autoriser la nouvelle carte SIM de ce modem : il peut ensuite envoyer."""
    modem = _modem(name)
    card = modems.waiting_card(modem)
    if card is None:
        raise Refusal("Aucune carte à autoriser dans le modem {name}.", name=modem.name)
    masked_card = {"iccid": half_masked(card.iccid), "imsi": half_masked(card.imsi)}
    card_words = f"ICCID {masked_card['iccid']}, IMSI {masked_card['imsi']}"
    if not yes:
        sentence = phrase(
            "Carte à autoriser : {card}. Vérifiez qu'elle appartient à la zone, puis ajoutez --yes.", card=card_words
        )
        answer(error=Unconfirmed.code, message=sentence, modem=modem.name, **masked_card)
        click.echo(sentence)
        raise click.exceptions.Exit(2)
    modems.accept_card(modem, card.id, operator(), utc_now())
    answer(modem=modem.name, **masked_card)
    about = {"card": card_words, "name": modem.name}
    say("Carte autorisée ({card}) : le modem {name} enverra dès qu'il aura le réseau.", **about)


@modem.command()
@_name
@click.option("--reason", default="", help="Motif, conservé dans l'historique.")
@in_database
def resume(name: str, reason: str) -> None:
    """Remettre en service un modem arrêté, en pause ou suspendu."""
    modem = _modem(name)
    modems.request(modem, "resume", operator(), utc_now(), reason)
    say("Remise en service demandée : le modem {name} réessaie immédiatement.", name=modem.name)


@modem.command()
@_name
@click.option("--reason", required=True, help="Motif, conservé dans l'historique et affiché avec l'état du modem.")
@in_database
def suspend(name: str, reason: str) -> None:
    """Suspendre un modem : il reçoit encore, mais n'envoie rien jusqu'à « plp modem resume »."""
    modem = _modem(name)
    modems.request(modem, "suspend", operator(), utc_now(), reason)
    say("Suspension demandée : le modem {name} n'envoie plus. Un autre, s'il y en a, prend le relais.", name=modem.name)


@modem.command()
@_name
@in_database
def restart(name: str) -> None:
    """Redémarrer un modem : pendant une minute au plus, il n'envoie et ne reçoit rien."""
    modem = _modem(name)
    modems.request(modem, "restart", operator(), utc_now())
    say("Redémarrage demandé : le modem {name} s'arrête pendant une minute au plus.", name=modem.name)


def _modem(name: str) -> ModemCard:
    return modems.modem_named(name, click.get_current_context().obj.settings().host, utc_now())


@modem.command()
@_name
@click.pass_obj
@in_database
def selftest(installation: Installation, name: str) -> None:
    """Envoyer un SMS de test par ce modem, à lui-même si son numéro est connu.

    Attendre une minute au plus l'envoi, l'accusé de réception et l'arrivée du SMS.
    """
    modem, settings, began_at = _modem(name), installation.settings(), utc_now()
    test = send_selftest(modem, settings, operator(), began_at)
    proof = _proof(test)
    about = {"name": modem.name, "most": PATIENCE.seconds}
    if proof.to_seat:
        say("Le modem {name} envoie un SMS de test à lui-même ; {most} s au plus.", **about)
    else:
        say("Le modem {name} envoie un SMS de test au GSM de garde ; {most} s au plus.", **about)
    printed: list[Sentence] = []
    while not proof.shows_sending and proof.state not in _HOPELESS and timedelta() <= utc_now() - began_at < PATIENCE:
        time.sleep(LOOK_EVERY_S)
        proof = _proof(test)
        delivered = proof.state is PartState.DELIVERED
        came = ((RECEIPT, proof.sent_at or delivered), (REPORT, delivered), (INBOUND, proof.arrived_at))
        for what, has_come in came:
            if has_come and what not in printed:
                click.echo(f"{(utc_now() - began_at).total_seconds():6.1f} s  {said(what)}")
                printed.append(what)
    with suppress(Refusal):  # a modem may take it in this very moment
        broadcasts.cancel(test, broadcasts.Request(operator(), settings.sending, utc_now()))
    if proof.shows_sending:
        if proof.to_seat:
            say("Le modem {name} envoie et reçoit.", name=modem.name)
        else:
            say("Le modem {name} envoie.", name=modem.name)
        return
    say("{why} Lancez « plp modem doctor ».", why=_why(proof, _modem(name)))
    sys.exit(1)


def _proof(test: int) -> Proof:
    return required(proof_of(test), Refusal("L'autotest a été supprimé de la base de données."))


def _why(proof: Proof, modem: ModemCard) -> Sentence:
    """The fault that it shows, treated like an answer that came too late."""
    if proof.state is PartState.QUEUED and modem.state != "ready" and modem.told:
        return coded("proof_not_ready", why=modem.told)
    return sending_trouble(proof, utc_now() + TO_SEND) or coded("proof_waits")


@modem.command()
@_name
@click.argument("file", type=click.Path(dir_okay=False, readable=False, path_type=Path), metavar="FILE")
@click.pass_obj
def record(installation: Installation, name: str, file: Path) -> None:
    """Enregistrer le dialogue avec un modem, masqué, au format du simulateur.

    Le service des modems doit être actif : il garde les dernières lignes, et le modem n'est pas dérangé.
    """
    from modem.doctor.transcript import transcript

    with installation.open_database():
        text = transcript(installation.settings().host, name, operator())
    write(file, text)
    lines = sum(line.startswith(("> ", "< ")) for line in text.splitlines())
    say("{file} : {lines} lignes. Les numéros, textes, codes et cartes sont masqués.", file=file, lines=lines)


@modem.command()
@_name
@in_database
def report(name: str) -> None:
    """Afficher un relevé anonyme de ce modem, pour les développeurs (docs/hardware.md) : modèle, réseau, délais, refus.

    Il ne contient ni numéro, ni texte, ni identifiant du modem ou de la carte SIM.
    """
    card = next((card for card in modem_cards(utc_now()) if name in (card.name, card.label)), None)
    if card is None or not card.model:
        raise Refusal("Le modem {name} n'a encore rien dit de lui : « plp modem list » affiche les modems.", name=name)
    for line in _lines(card):
        click.echo(line)


def _lines(card: ModemCard) -> Iterator[str]:
    now = utc_now()
    seconds, tried = submit_seconds(card.host, card.name), card.outcomes
    received = len(delays(card.imsi, now - RECEIVED_WITHIN)) if card.imsi else 0
    saved = answer_to(card.host, card.name, "transcript")  # its numbers are masked
    firmware = _FIRMWARE.search(saved.text) if saved else None
    reports = "no" if "reports" in card.lacks.split() else "yes"
    pace = f"median {median(seconds):.1f} s, slowest {max(seconds):.1f} s" if seconds else "none sent yet"
    network = ", ".join(word for word in (card.operator, card.technology) if word) or _UNKNOWN
    result = f"{len(seconds)} sent ({pace}), reports {reports}, {received} received"
    result += ", a simulator" if card.simulated else ""
    yield f"| {card.model} | {firmware[1].strip() if firmware else _UNKNOWN} | {network} | {now:%Y-%m-%d} | {result} |"
    yield ""
    yield f"state: {card.state}"
    yield f"signal: {f'{card.signal_dbm} dBm' if card.signal_dbm is not None else _UNKNOWN}"
    yield f"SMS over IMS: {ims_state(card.model, card.operator) or _UNKNOWN}"
    yield f"lacks: {card.lacks or 'nothing'}"
    yield f"last 24 hours: {tried.tried} tried, {tried.refused} refused, {tried.unconfirmed} without an answer"
    codes = [f"CMS {refusal.code} x {refusal.times}" for refusal in standing_refusals(card.host, card.name, now)]
    yield f"refused with: {', '.join(codes) or 'nothing'}"
    places = [f"{use.name} {use.used}/{use.total}" for use in storages(card.host, card.name)]
    yield f"storages: {', '.join(places) or _UNKNOWN}"
    yield f"plp-alerte {version('plp-alerte')}"


@modem.command()
@click.argument("device", required=False, metavar="[MODEM|PORT]")
@json_option
@click.pass_obj
def doctor(installation: Installation, device: str | None, as_json: bool) -> None:
    """Examiner les modems et indiquer que faire.

    La première ligne résume le résultat. Un modem utilisé par le service n'est pas dérangé.
    """
    from modem.doctor.gathering import gather  # ports, USB and the codec only where they are needed
    from modem.doctor.report import diagnose, is_healthy, report_lines, report_shape

    facts = gather(installation, device)
    findings = diagnose(facts)
    if as_json:
        tell_json(report_shape(facts, findings))
    else:
        for line in report_lines(facts, findings, said):
            click.echo(line)
    sys.exit(0 if is_healthy(facts, findings) else 1)

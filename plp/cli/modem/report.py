"""`plp modem report`: the deeds of a modem as anonymous text to send in: a row of docs/hardware.md, and its figures."""

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from statistics import median

import click

from db.engine.clock import utc_now
from db.inbound.received import delays
from db.modems.commands import answer_to
from db.modems.signal_history import ims_state, storages, submit_seconds
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import standing_refusals
from plp.cli.terminal import in_database
from rules.refusals import Refusal

RECEIVED_WITHIN = timedelta(days=30)
# Both answers of an optional command; a line of its time may stand between.
_FIRMWARE = re.compile(r"^> AT\+CGMR\n(?:# .*\n)*< (?:\+CGMR: )?\"?([\w.,/ -]{3,40})", re.MULTILINE)
_UNKNOWN = "?"


@click.command()
@click.argument("name", metavar="MODEM")
@in_database
def report(name: str) -> None:
    """Afficher un relevé anonyme de ce modem, à nous envoyer (docs/hardware.md) : modèle, réseau, délais, refus.

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
    reports = "no" if "reports" in card.lacks.split() else "yes"
    pace = f"median {median(seconds):.1f} s, slowest {max(seconds):.1f} s" if seconds else "none sent yet"
    network = ", ".join(word for word in (card.operator, card.technology) if word) or _UNKNOWN
    result = f"{len(seconds)} sent ({pace}), reports {reports}, {received} received"
    result += ", a simulator" if card.simulated else ""
    yield f"| {card.model} | {_firmware(card)} | {network} | {now:%Y-%m-%d} | {result} |"
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


def _firmware(card: ModemCard) -> str:
    """As the last transcript has it, whose numbers are masked."""
    saved = answer_to(card.host, card.name, "transcript")
    known = _FIRMWARE.search(saved.text) if saved else None
    return known[1].strip() if known else _UNKNOWN

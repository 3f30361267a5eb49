"""Troubles that exist now, as the database and this machine show them. Only reads; incidents keep the memory."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from base.settings.values import Settings
from db.inbound.replies.thread import held_stops, ringing
from db.mail.claim import mail_servers
from db.modems import proof
from db.modems.budgets import board
from db.modems.readiness import FILTERED, live_hosts, missing, readiness, ready_sims, sent_before, sent_lately
from db.modems.signal_history import storages
from db.modems.status import modem_cards, twins
from db.operations import monitoring
from plp.services.machine import AT_ONCE, AWAKE, Trouble, machine_troubles
from plp.services.orders.automatic import proof_troubles
from rules.calendar import clock
from rules.orders.silence import Silence, silence
from rules.readiness import SOON, Code, Judgement, silence_of
from rules.sentences import coded

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

# Kinds that this module finds. Whoever opens others ends them too.
SHARED_KINDS = (
    "no_modem", "process", "modem", "refusals", "budget", "budget_near", "queue", "held", "unconfirmed", "storage",
    "database", "mail_down", "ringing", "stops_held", "twins", proof.INCIDENT, FILTERED,
)  # fmt: skip
OWN_KINDS = ("clock", "disk", "disk_fills", "secret_exposed", "certificate", "backup", "setting")


def findings(settings: Settings, now: datetime) -> list[Trouble]:
    """All present faults, whether they are reported or not. Call it outside transactions."""
    judged = readiness(now)
    return [
        *_of_processes(now),
        *_of_sending(judged, settings, now),
        *_of_modems(judged, now),
        *_of_reports(now),
        *_of_budgets(now),
        *_of_the_queue(judged, settings, now),
        *_of_mail(now),
        *machine_troubles(settings, now),
    ]


def _of_sending(ready: Judgement, settings: Settings, now: datetime) -> Iterator[Trouble]:
    if not ready.ready:
        lasting = URGENT.get(ready.code, AT_ONCE) if ready.stands_still else UNREADY
        yield Trouble("no_modem", "", ready.sentence, lasting)
    for imsi, seats in twins(now).items():
        yield Trouble("twins", imsi, coded("twins", last=imsi[-4:], modems=tuple(seats)), SILENT)
    for card, words, was_sent in proof_troubles(settings, now):
        yield Trouble(proof.INCIDENT, proof.seat_of(card), words, AT_ONCE if was_sent else AWAKE)


def _of_processes(now: datetime) -> Iterator[Trouble]:
    for gone in missing(now):
        yield Trouble("process", f"{gone.host}/{gone.process}", silence_of(gone, clock(gone.since)), AWAKE)


def _of_modems(judged: Judgement, now: datetime) -> Iterator[Trouble]:
    alive = set(live_hosts(now))
    for card in modem_cards(now):
        # Of a host whose daemon is silent nothing is known: that is another incident.
        if card.host not in alive or not card.is_modem:
            continue
        if card.state != "ready":
            why = card.told or coded("modem_not_ready", state=card.state)
            words = coded("modem_trouble", name=card.name, host=card.host, why=why)
            lasting = AT_ONCE if judged.urgent_waits and card.state not in SOON else MODEM_GONE
            yield Trouble("modem", f"{card.host}/{card.name}", words, lasting)
        if card.outcomes.is_bad:
            words = coded("modem_trouble", name=card.name, host=card.host, why=card.outcomes.told)
            yield Trouble("refusals", f"{card.host}/{card.name}", words, AT_ONCE)
        for storage in storages(card.host, card.name):
            if storage.nearly_full:
                words = coded(
                    "storage_full", memory=storage.name, name=card.name, used=storage.used, total=storage.total
                )
                yield Trouble("storage", f"{card.host}/{card.name}/{storage.name}", words, MODEM_GONE)


def silent_sims(now: datetime) -> dict[tuple[str, str], Silence]:
    """The SIMs, with their modems (host/name), whose texts the network takes and does not report on."""
    silences = {}
    for imsi, seat in ready_sims(now):
        texts = sent_lately(imsi, now)
        is_owed = any(text.reported_at is None for text in texts)
        if is_owed and (lasting := silence(texts, sent_before(imsi, now), now)):
            silences[imsi, seat] = lasting
    return silences


def _of_reports(now: datetime) -> Iterator[Trouble]:
    for (imsi, seat), lasting in silent_sims(now).items():
        words = coded(
            "filtered_range" if lasting.operator else "filtered",
            since=clock(lasting.since),
            texts=lasting.texts,
            modem=seat.partition("/")[2],
            imsi=imsi[-4:],
            **({"operator": lasting.operator} if lasting.operator else {}),
        )
        yield Trouble(FILTERED, imsi, words, AT_ONCE)


def _of_budgets(now: datetime) -> Iterator[Trouble]:
    for card in board(now):
        for meter in card.meters if card.present else ():
            kind = {"over": "budget", "near": "budget_near"}.get(meter.tone)
            if kind is None:
                continue
            words = coded(
                f"budget_{meter.tone}",
                modem=card.modem,
                imsi=card.imsi[-4:],
                used=meter.used,
                limit=meter.limit,
                what=coded(f"budget_{meter.kind}"),
            )
            yield Trouble(kind, f"{card.imsi}/{meter.kind}", words, AT_ONCE)


def _of_the_queue(judged: Judgement, settings: Settings, now: datetime) -> Iterator[Trouble]:
    stands = monitoring.standstill(now, STANDING)
    if stands is not None and judged.ready:
        parts, since = stands
        yield Trouble("queue", "", coded("queue_stands", parts=parts, since=clock(since)), AWAKE)
    for broadcast_id, messages in monitoring.held():
        words = coded("held", broadcast_id=broadcast_id, messages=messages)
        yield Trouble("held", str(broadcast_id), words, FORGOTTEN)
    for broadcast_id, messages in monitoring.unconfirmed(now) if settings.sending.unconfirmed == "ask" else ():
        words = coded("unconfirmed", broadcast_id=broadcast_id, messages=messages)
        yield Trouble("unconfirmed", str(broadcast_id), words, FORGOTTEN)
    for text in ringing(now):
        yield Trouble("ringing", str(text.id), coded("ringing", received=clock(text.received_at)), UNHEARD)
    if held := held_stops():
        words = coded("stops_held", stops=len(held), since=clock(held[0].received_at))
        yield Trouble("stops_held", "", words, AT_ONCE)


def _of_mail(now: datetime) -> Iterator[Trouble]:
    servers = mail_servers(now, monitoring.FORGOTTEN)
    down = [(server, server.down_since_at) for server in servers if server.down_since_at is not None]
    for server, since in down:
        words = coded("mail_down", server=server.server, since=clock(since))
        yield Trouble("mail_down", server.host, words, MAIL_STANDS)
    if not down and (overdue := monitoring.mail_overdue_since(now, MAIL_STANDS)):
        yield Trouble("mail_down", "queue", coded("mail_overdue", since=clock(overdue)), AWAKE)

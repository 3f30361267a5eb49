"""The addresses of the API that are not about a broadcast."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from console.api.blueprint import loopback_or_token
from console.api.operations import open_operation, operation
from db.engine.clock import utc_now
from db.mail.claim import mail_servers
from db.mail.listing import mail_counts, oldest_waiting_at
from db.modems.proof import last_proof
from db.modems.readiness import readiness
from db.modems.status import modem_cards, queue
from db.operations.machine import disk_cards
from plp.services.contract_json import modems_shape

_MODEMS = "The modems as their daemons last saw them"


@operation("GET", "/api/v1/modems", "modems:read", _MODEMS, {200: ("the modems", "Modems")})
def modems() -> ResponseReturnValue:
    return jsonify(modems_shape(modem_cards(utc_now())))


@open_operation("/healthz", "The process answers", {200: ("alive", "Health")})
def healthz() -> ResponseReturnValue:
    return jsonify({"status": "ok"})


@open_operation("/readyz", "A modem can send now", {200: ("ready", "Ready"), 503: ("not ready", "Ready")})
def readyz() -> ResponseReturnValue:
    state = readiness(utc_now())
    shape = {"ready": state.ready, "state": state.code, "sentence": str(state.sentence)}
    return jsonify(shape), 200 if state.ready else 503


@open_operation(
    "/metrics",
    "Figures for Prometheus; from this machine, or with a token",
    {200: ("text format", "text/plain")},
    loopback_or_token,
    [{}, {"token": []}],
)
def metrics() -> ResponseReturnValue:
    return Response(exposition(utc_now()), content_type=CONTENT_TYPE_LATEST)


def exposition(now: datetime) -> bytes:
    """The figures of the database at `now` in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)

    def gauge(name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"plp_{name}", words, labels, registry=registry)

    state, counts = readiness(now), queue()
    gauge("ready", "1 when a modem can send").set(state.ready)
    gauge("simulated", "1 when a simulator is in use").set(state.simulated)
    waiting = gauge("queue_parts", "SMS parts that wait", "lane")
    for lane, count in (("urgent", counts.urgent), ("normal", counts.normal), ("held", counts.held)):
        waiting.labels(lane).set(count)
    _tell_modems(gauge, now)
    _tell_mail(gauge, now)
    free = gauge("disk_free_bytes", "room on the disk with the data, measured daily", "host")
    days = gauge("disk_full_in_days", "at the rate of the last 30 days", "host")
    for card in disk_cards(now):
        free.labels(card.host).set(card.free_bytes)
        if card.forecast.days is not None:
            days.labels(card.host).set(card.forecast.days)
    return generate_latest(registry)


def _tell_modems(gauge: Callable[..., Gauge], now: datetime) -> None:
    states = gauge("modem_state", "1 for the state that the modem is in", "host", "modem", "state")
    sent = gauge("modem_sent_today", "SMS parts that the network took today", "host", "modem")
    signal = gauge("modem_signal_dbm", "received signal strength", "host", "modem")
    pace = gauge("modem_seconds_per_message", "mean of the newest messages", "host", "modem")
    proven = gauge("modem_proven_seconds_ago", "since the last proof that it sends and receives", "host", "modem")
    refused = gauge("modem_refused_ratio", "SMS parts that the network refused, of those of 24 hours", "host", "modem")
    unsure = gauge("modem_unconfirmed_ratio", "SMS parts without an answer, of those of 24 hours", "host", "modem")
    for card in modem_cards(now):
        who = card.host, card.name
        refused.labels(*who).set(card.outcomes.refusal_rate)
        unsure.labels(*who).set(card.outcomes.unconfirmed_rate)
        states.labels(*who, card.state).set(1)
        sent.labels(*who).set(card.sent_today)
        if card.signal_dbm is not None:
            signal.labels(*who).set(card.signal_dbm)
        if card.seconds_per_message is not None:
            pace.labels(*who).set(card.seconds_per_message)
        if (proven_at := last_proof(card).proven_at) is not None:
            proven.labels(*who).set((now - proven_at).total_seconds())


def _tell_mail(gauge: Callable[..., Gauge], now: datetime) -> None:
    mails = gauge("mail", "mails of the queue", "state")
    for state, count in mail_counts().items():
        mails.labels(state).set(count)
    since = oldest_waiting_at()
    oldest = gauge("mail_oldest_waiting_seconds", "age of the mail that waits longest")
    oldest.set((now - since).total_seconds() if since is not None else 0.0)
    up = gauge("mail_server_up", "1 while the SMTP server of a host takes mail", "host")
    for server in mail_servers(now):
        up.labels(server.host).set(server.down_since_at is None)

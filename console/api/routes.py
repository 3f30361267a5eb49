"""The addresses of the API that are not about a broadcast."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from console.api.blueprint import loopback_or_token
from console.api.operations import open_operation, operation
from db.engine.clock import utc_now
from db.mail.claim import mail_servers
from db.mail.listing import mail_counts, oldest_waiting_at
from db.modems.proof import last_proof
from db.modems.readiness import known_processes, readiness
from db.modems.status import modem_cards, queue
from db.operations.machine import disk_cards
from plp.services.contract_json import modems_shape

# What the figures mean, and its labels.
_GAUGES = {
    "ready": ("1 when a modem can send",),
    "process_up": ("1 while the process gives signs of life", "host", "process"),
    "simulated": ("1 when a simulator is in use",),
    "queue_parts": ("SMS parts that wait", "lane"),
    "modem_state": ("1 for the state that the modem is in", "host", "modem", "state"),
    "modem_sent_today": ("SMS parts that the network took today", "host", "modem"),
    "modem_signal_dbm": ("received signal strength", "host", "modem"),
    "modem_seconds_per_message": ("mean of the newest messages", "host", "modem"),
    "modem_proven_seconds_ago": ("since the last proof that it sends and receives", "host", "modem"),
    "modem_refused_ratio": ("SMS parts that the network refused, of those of 24 hours", "host", "modem"),
    "modem_unconfirmed_ratio": ("SMS parts without an answer, of those of 24 hours", "host", "modem"),
    "mail": ("mails of the queue", "state"),
    "mail_oldest_waiting_seconds": ("age of the mail that waits longest",),
    "mail_server_up": ("1 while the SMTP server of a host takes mail", "host"),
    "disk_free_bytes": ("room on the disk with the data, measured daily", "host"),
    "disk_full_in_days": ("at the rate of the last 30 days", "host"),
}
_MODEMS = "The modems as their daemons last saw them"


@operation("GET", "/api/v1/modems", "modems:read", _MODEMS, {200: ("the modems", "Modems")})
def modems() -> ResponseReturnValue:
    return jsonify(modems_shape(modem_cards(utc_now())))


@open_operation("/healthz", "The process answers", {200: ("alive", "Health")})
def healthz() -> ResponseReturnValue:
    return jsonify({"status": "ok"})


_READY = "A modem can send now, and no process is missing"


@open_operation("/readyz", _READY, {200: ("ready", "Ready"), 503: ("not ready", "Ready")})
def readyz() -> ResponseReturnValue:
    state = readiness(utc_now())
    ready = state.ready and not state.missing
    missing = [{"host": gone.host, "process": gone.process} for gone in state.missing]
    shape = {"ready": ready, "state": state.code, "sentence": str(state.told()), "missing": missing}
    return jsonify(shape), 200 if ready else 503


_FIGURES = "Figures for Prometheus; from this machine, or with a token"


@open_operation("/metrics", _FIGURES, {200: ("text format", "text/plain")}, loopback_or_token, [{}, {"token": []}])
def metrics() -> ResponseReturnValue:
    return Response(exposition(utc_now()), content_type=CONTENT_TYPE_LATEST)


def exposition(now: datetime) -> bytes:
    """The figures of the database at `now` in the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    gauges = {
        name: Gauge(f"plp_{name}", words, labels, registry=registry) for name, (words, *labels) in _GAUGES.items()
    }
    for name, value, *labels in _figures(now):
        if value is not None:
            (gauges[name].labels(*labels) if labels else gauges[name]).set(value)
    return generate_latest(registry)


def _figures(now: datetime) -> Iterator[tuple[Any, ...]]:
    """Each figure by its name, with its labels; None where it is not known."""
    state, counts = readiness(now), queue()
    yield from (("ready", state.ready), ("simulated", state.simulated))
    gone = {(other.host, other.process) for other in state.missing}
    yield from (("process_up", who not in gone, *who) for who in known_processes(now))
    yield from (("queue_parts", getattr(counts, lane), lane) for lane in ("urgent", "normal", "held"))
    for card in modem_cards(now):
        who, proven_at, sent = (card.host, card.name), last_proof(card).proven_at, card.outcomes
        yield "modem_state", 1, *who, card.state
        yield "modem_sent_today", card.sent_today, *who
        yield "modem_signal_dbm", card.signal_dbm, *who
        yield "modem_seconds_per_message", card.seconds_per_message, *who
        yield "modem_proven_seconds_ago", proven_at and (now - proven_at).total_seconds(), *who
        yield "modem_refused_ratio", sent.share(sent.refused), *who
        yield "modem_unconfirmed_ratio", sent.share(sent.unconfirmed), *who
    since = oldest_waiting_at()
    yield from (("mail", count, state) for state, count in mail_counts().items())
    yield "mail_oldest_waiting_seconds", (now - since).total_seconds() if since else 0
    yield from (("mail_server_up", server.down_since_at is None, server.host) for server in mail_servers(now))
    for disk in disk_cards(now):
        yield "disk_free_bytes", disk.free_bytes, disk.host
        yield "disk_full_in_days", disk.forecast.days, disk.host

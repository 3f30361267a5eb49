"""The addresses of the API that are not about a broadcast."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from console.api.blueprint import blueprint, loopback_or_token, sentence, token
from console.api.openapi import DOCUMENT
from console.web.roles import public
from db.engine.clock import utc_now
from db.mail.claim import mail_servers
from db.mail.listing import mail_counts, oldest_waiting_at
from db.modems.proof import last_proof
from db.modems.readiness import readiness
from db.modems.status import modem_cards, queue
from db.operations.machine.disk import disk_cards
from plp.services.contract_json import modems_shape


@blueprint.get("/api/v1/modems")
@token("officer", "technician", "admin")
def modems() -> ResponseReturnValue:
    return jsonify(modems_shape(modem_cards(utc_now())))


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    return jsonify(DOCUMENT)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """A modem can send now."""
    state = readiness(utc_now())
    told = {"ready": state.ready, "state": state.code, "sentence": str(state.sentence)}
    return jsonify(told), 200 if state.ready else 503


@blueprint.get("/metrics")
@loopback_or_token
def metrics() -> ResponseReturnValue:
    return Response(exposition(utc_now()), content_type=CONTENT_TYPE_LATEST)


@blueprint.route("/api/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@blueprint.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@public
def unknown(rest: str) -> ResponseReturnValue:
    """Programs get JSON, also where nothing is or where the method is not known."""
    return sentence(404, "Cette adresse de l'API n'existe pas, ou pas avec cette méthode.")


def exposition(now: datetime) -> bytes:
    """The text format of Prometheus, asked from the database at `now`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(now))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state = readiness(self._now)
        yield GaugeMetricFamily("plp_ready", "1 when a modem can send", value=float(state.ready))
        yield GaugeMetricFamily("plp_simulated", "1 when a simulator is in use", value=float(state.simulated))
        waiting = GaugeMetricFamily("plp_queue_parts", "SMS parts that wait", labels=["lane"])
        counts = queue()
        for lane, count in (("urgent", counts.urgent), ("normal", counts.normal), ("held", counts.held)):
            waiting.add_metric([lane], count)
        yield waiting
        yield from self._modems()
        yield from self._mail()
        yield from self._disks()

    def _modems(self) -> Iterator[GaugeMetricFamily]:
        labels = ["host", "modem"]
        states = GaugeMetricFamily("plp_modem_state", "1 for the state that the modem is in", labels=[*labels, "state"])
        sent = GaugeMetricFamily("plp_modem_sent_today", "SMS parts that the network took today", labels=labels)
        signal = GaugeMetricFamily("plp_modem_signal_dbm", "received signal strength", labels=labels)
        pace = GaugeMetricFamily("plp_modem_seconds_per_message", "mean of the newest messages", labels=labels)
        proven = GaugeMetricFamily(
            "plp_modem_proven_seconds_ago", "since the last proof that it sends and receives", labels=labels
        )
        for card in modem_cards(self._now):
            who = [card.host, card.name]
            states.add_metric([*who, card.state], 1)
            sent.add_metric(who, card.sent_today)
            if card.signal_dbm is not None:
                signal.add_metric(who, card.signal_dbm)
            if card.seconds_per_message is not None:
                pace.add_metric(who, card.seconds_per_message)
            if (proven_at := last_proof(card).proven_at) is not None:
                proven.add_metric(who, (self._now - proven_at).total_seconds())
        yield from (states, sent, signal, pace, proven)

    def _mail(self) -> Iterator[GaugeMetricFamily]:
        mails = GaugeMetricFamily("plp_mail", "mails of the queue", labels=["state"])
        for state, count in mail_counts().items():
            mails.add_metric([state], count)
        yield mails
        since = oldest_waiting_at()
        waited_s = (self._now - since).total_seconds() if since is not None else 0.0
        yield GaugeMetricFamily("plp_mail_oldest_waiting_seconds", "age of the mail that waits longest", value=waited_s)
        up = GaugeMetricFamily("plp_mail_server_up", "1 while the SMTP server of a host takes mail", labels=["host"])
        for server in mail_servers(self._now):
            up.add_metric([server.host], float(server.down_since_at is None))
        yield up

    def _disks(self) -> Iterator[GaugeMetricFamily]:
        free = GaugeMetricFamily("plp_disk_free_bytes", "room on the disk with the data, each day", labels=["host"])
        days = GaugeMetricFamily("plp_disk_full_in_days", "at the rate of the last 30 days", labels=["host"])
        for card in disk_cards(self._now):
            free.add_metric([card.host], card.free_bytes)
            if card.forecast.days is not None:
                days.add_metric([card.host], card.forecast.days)
        yield from (free, days)

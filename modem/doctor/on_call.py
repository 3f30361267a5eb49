"""The doctor on call: the modems' daemon looks when a page asks, and keeps the report for it."""

import json
import logging
from datetime import datetime

from base.settings.values import Settings
from db.engine.connection import UNAVAILABLE
from db.modems.commands import keep_answer, open_requests
from db.modems.status import known_modems

_log = logging.getLogger(__name__)


def examine(settings: Settings, now: datetime) -> None:
    """Do what waits for the doctor of this host; no modem is opened."""
    from modem.doctor.gathering import facts_of
    from modem.doctor.report import diagnose, report_shape

    host = settings.host
    for request in open_requests(host):
        if request.verb != "doctor":
            continue
        modem = request.modem
        if modem and modem not in {known.name for known in known_modems(host)}:  # it has gone
            keep_answer(request, host, modem, "refused", now)
            continue
        try:
            facts = facts_of(settings, "current", modem or None, daemon=True)
            report = json.dumps(report_shape(facts, diagnose(facts), stored=True), ensure_ascii=False)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001  (nobody must wait for ever)
            _log.exception("the doctor could not look")
            keep_answer(request, host, modem, "silent", now)
        else:
            keep_answer(request, host, modem, "done", now, report)

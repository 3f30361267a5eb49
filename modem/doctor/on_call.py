"""The doctor on call: the modems' process looks when a page asks, and keeps the report for it."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from db.engine.clock import utc_now
from db.engine.connection import UNAVAILABLE, connected
from db.modems.commands import keep_answer, open_requests
from plp.settings.values import Settings
from rules.refusals import Refusal

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# A modem that no daemon has is opened for it, half a minute at most: it is let go with the process.
STOP_PATIENCE_S = 6.0


@contextmanager
def doctor_on_call(settings: Settings, stop: threading.Event) -> Iterator[None]:
    """Examine on request, in a separate thread, during the block, which ends after `stop` is set."""
    thread = threading.Thread(target=_keep_looking, args=(settings, stop), name="doctor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_PATIENCE_S)


def _keep_looking(settings: Settings, stop: threading.Event) -> None:
    with connected():
        while not stop.wait(LOOK_EVERY_S):
            try:
                look(settings, utc_now())
            except UNAVAILABLE:
                continue  # the daemon says so
            except Exception:  # noqa: BLE001  (a defect of the doctor must not end the modems' process)
                _log.exception("the doctor could not look")


def look(settings: Settings, now: datetime) -> None:
    """Do what waits for the doctor of this host: several requests for the same get the same answer."""
    from modem.doctor.gathering import facts_of
    from modem.doctor.report import diagnose, stored_shape

    for request in open_requests(settings.host):
        if request.verb != "doctor":
            continue
        modem = request.modem
        try:
            facts = facts_of(settings, "current", modem or None)
            report = json.dumps(stored_shape(facts, diagnose(facts)), ensure_ascii=False)
        except Refusal:  # the modem has gone
            keep_answer(request, settings.host, modem, "refused", now)
        except UNAVAILABLE:
            raise
        except Exception:  # noqa: BLE001  (nobody must wait for ever)
            _log.exception("the doctor could not look")
            keep_answer(request, settings.host, modem, "silent", now)
        else:
            keep_answer(request, settings.host, modem, "done", now, report)

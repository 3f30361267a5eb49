"""Questions of people to a network: the balance of a card. An alert has priority."""

import logging
from datetime import datetime

from db.alerts.values import Sender
from db.modems.commands import ModemRequest, Outcome, keep_answer, ussd_code
from db.modems.status import queue
from modem.driver.interface.protocol import ModemDriver
from modem.errors import CommandError, ModemError, ModemTimeout

_log = logging.getLogger(__name__)


def ask_network(
    driver: ModemDriver, sender: Sender | None, request: ModemRequest, seat: tuple[str, str], now: datetime
) -> bool:
    """Do it and keep the answer; it waits while anything urgent does. True when the modem was asked. Raises ModemError
    where the modem is lost.
    """
    if sender is None:
        keep_answer(request, *seat, "not_ready", now)
        return False
    if queue().urgent:
        return False
    try:
        state, text = _balance(driver, sender.imsi)
    except ModemError:
        keep_answer(request, *seat, "silent", now, imsi=sender.imsi)
        raise
    _log.info("modem %s: %s %s", seat[1], request.verb, state)
    keep_answer(request, *seat, state, now, text, sender.imsi)
    return True


def _balance(driver: ModemDriver, imsi: str) -> tuple[Outcome, str]:
    try:
        return "done", driver.ussd(ussd_code(imsi))
    except CommandError:
        return "refused", ""
    except ModemTimeout:
        driver.probe()
        return "silent", ""

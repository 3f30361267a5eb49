"""The places for texts and reports in one modem and its SIM: emptied into the database, and watched.

A full storage silently stops replies and reports. It is emptied once the port is open, when the network reports that it
is full, and when the modem has nothing to send and there are unannounced messages (docs/reference/modem-facts.md,
"Storage").
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from db.alerts.values import Sender
from db.engine.connection import UNAVAILABLE
from db.modems import signal_history
from db.modems.signal_history import WARNING_SHARE
from modem.daemon.policy.pacing import is_due
from modem.daemon.worker.inbound import Settle, drain_storage, take_stored
from modem.driver.interface.protocol import ModemDriver, StorageUse, StoredEvent
from modem.errors import CommandError
from rules.sentences import NOTHING, Sentence, coded, together

_log = logging.getLogger(__name__)

EVERY = timedelta(minutes=5)
# A storage in which nothing could be freed is not listed again for each refused part.
PURGES_APART = timedelta(seconds=30)

_NAMED = ("SM", "ME", "SR")


class Storages:
    """`sentence` is for people, NOTHING while there is room; the modem still sends. A modem that refuses to list is
    used as it is. Until `empty_at_start` announced messages stay in the modem: a card that nobody accepted yet may be
    somebody's own, with private texts.
    """

    def __init__(self, driver: ModemDriver, settle: Settle) -> None:
        self._driver, self._settle = driver, settle
        self.sentence = NOTHING
        self._emptied = False
        self._due_at: datetime | None = None
        self._purge_at: datetime | None = None

    def port_opened(self) -> None:
        """Whatever came while nobody listened is found by `empty_at_start`."""
        self.sentence = NOTHING
        self._emptied = False
        self._purge_at = None

    def empty_at_start(self, sender: Sender, now: datetime) -> None:
        """Once after the port was opened, before the first part is sent. Raises ModemError."""
        if self._emptied:
            return
        # First: a listing that the modem never answers must not keep it from sending. It is tried again when idle.
        self._emptied = True
        self._empty(sender, now)

    def take(self, stored: StoredEvent, sender: Sender, now: datetime) -> None:
        """Move an announced message into the database, then free its place. Raises ModemError; a message that cannot be
        read now is found by the next look, due at once.
        """
        if not self._emptied:
            return
        due_at, self._due_at = self._due_at, None
        try:
            take_stored(self._driver, stored, sender, self._settle, now)
        except CommandError as refused:
            _log.warning("modem %s: %s; the message stays where it is", sender.modem, refused)
        else:
            self._due_at = due_at

    def look_if_due(self, sender: Sender, now: datetime) -> None:
        """Check the storages when it is time, while the modem has nothing to send: listing may take long. Raises
        ModemError."""
        if not is_due(self._due_at, now, EVERY):
            return
        self._due_at = now + EVERY
        uses = self._uses(sender)
        if any(use.used for use in uses):
            self._drain(sender, now)
            uses = self._uses(sender)
        self._note(uses, sender, now)

    def purge(self, sender: Sender, now: datetime) -> None:
        """The network reports that one is full: empty them now, also between two parts. Raises ModemError."""
        if is_due(self._purge_at, now, PURGES_APART):
            self._purge_at = now + PURGES_APART
            if self._empty(sender, now):
                self._purge_at = None

    def _empty(self, sender: Sender, now: datetime) -> int:
        self._due_at = now + EVERY
        count = self._drain(sender, now)
        self._note(self._uses(sender), sender, now)
        return count

    def _uses(self, sender: Sender) -> list[StorageUse]:
        try:
            return self._driver.storage_use()
        except CommandError as refused:
            _log.warning("modem %s: its storages cannot be looked at: %s", sender.modem, refused)
            return []

    def _drain(self, sender: Sender, now: datetime) -> int:
        try:
            count = drain_storage(self._driver, sender, self._settle, now)
        except CommandError as refused:
            _log.warning("modem %s: what waits in its storage cannot be listed: %s", sender.modem, refused)
            return 0
        if count:
            _log.info("modem %s: taken out of its storage: %d", sender.modem, count)
        return count

    def _note(self, uses: list[StorageUse], sender: Sender, now: datetime) -> None:
        """Say how full they are; to the pages while the database is there."""
        full = [use for use in uses if use.total and use.used >= WARNING_SHARE * use.total]
        self.sentence = together(*map(_full, full)) if full else NOTHING
        filled = [(use.name, use.used, use.total) for use in uses]
        with suppress(*UNAVAILABLE):
            signal_history.apply_storages(sender.host, sender.modem, filled, now)


def _full(use: StorageUse) -> Sentence:
    place = coded(f"memory_{use.name}") if use.name in _NAMED else use.name
    return coded("memory_full", place=place, used=use.used, total=use.total)

"""A worker on its fake driver and its fake clock."""

from dataclasses import replace

from base.settings.values import ModemSettings
from db.alerts.progress.progress import progress, recipients
from db.alerts.queue.marks import ClaimLost
from db.engine.connection import UNAVAILABLE
from db.modems import sims
from db.modems.status import beat, modem_cards
from modem.daemon.worker.worker import ModemWorker
from tests.modem.daemon.fake import IDENTITY, Clock, FakeDriver


class Bench:
    """A worker on its fake driver, and short questions to the database."""

    def __init__(self, now, name="a", imsi="206010000000001", device="/dev/x", **settings):
        self.name = name
        self.clock = Clock(now)
        self.driver = FakeDriver()
        self.driver.identity = replace(IDENTITY, imei=f"35{imsi[-13:]}", imsi=imsi)
        self.usb_resets = 0
        self.transcripts = 0
        self.present = True
        self.persisted = 0
        self.persist_next = None
        unpaced = {"messages_per_minute": 0} | settings
        self.worker = ModemWorker(
            "box",
            ModemSettings(name, device, **unpaced),
            self.driver,
            lambda: self.present,
            self.clock,
            self.persist,
            self.usb_reset,
            self.save_transcript,
        )
        beat("box", "modem", 1, now)
        self.is_further = name != "a"

    def persist(self, write):
        """The database may fail twice before it holds."""
        first, self.persist_next = self.persist_next, None
        if first is not None:
            return first(write)
        for _ in range(3):
            try:
                return write()
            except ClaimLost:
                return None
            except UNAVAILABLE:
                self.persisted += 1
        raise AssertionError("never written")

    def usb_reset(self):
        self.usb_resets += 1
        return True

    def save_transcript(self, now):
        self.transcripts += 1

    def step(self, seconds=0.0):
        if self.is_further:  # a technician accepted it
            self.is_further = False
            sims.apply_seen(
                "box", self.name, self.driver.identity.imei, self.driver.identity.imsi, None, self.clock.now
            )
            for waiting in sims.waiting_cards():
                sims.accept(waiting.id, "anne", self.clock.now)
        return self.worker.step(self.clock.forward(seconds))

    def run(self):
        """Until the worker has nothing more to do at once."""
        for _ in range(1000):
            if not self.step():
                return
        raise AssertionError("the worker never rests")

    def card(self):
        beat("box", "modem", 1, self.clock.now)
        return next(card for card in modem_cards(self.clock.now) if card.name == self.name)

    def counts(self, placed):
        return {state: count for state, count in progress(placed.id, self.clock.now).counts.items() if count}

    def reason(self, placed):
        return recipients(placed.id).rows[0].reason

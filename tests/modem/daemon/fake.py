"""A driver without a port and a clock without time: the worker's tests say what the modem does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from modem.driver.base.interface import (
    Before,
    ImsState,
    ModemEvent,
    ModemIdentity,
    Registration,
    StorageUse,
    StoredContent,
    StoredEvent,
)
from modem.errors import ModemTimeout
from modem.sms.message import OutgoingPart, StatusReport

IDENTITY = ModemIdentity("Huawei", "E173", "11.126", "350000000000001", "206010000000001", "8932000000000000001", None)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class FakeDriver:
    """Takes every part unless told otherwise; `taken` is what reached the network, `tried` whom it was asked for.

    `trouble` maps a number (or "*") to exceptions raised in turn: before the PDU unless `after` holds it too.
    `always` maps a number to what is raised whenever it is tried.
    """

    def __init__(self) -> None:
        self.identity = IDENTITY
        self.registered = True
        self.taken: list[OutgoingPart] = []
        self.trouble: dict[str, list[Exception]] = {}
        self.always: dict[str, Exception] = {}
        self.tried: list[str] = []
        self.after: set[Exception] = set()
        self.before_start: Callable[[], None] = lambda: None
        self.opening: list[Exception] = []
        self.events: list[ModemEvent] = []
        self.stored: dict[int, StoredContent] = {}
        self.deleted: list[int] = []
        self.holds: list[bool] = []
        self.closed = 0
        # What each opening was told of older submits.
        self.before: list[Before | None] = []
        self.silent = False
        self.resets = 0
        self.restored = 0
        self.switches = 0
        self.ims_told: ImsState | Exception = ""
        self.ims_asked = 0
        self.capabilities = frozenset({"port"})

    def open(self, before: Before | None = None) -> ModemIdentity:
        self.before.append(before)
        if self.silent:
            raise ModemTimeout("AT")
        if self.opening:
            raise self.opening.pop(0)
        return self.identity

    def registration(self) -> Registration:
        return Registration(self.registered, "4G" if self.registered else None, "20601")

    def ims(self) -> ImsState:
        self.ims_asked += 1
        return self.ims_told

    def signal_dbm(self) -> int | None:
        return -71

    def hold_link(self, hold: bool) -> None:
        self.holds.append(hold)

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        self.tried.append(part.msisdn)
        if part.msisdn in self.always:
            raise self.always[part.msisdn]
        waiting = self.trouble.get(part.msisdn) or self.trouble.get("*") or []
        error = waiting.pop(0) if waiting else None
        if error is not None and error not in self.after:
            raise error
        self.before_start()
        on_pdu_start()
        if error is not None:
            raise error
        self.taken.append(part)
        return len(self.taken) % 256

    def probe(self) -> None:
        if self.silent:
            raise ModemTimeout("AT")

    def reset(self) -> None:
        self.resets += 1

    def switch_bearer(self) -> bool:
        self.switches += 1
        return True

    def restore_smsc(self) -> bool:
        self.restored += 1
        return True

    def storage_use(self) -> list[StorageUse]:
        return [StorageUse("SM", len(self.stored), 10)]

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        return [
            (StoredEvent("SM", index, isinstance(content, StatusReport)), content)
            for index, content in self.stored.items()
        ]

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        return self.stored.get(stored.index)

    def delete_stored(self, stored: StoredEvent) -> None:
        self.deleted.append(stored.index)
        self.stored.pop(stored.index, None)

    def drain_events(self) -> list[ModemEvent]:
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        self.closed += 1

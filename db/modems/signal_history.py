"""The network as a modem told of it: reception and storages over time, written by the daemon and drawn by the console;
SMS over 4G by IMS, remembered per model, operator and setting of the modem's switch.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from db.engine.base import card_of, put
from db.engine.connection import writing
from db.models.modem_records import ImsNote, ModemSample, ModemStorage

KEPT = timedelta(days=30)
# A quiet modem is sampled this often; a change of network or technology is written at once.
EVERY = timedelta(minutes=5)
# A storage as full as this is told to people: texts and reports stop when it is full
# (docs/reference/modem-facts.md, "Storage").
WARNING_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Sample:
    """Registration and signal at one moment."""

    at: datetime
    registered: bool
    operator: str | None
    technology: str | None
    signal_dbm: int | None


@dataclass(frozen=True, slots=True)
class StorageCard:
    """Use of a storage at `seen_at`."""

    name: str
    used: int
    total: int
    seen_at: datetime

    @property
    def nearly_full(self) -> bool:
        """From 80 % on."""
        return self.total > 0 and self.used >= WARNING_SHARE * self.total


def apply_sample(host: str, modem: str, sample: Sample) -> bool:
    """Write a sample when it says something new; True when it was written."""
    last = (
        ModemSample.select()
        .where(ModemSample.host == host, ModemSample.modem == modem)
        .order_by(ModemSample.at.desc())
        .first()
    )
    if last is not None and _same(last, sample) and timedelta() <= sample.at - last.at < EVERY:
        return False
    with writing():
        ModemSample.create(host=host, modem=modem, **asdict(sample))
        old = ModemSample.at < sample.at - KEPT
        ModemSample.delete().where(ModemSample.host == host, ModemSample.modem == modem, old).execute()
    return True


def samples(host: str, modem: str, since: datetime) -> list[Sample]:
    """The history of one modem, oldest first."""
    rows = (
        ModemSample.select()
        .where(ModemSample.host == host, ModemSample.modem == modem, ModemSample.at >= since)
        .order_by(ModemSample.at)
    )
    return [card_of(Sample, row) for row in rows]


def apply_storages(host: str, modem: str, uses: Iterable[tuple[str, int, int]], now: datetime) -> None:
    """Store the modem's storages as it tells of them now (name, used, total); others are forgotten."""
    with writing():
        ModemStorage.delete().where(ModemStorage.host == host, ModemStorage.modem == modem).execute()
        for name, used, total in uses:
            ModemStorage.create(host=host, modem=modem, name=name, used=used, total=total, seen_at=now)


def storages(host: str, modem: str) -> list[StorageCard]:
    """The storages of one modem, by name."""
    rows = (
        ModemStorage.select().where(ModemStorage.host == host, ModemStorage.modem == modem).order_by(ModemStorage.name)
    )
    return [card_of(StorageCard, row) for row in rows]


def _same(last: ModemSample, sample: Sample) -> bool:
    return (last.registered, last.operator, last.technology) == (sample.registered, sample.operator, sample.technology)


def apply_ims(model: str, operator: str, tried: str, state: str, now: datetime) -> None:
    """Keep the newest word: `state` is `sms`, `registered`, `none` or `unoffered`."""
    with writing():
        put(ImsNote, {"model": model, "operator": operator, "tried": tried}, state=state, seen_at=now)


def ims_state(model: str, operator: str | None) -> str:
    """The newest state that this model told with this operator's cards; "" where it never told one."""
    mine = (ImsNote.model == model) & (ImsNote.operator == (operator or ""))
    newest = ImsNote.select().where(mine).order_by(ImsNote.seen_at.desc()).first()
    return newest.state if newest else ""

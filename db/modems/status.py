"""The modems as their daemons saw them, and the outcomes of their SMS; the queue; signs of life."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from peewee import EXCLUDED, Case, fn

from db.engine.base import card_of, grouped, tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import is_postgres_database, writing
from db.engine.health import write_trouble
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.zone import Heartbeat, Modem
from db.modems.forecast import seconds_per_part
from db.modems.readiness import live_hosts
from rules.calendar import LOCAL
from rules.readiness import is_modem
from rules.sentences import NOTHING, Sentence, coded, stored_sentence
from rules.states import LANE_URGENT, PartState, Stage

# Of any other state the IMSI may be of the card before.
_HAS_ITS_CARD = ("ready", "not_registered", "paused", "suspended", "quarantined")
# Of a modem whose daemon is silent nobody knows these.
_OF_NOW = ("operator", "technology", "signal_dbm", "pin_tries", "next_try_at")
# A host that was silent for so long has another name now, or is no more.
SILENT = timedelta(days=30)
_MODEMS = Prepared(Modem.select().order_by(Modem.host, Modem.name))
_SENT_SINCE = Prepared(
    Attempt.select(fn.COUNT(Attempt.id)).where(
        Attempt.imsi == given("imsi"), Attempt.ended_at >= given("since"), Attempt.outcome == "sent"
    )
)
_BEAT = Prepared(
    lambda: Heartbeat.insert(**{name: given(name) for name in ("host", "process", "pid", "seen_at")}).on_conflict(
        conflict_target=[Heartbeat.host, Heartbeat.process],
        update={"pid": given("pid"), "seen_at": given("seen_at"), "ended_at": None},
        # A sign of life that waited for the database, and comes after its own process's end, revives nobody. Another
        # process counts whatever its clock says.
        where=Heartbeat.ended_at.is_null() | (Heartbeat.ended_at < EXCLUDED.seen_at) | (Heartbeat.pid != EXCLUDED.pid),
    )
)
_HELD = Broadcast.stage.in_((Stage.HELD, Stage.PAUSED))
_IS_URGENT = Broadcast.lane == LANE_URGENT
# As in `QueueCard`.
_HOW_THEY_WAIT = (~_HELD & _IS_URGENT, ~_HELD & ~_IS_URGENT, _HELD, Broadcast.stage == Stage.PAUSED)
_WAITING = Prepared(
    Part.select(*(fn.COUNT(Case(None, [(which, 1)])) for which in _HOW_THEY_WAIT))
    .join(Broadcast, on=(Part.broadcast == Broadcast.id))
    .where(Part.state == PartState.QUEUED)
)
LATELY: Final = timedelta(hours=24)
# From so many on it is no dead number or bad moment any more.
_SHARE, _AT_LEAST = 0.2, 5
# About the number, not about the modem (docs/reference/modem-facts.md, "Error codes and what to do").
_OF_NUMBERS: Final = ("CMS 1", "CMS 30", "CMS 195", "CMS 196")
_REFUSED = (
    Attempt.outcome.in_(("retry", "failed"))
    & (Attempt.reason.startswith("C") | (Attempt.reason == "ERROR"))
    & Attempt.reason.not_in(_OF_NUMBERS)
)
_UNCONFIRMED = Attempt.outcome == "unconfirmed"
_OUTCOMES = Prepared(
    Attempt.select(
        *(
            fn.COUNT(Case(None, [(which, Attempt.part)]).distinct())
            for which in ((Attempt.outcome == "sent") | _REFUSED | _UNCONFIRMED, _REFUSED, _UNCONFIRMED)
        )
    ).where(Attempt.host == given("host"), Attempt.modem == given("modem"), Attempt.ended_at >= given("since"))
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Parts handed to a modem in the last 24 hours; one that was refused and then taken counts among both."""

    tried: int = 0
    refused: int = 0
    unconfirmed: int = 0

    def share(self, some: int) -> float:
        return some / self.tried if self.tried else 0.0

    @property
    def is_bad(self) -> bool:
        """A technician should check, although the modem reports that it is ready."""
        return self.refused + self.unconfirmed >= max(_AT_LEAST, _SHARE * self.tried)

    @property
    def told(self) -> Sentence:
        if not (self.refused or self.unconfirmed):
            return NOTHING
        return coded("modem_outcomes", tried=self.tried, refused=self.refused, unconfirmed=self.unconfirmed)


NOTHING_SENT = Outcomes()


@dataclass(frozen=True, slots=True)
class ModemCard:
    """A modem as shown; its `state`: docs/reference/contract.md, "JSON of the commands"; `absent` if not `alive`."""

    host: str
    name: str
    device: str
    state: str
    told: Sentence
    model: str
    imei: str | None
    imsi: str | None
    iccid: str | None
    operator: str | None
    technology: str | None
    signal_dbm: int | None
    sent_today: int
    seconds_per_message: float | None
    simulated: bool
    changed_at: datetime
    pin_tries: int | None
    alive: bool
    label: str = ""
    lacks: str = ""
    unregistered: str = ""
    outcomes: Outcomes = NOTHING_SENT
    next_try_at: datetime | None = None

    @property
    def speaks_at(self) -> bool:
        """AT commands reach it: it is not ModemManager's."""
        return "at" not in self.lacks.split()

    @property
    def shown(self) -> str:
        """The name that people gave it, else that of its section."""
        return self.label or self.name

    @property
    def sentence(self) -> str:
        """Its state as its daemon wrote it, in French."""
        return str(self.told)

    @property
    def is_modem(self) -> bool:
        """False for what is plugged in and cannot be used: a daemon listens to no request for it."""
        return is_modem(self.device)


@dataclass(frozen=True, slots=True)
class QueueCard:
    """Messages' parts that wait, by how they wait; `paused` are those of the `held` that a person paused."""

    urgent: int
    normal: int
    held: int
    paused: int


def on_several_hosts(cards: Iterable[ModemCard]) -> bool:
    """True when these modems are on several hosts, so that a name alone does not identify one."""
    return len({card.host for card in cards}) > 1


def modem_cards(now: datetime, only: tuple[str, str] | None = None) -> list[ModemCard]:
    """Every modem that a daemon ever wrote of and did not forget, by host and name; `only` this one (host, name)."""
    hosts = live_hosts(now)
    rows = [row for row in modems() if only in (None, (row.host, row.name))]
    silence = NOTHING
    if any(row.host not in hosts for row in rows):  # whose daemon does not run, or cannot write
        trouble = write_trouble(thorough=True)
        silence = coded("state_unknown", why=trouble.inside) if trouble else coded("modems_not_running")
    unseen: dict[str, object] = {"state": "absent", "told": silence, **dict.fromkeys(_OF_NOW)}
    return [
        card_of(
            ModemCard,
            row,
            sent_today=sent_today(row.imsi, now),
            seconds_per_message=seconds_per_part(row.name, row.host),
            alive=row.host in hosts,
            outcomes=outcomes(row.host, row.name, now),
            **({"told": stored_sentence(row.sentence)} if row.host in hosts else unseen),
        )
        for row in rows
    ]


def modems() -> list[Modem]:
    """Every modem as its daemon wrote it last, by host and name."""
    return _MODEMS.results()


def apply_label(host: str, name: str, label: str) -> None:
    """Call this modem so on pages; "" takes the name away."""
    with writing():
        Modem.update(label=label).where(Modem.host == host, Modem.name == name).execute()


def sent_today(imsi: str | None, now: datetime) -> int:
    """Parts that the network accepted from this SIM since local midnight."""
    if imsi is None:
        return 0
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    return int(_SENT_SINCE.rows(imsi=imsi, since=midnight)[0][0])


def queue() -> QueueCard:
    """Numbers of parts that wait."""
    return QueueCard(*_WAITING.rows()[0])


def save_modem(host: str, name: str, values: Mapping[str, object], now: datetime) -> None:
    """Store a modem as the daemon knows it; `values` are columns, `sentence` as `Sentence.stored`."""
    with writing():
        known = Modem.update(dict(values), changed_at=now).where(Modem.host == host, Modem.name == name)
        if not known.execute():
            Modem.create(host=host, name=name, changed_at=now, **values)


def twins(now: datetime) -> dict[str, list[str]]:
    """The IMSIs that several modems report at once, with those modems (host/name)."""
    rows = Modem.select(Modem.imsi, Modem.host, Modem.name).where(
        Modem.host.in_(live_hosts(now)), Modem.state.in_(_HAS_ITS_CARD), Modem.imsi.is_null(False)
    )
    seats = grouped((imsi, f"{host}/{name}") for imsi, host, name in tuples(rows.order_by(Modem.host, Modem.name)))
    return {imsi: those for imsi, those in seats.items() if len(those) > 1}


def known_modems(host: str) -> list[Modem]:
    """The modems that this host's daemon had, by name."""
    return list(Modem.select().where(Modem.host == host).order_by(Modem.name))


def mark_absent(host: str, names: list[str], sentence: str, now: datetime) -> None:
    """Store modems as absent, `sentence` as `Sentence.stored`; one that is absent already keeps its date."""
    with writing():
        unknown = dict.fromkeys(("operator", "technology", "signal_dbm"))
        absent = Modem.update(state="absent", sentence=sentence, changed_at=now, **unknown)
        absent.where(Modem.host == host, Modem.name.in_(names or [""]), Modem.state != "absent").execute()


def forget_modem(host: str, name: str) -> None:
    """Drop one row."""
    with writing():
        Modem.delete().where(Modem.host == host, Modem.name == name).execute()


def forget_other_modems(host: str, names: list[str], now: datetime) -> None:
    """Drop the other modems of this host, and of its earlier names: with PostgreSQL, hosts silent for a month."""
    gone: Any = Modem.host != host
    if is_postgres_database():
        gone &= Modem.host.not_in(live_hosts(now) or [""]) & (Modem.changed_at < now - SILENT)
    with writing():
        Modem.delete().where(gone | ((Modem.host == host) & Modem.name.not_in(names or [""]))).execute()


def beat(host: str, process: str, pid: int, now: datetime) -> None:
    """A sign of life."""
    with writing(wakes=False):
        _BEAT.change(host=host, process=process, pid=pid, seen_at=now)


def stop_beating(host: str, process: str, now: datetime) -> None:
    """A clean end: nobody need wait for the heartbeat to grow old."""
    with writing():
        ended = Heartbeat.update(ended_at=now)
        ended.where(Heartbeat.host == host, Heartbeat.process == process, Heartbeat.ended_at.is_null()).execute()


def outcomes(host: str, modem: str, now: datetime) -> Outcomes:
    """The outcomes of this modem's attempts, with any SIM."""
    return Outcomes(*_OUTCOMES.rows(host=host, modem=modem, since=now - LATELY)[0])

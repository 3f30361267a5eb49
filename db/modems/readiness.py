"""The state of sending now, as the daemons last wrote it; and the texts that a SIM sent, with their reports
(docs/adr/0026)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peewee import fn

from db.engine.base import card_of, tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.health import write_trouble
from db.models.broadcasts import Attempt, Broadcast, Message, Part
from db.models.incidents import Incident
from db.models.zone import DirectoryEntry, Heartbeat, Modem
from rules import readiness as rules
from rules.numbers import numbers_of, range_of
from rules.orders import silence
from rules.readiness import Missing
from rules.sentences import Sentence, coded, stored_sentence
from rules.states import LANE_URGENT, PartState, Stage

# The daemon writes its heartbeat every three seconds; three missed ones mean that it is gone.
FRESH = timedelta(seconds=10)
# One missed: the daemon is gone, or it cannot write.
SUSPICIOUS = timedelta(seconds=6)
# A process is missing after this: three missed signs of life of the slowest, so that people read it within a minute.
GONE = timedelta(seconds=45)
# A daemon that fell silent without ending as it should is missed for so long.
MISSED = timedelta(days=7)
# Every page asks, and an open one again every few seconds.
_MODEMS_OF = Prepared(lambda hosts: Modem.select().where(Modem.host.in_(hosts)).order_by(Modem.host, Modem.name))
_SEAT = Modem.host.concat("/").concat(Modem.name)
_READY = Prepared(
    lambda hosts: (
        Modem.select(Modem.imsi, _SEAT)
        .where(Modem.host.in_(hosts), Modem.state == "ready", Modem.imsi.is_null(False))
        .order_by(Modem.host, Modem.name)
    )
)
_USEFUL = Prepared(
    lambda hosts: Modem.select(Modem.simulated).where(
        Modem.host.in_(hosts), Modem.state.in_([rules.Code.READY, *rules.SOON])
    )
)
_SIGNS = Prepared(
    Heartbeat.select(Heartbeat.host, Heartbeat.process, Heartbeat.seen_at, Heartbeat.ended_at).order_by(
        Heartbeat.host, Heartbeat.process
    )
)
_URGENT_WAITS = Prepared(
    Broadcast.select(Broadcast.id)
    .where(Broadcast.stage == Stage.QUEUED, Broadcast.lane == LANE_URGENT, Broadcast.deadline_at > given("now"))
    .where(fn.EXISTS(Part.select(Part.id).where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)))
    .limit(1)
)
# A pattern that no number fits.
NO_NUMBER = "-"
# The incident of a SIM, its subject, whose texts are taken and never reported on.
FILTERED = "filtered"
_REPORTED = (PartState.DELIVERED, PartState.UNDELIVERED, PartState.EXPIRED)
# Taken under a reference, by which alone a report is known; not what a person sent again since.
_SENT = (
    Attempt.select(Message.msisdn, Attempt.ended_at, Part.state, Part.changed_at)
    .join(Part)
    .join(Message)
    .where(Attempt.imsi == given("imsi"), Attempt.outcome == "sent", Attempt.reference.is_null(False))
    .where(Part.sent_at == Attempt.ended_at, Part.state.in_((PartState.SENT, *_REPORTED)))
    .order_by(Attempt.ended_at.desc(), Attempt.id.desc())
)
_LATELY = Prepared(_SENT.where(Attempt.ended_at > given("since")))
_NEWEST = Prepared(_SENT.where(Attempt.ended_at > given("since")).limit(silence.NEWEST))
_BEFORE = Prepared(_SENT.where(Attempt.ended_at <= given("since")).limit(silence.USUAL_TEXTS))
_FILTERED = Prepared(
    Incident.select(Incident.subject, Incident.sentence).where(Incident.kind == FILTERED, Incident.ended_at.is_null())
)
_OF_BROADCAST = Prepared(
    Incident.select(Incident.sentence)
    .where(Incident.kind == FILTERED, Incident.ended_at.is_null())
    .where(
        Incident.subject.in_(
            Message.select(Message.imsi).where(Message.broadcast == given("broadcast"), Message.imsi.is_null(False))
        )
    )
    .order_by(Incident.id)
)


def readiness(now: datetime, host: str | None = None, names: tuple[str, ...] = ()) -> rules.Judgement:
    """The one answer for the light, the send button, alarms, API and doctor; of one `host` and `names` if given."""
    signs = _signs()
    beats = _beats(signs, now - MISSED)
    alive = [name for name, seen_at in beats.items() if seen_at > now - FRESH and host in (None, name)]
    missed = list(beats) if host is None else [host]
    rows = _MODEMS_OF.results(hosts=missed)
    seen = [_seen(row, row.host in alive) for row in rows if not names or row.name in names]
    # A daemon that cannot write is silent too: that it does not run would be the wrong thing to say.
    suspicious = all(seen_at <= now - SUSPICIOUS for seen_at in beats.values())
    trouble = write_trouble(thorough=suspicious)
    waits = _URGENT_WAITS.first(now=now) is not None
    gone = () if trouble else tuple(other for other in _missing(signs, now) if host in (None, other.host))
    judged = rules.judge(seen, alive=bool(alive), trouble=trouble, urgent_waits=waits, missing=gone)
    if judged.ready:
        return judged
    directory = DirectoryEntry.select(DirectoryEntry.service, DirectoryEntry.contact)
    numbers = tuples(directory.order_by(DirectoryEntry.position, DirectoryEntry.id))
    return replace(judged, technician=rules.technician_in(numbers))


@dataclass(frozen=True, slots=True)
class _Sign:
    host: str
    process: str
    seen_at: datetime
    ended_at: datetime | None

    @property
    def last_at(self) -> datetime:
        return self.ended_at or self.seen_at


def _signs() -> list[_Sign]:
    return [
        _Sign(host, process, utc_of(seen_at), utc_of(ended_at) if ended_at else None)
        for host, process, seen_at, ended_at in _SIGNS.rows()
    ]


def missing(now: datetime) -> list[Missing]:
    """The processes that give no sign of life any more; not of a host where all ended as they should, which is off."""
    return _missing(_signs(), now)


def _missing(signs: Sequence[_Sign], now: datetime) -> list[Missing]:
    gone = []
    for sign in signs:
        others = [other for other in signs if other.host == sign.host]
        # A host that fell silent, or a process that somebody ended, for so long: they are no more.
        newest = sign.last_at if sign.ended_at else max(other.last_at for other in others)
        is_off = all(other.ended_at for other in others)
        if sign.last_at <= now - GONE and newest > now - MISSED and not is_off:
            gone.append(Missing(sign.host, sign.process, sign.last_at))
    return gone


def known_processes(now: datetime) -> list[tuple[str, str]]:
    """(host, process) of all that ran in the last week."""
    return [(sign.host, sign.process) for sign in _signs() if sign.last_at > now - MISSED]


def is_running(process: str, now: datetime) -> bool:
    """True where a process of this name gives signs of life, on whatever host."""
    return any(sign.process == process and not sign.ended_at and sign.seen_at > now - GONE for sign in _signs())


def live_hosts(now: datetime) -> list[str]:
    """The hosts whose modem daemon gave a sign of life."""
    return list(signs_of_life(now))


def signs_of_life(now: datetime, within: timedelta = FRESH) -> dict[str, datetime]:
    """The last one of every host's modem daemon."""
    return _beats(_signs(), now - within)


def _beats(signs: Sequence[_Sign], since: datetime) -> dict[str, datetime]:
    mine = (sign for sign in signs if sign.process == "modem" and sign.ended_at is None)
    return {sign.host: sign.seen_at for sign in mine if sign.seen_at > since}


def all_simulated(now: datetime) -> bool:
    """True when whatever can send now, or will by itself, is a simulator."""
    return {bool(simulated) for (simulated,) in _USEFUL.rows(hosts=live_hosts(now))} == {True}


def _seen(row: Modem, alive: bool) -> rules.SeenModem:
    """The modem as judged; of a silent daemon's modem only the silence is known."""
    return card_of(
        rules.SeenModem,
        row,
        state=row.state if alive else rules.Code.ABSENT,
        sentence=stored_sentence(row.sentence) if alive else coded("modems_not_running"),
        is_modem=rules.is_modem(row.device),
        next_try_at=row.next_try_at if alive else None,
    )


def ready_sims(now: datetime) -> list[tuple[str, str]]:
    """The SIMs that can send now, each with its modem (host/name), in that order."""
    return _READY.rows(hosts=live_hosts(now))


def sent_lately(imsi: str, now: datetime) -> list[silence.TextSent]:
    """The texts that the network recently accepted from this SIM, in the order of sending."""
    return [*reversed(_texts(_LATELY.rows(imsi=imsi, since=now - silence.LATELY)))]


def sent_before(imsi: str, now: datetime) -> list[silence.TextSent]:
    """Its earlier texts, the newest first, which tell how long the reports usually take."""
    return _texts(_BEFORE.rows(imsi=imsi, since=now - silence.LATELY))


def range_to_try(imsi: str, now: datetime) -> str:
    """The operator whose range this SIM's next urgent text tries; "" for none, and for one of which it never had
    reports, or when an incident is open."""
    rows = _NEWEST.rows(imsi=imsi, since=now - silence.NEWEST_WITHIN)
    texts = [(msisdn, state in _REPORTED) for msisdn, _sent_at, state, _changed_at in reversed(rows)]
    tried = silence.range_to_try(texts)
    if not tried or imsi in filtered_sims():
        return ""
    reported = (text.msisdn for text in sent_before(imsi, now) if text.reported_at is not None)
    return tried if any(range_of(msisdn) == tried for msisdn in reported) else ""


def filtered_sims() -> dict[str, str]:
    """The SIMs of open incidents, each with a pattern of the numbers at which what it sends may never arrive."""
    reasons = {imsi: stored_sentence(sentence).values for imsi, sentence in _FILTERED.rows()}
    return {imsi: numbers_of(str(values.get("operator", ""))) for imsi, values in reasons.items()}


def left_to_others(imsi: str, now: datetime) -> str:
    """A pattern of the numbers to which this SIM begins nothing, as another one can; NO_NUMBER for none."""
    filtered = filtered_sims()
    numbers = filtered.get(imsi)
    if numbers is None:
        return NO_NUMBER
    others = [filtered.get(other, NO_NUMBER) for other, _seat in ready_sims(now) if other != imsi]
    return numbers if any(theirs not in (numbers, numbers_of("")) for theirs in others) else NO_NUMBER


def silences_of(broadcast_id: int) -> list[Sentence]:
    """The sentences about the filtered SIMs that sent messages of this broadcast."""
    return [stored_sentence(sentence) for (sentence,) in _OF_BROADCAST.rows(broadcast=broadcast_id)]


def _texts(rows: Sequence[tuple[str, object, PartState, object]]) -> list[silence.TextSent]:
    return [
        silence.TextSent(msisdn, utc_of(sent_at), utc_of(changed_at) if PartState(state) in _REPORTED else None)
        for msisdn, sent_at, state, changed_at in rows
    ]

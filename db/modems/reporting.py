"""The texts that a SIM sent, and the reports that came of them: facts for `rules.readiness`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.models.broadcasts import Attempt, Message, Part
from db.models.incidents import Incident
from db.models.zone import Modem
from db.modems.readiness import live_hosts
from rules.readiness import LATELY, USUAL_TEXTS, TextSent
from rules.sentences import Sentence, stored_sentence
from rules.states import PartState

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
    .order_by(Attempt.ended_at.desc())
)
_LATELY = Prepared(_SENT.where(Attempt.ended_at > given("since")))
_BEFORE = Prepared(_SENT.where(Attempt.ended_at <= given("since")).limit(USUAL_TEXTS))
_FILTERED = Prepared(Incident.select(Incident.subject).where(Incident.kind == FILTERED, Incident.ended_at.is_null()))

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


def ready_sims(now: datetime) -> list[tuple[str, str]]:
    """The SIMs that can send now, each with its modem (host/name), in that order."""
    rows = Modem.select(Modem.imsi, Modem.host.concat("/").concat(Modem.name)).where(
        Modem.host.in_(live_hosts(now)), Modem.state == "ready", Modem.imsi.is_null(False)
    )
    return list(tuples(rows.order_by(Modem.host, Modem.name)))


def sent_lately(imsi: str, now: datetime) -> list[TextSent]:
    """The texts that the network recently accepted from this SIM, in the order of sending."""
    return [*reversed(_texts(_LATELY.rows(imsi=imsi, since=now - LATELY)))]


def usual_delays(imsi: str, now: datetime) -> list[timedelta | None]:
    """The times that the reports of its earlier texts took; None for a text without one."""
    earlier = _texts(_BEFORE.rows(imsi=imsi, since=now - LATELY))
    return [None if text.reported_at is None else text.reported_at - text.sent_at for text in earlier]


def filtered_sims() -> set[str]:
    """The SIMs of open incidents: what they take may reach nobody."""
    return {imsi for (imsi,) in _FILTERED.rows()}


def silences_of(broadcast_id: int) -> list[Sentence]:
    """The sentences about the filtered SIMs that sent messages of this broadcast."""
    return [stored_sentence(sentence) for (sentence,) in _OF_BROADCAST.rows(broadcast=broadcast_id)]


def _texts(rows: Sequence[tuple[str, object, PartState, object]]) -> list[TextSent]:
    return [
        TextSent(msisdn, utc_of(sent_at), utc_of(changed_at) if PartState(state) in _REPORTED else None)
        for msisdn, sent_at, state, changed_at in rows
    ]

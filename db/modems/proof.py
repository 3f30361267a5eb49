"""Proofs that modems live: a message of theirs was taken, reported delivered, and came in on the card it was for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.connection import writing
from db.models.broadcasts import Attempt, Part
from db.models.incidents import Incident
from db.models.modem_records import OwnNumber
from db.models.modem_records import Proof as Proof  # commands and jobs name the rows that they get
from db.modems.status import ModemCard
from rules.sentences import NOTHING, Sentence, stored_sentence
from rules.states import PartState

# Kind of the incident of a modem, by its seat, that is proven no longer.
INCIDENT = "proof"
# Hours of a modem that are looked back through for the last one that can be judged.
_NEWEST = 5
_OPEN_INCIDENT = Prepared(
    Incident.select(Incident.sentence).where(
        Incident.kind == INCIDENT, Incident.subject == given("seat"), Incident.ended_at.is_null()
    )
)
_SHOWN = Prepared(
    lambda: _delivered(
        Part.changed_at,
        Proof.arrived_at,
        Part.simulated,
        Attempt.select(fn.MAX(Attempt.pdu_started_at)).where(Attempt.part == Part.id),
    ).where(
        Proof.host == given("host"),
        Proof.modem == given("modem"),
        Proof.imsi == given("imsi"),
        (Proof.to_seat != given("seat")) | Proof.arrived_at.is_null(False),
    )
)
_NEWEST_TO = Prepared(lambda: _delivered(Proof.arrived_at).where(Proof.to_imsi == given("imsi")))
_HEARD = Prepared(Proof.select(fn.MAX(Proof.arrived_at)).where(Proof.to_imsi == given("imsi")))


@dataclass(frozen=True, slots=True)
class LastProof:
    """`proven_at` is None for never, with its card; `took_s` is from handing over to the last event; `trouble`: why it
    is proven no longer, else NOTHING."""

    proven_at: datetime | None
    took_s: float | None
    simulated: bool
    trouble: Sentence

    @property
    def state(self) -> str:
        if self.proven_at is None:
            return "never"
        return "lost" if self.trouble else "proven"


def last_proof(card: ModemCard) -> LastProof:
    """The last proof of this modem with the card that is in it. Pages ask every two seconds: four prepared queries."""
    seat, imsi = seat_of(card), card.imsi or ""
    incident = _OPEN_INCIDENT.first(seat=seat)
    trouble = stored_sentence(incident[0]) if incident is not None else NOTHING
    shown = _SHOWN.first(host=card.host, modem=card.name, imsi=imsi, seat=seat)
    if shown is None:
        return LastProof(None, None, card.simulated, trouble)
    reported_at, arrived_at, simulated, begun_at = shown
    newest = _NEWEST_TO.first(imsi=imsi)
    if newest is not None and newest[0] is None:
        # It sends, and what is sent to it does not come in: since when is what counts.
        ((heard_at,),) = _HEARD.rows(imsi=imsi)
        return LastProof(utc_of(heard_at) if heard_at else None, None, bool(simulated), trouble)
    proven_at = max(utc_of(at) for at in (reported_at, arrived_at) if at is not None)
    took_s = (proven_at - utc_of(begun_at)).total_seconds() if begun_at is not None else None
    return LastProof(proven_at, took_s, bool(simulated), trouble)


def proof_of(broadcast_id: int) -> Proof | None:
    """The proof that this broadcast carries; None for another kind."""
    return next(iter(_newest(Proof.broadcast == broadcast_id)), None)


def newest_proofs(card: ModemCard) -> list[Proof]:
    """The newest few that this modem was to send with its card, the newest first."""
    return _newest((Proof.host == card.host) & (Proof.modem == card.name) & (Proof.imsi == card.imsi))


def newest_proofs_to(card: ModemCard) -> list[Proof]:
    """The newest few that this modem was to receive with its card, the newest first."""
    return _newest((Proof.to_imsi == card.imsi) & (Proof.to_seat == seat_of(card)))


def apply_proof(imsi: str, text: str, now: datetime) -> bool:
    """True when `text` is a proof sent to the card `imsi`: nobody reads or answers it. In the caller's transaction."""
    proof = Proof.get_or_none(Proof.text == text, Proof.to_imsi == imsi)
    if proof is None:
        return False
    Proof.update(arrived_at=now).where(Proof.id == proof.id, Proof.arrived_at.is_null()).execute()
    return True


def begin_proof(card: ModemCard, slot_at: datetime, to: ModemCard | None, text: str, now: datetime) -> Proof:
    """Claim the proof of this hour, or of a self-test; `to` is None for the duty phone. One that exists, of another
    process or of before a crash, is returned as it was begun."""
    mine = {"host": card.host, "modem": card.name, "imsi": card.imsi, "slot_at": slot_at}
    with writing("proof"):
        row: Proof | None = Proof.get_or_none(*(getattr(Proof, name) == value for name, value in mine.items()))
        if row is None:
            seat, imsi = (seat_of(to), to.imsi) if to else ("", None)
            row = Proof.create(**mine, placed_at=now, to_seat=seat, to_imsi=imsi, text=text)
        return row


def mark_placed(proof_id: int, broadcast_id: int) -> None:
    """Its message is queued."""
    with writing():
        Proof.update(broadcast=broadcast_id).where(Proof.id == proof_id).execute()


def numbers_of_seats() -> dict[str, str]:
    """The numbers of our SIMs that config.ini of any host names, by the seat of its modem."""
    rows = tuples(OwnNumber.select(OwnNumber.host, OwnNumber.modem, OwnNumber.msisdn))
    return {f"{host}/{modem}": msisdn for host, modem, msisdn in rows}


def seat_of(card: ModemCard) -> str:
    """Its seat: host/name."""
    return f"{card.host}/{card.name}"


def _newest(which: Any) -> list[Proof]:
    columns = (Proof, Part.state, Part.reason, Part.sent_at, Part.changed_at, Part.simulated)
    placed = Proof.select(*columns).join(Part, on=(Part.broadcast == Proof.broadcast)).where(which)
    return list(placed.order_by(Proof.id.desc()).limit(_NEWEST).objects())


def _delivered(*columns: Any) -> Any:
    """Proofs that the network reported as delivered, the newest first."""
    carried = Proof.select(*columns).join(Part, on=(Part.broadcast == Proof.broadcast))
    return carried.where(Part.state == PartState.DELIVERED).order_by(Proof.id.desc()).limit(1)

"""Proofs that modems live: a message of each was taken, reported delivered, and came in on the card it was for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.engine.base import tuples
from db.engine.connection import take_turn, writing
from db.models.answers import OwnNumber
from db.models.broadcasts import Attempt, Part
from db.models.incidents import Incident
from db.models.modem_records import Proof
from db.modems.status import ModemCard
from plp.rules.sentences import NOTHING, Sentence, stored_sentence
from plp.rules.states import PartState

# Kind of the incident of a modem, by its seat, that is proven no longer.
INCIDENT = "proof"
# Hours of a modem that are looked back through for the last one that can be judged.
_NEWEST = 5


@dataclass(frozen=True, slots=True)
class ProofCard:
    """One proof that was queued. `to_seat` (host/name) is "" for the duty phone; `state`, `reason` and `changed_at` are
    its part's.
    """

    host: str
    modem: str
    to_seat: str
    to_imsi: str | None
    placed_at: datetime
    state: PartState
    reason: str
    sent_at: datetime | None
    changed_at: datetime
    arrived_at: datetime | None
    part_id: int
    simulated: bool

    @property
    def shows_sending(self) -> bool:
        """Taken and delivered; what a modem sent to itself must be there too."""
        own = self.to_seat == f"{self.host}/{self.modem}"
        return self.state is PartState.DELIVERED and (not own or self.arrived_at is not None)

    @property
    def seen_at(self) -> datetime:
        """Time of the last of report and text."""
        return max(self.changed_at, self.arrived_at or self.changed_at)


@dataclass(frozen=True, slots=True)
class LastProof:
    """`proven_at` is None for a modem that never was, with its card. `took_s` is from handing over to the last news.

    `trouble` says why it is proven no longer, or never; NOTHING while all is well.
    """

    proven_at: datetime | None
    took_s: float | None
    simulated: bool
    trouble: Sentence

    @property
    def state(self) -> str:
        """never | proven | lost."""
        if self.proven_at is None:
            return "never"
        return "lost" if self.trouble else "proven"


@dataclass(frozen=True, slots=True)
class BegunProof:
    """A proof before its message; `is_queued` when it has one already. `to_seat` is as in `ProofCard`."""

    id: int
    to_seat: str
    text: str
    is_queued: bool


def last_proof(card: ModemCard) -> LastProof:
    """The last proof of this modem with the card that is in it."""
    incident = Incident.get_or_none(
        Incident.kind == INCIDENT, Incident.subject == seat_of(card), Incident.ended_at.is_null()
    )
    trouble = stored_sentence(incident.sentence) if incident is not None else NOTHING
    if card.imsi is None:
        return LastProof(None, None, card.simulated, trouble)
    there = (Proof.to_seat != seat_of(card)) | Proof.arrived_at.is_null(False)
    found = _cards(_of(card).where(Part.state == PartState.DELIVERED, there), 1)
    if not found:
        return LastProof(None, None, card.simulated, trouble)
    proof = found[0]
    if _missed_one(card.imsi):
        # It sends, and what is sent to it does not come in: since when is what counts.
        return LastProof(_heard_at(card.imsi), None, proof.simulated, trouble)
    begun = Attempt.select(Attempt.pdu_started_at).where(Attempt.part == proof.part_id).order_by(Attempt.id.desc())
    row = begun.first()
    took_s = (proof.seen_at - row.pdu_started_at).total_seconds() if row and row.pdu_started_at else None
    return LastProof(proof.seen_at, took_s, proof.simulated, trouble)


def proof_of(broadcast_id: int) -> ProofCard | None:
    """The proof that this broadcast carries; None when there is none."""
    return next(iter(_cards(_all().where(Proof.broadcast == broadcast_id), 1)), None)


def newest_proofs(card: ModemCard) -> list[ProofCard]:
    """The newest few that this modem was to send with its card, the newest first."""
    return _cards(_of(card), _NEWEST)


def newest_proofs_to(card: ModemCard) -> list[ProofCard]:
    """The newest few that this modem was to receive with its card, the newest first."""
    return _cards(_all().where(Proof.to_imsi == card.imsi, Proof.to_seat == seat_of(card)), _NEWEST)


def apply_proof(imsi: str, text: str, now: datetime) -> bool:
    """True when `text`, which came in on the card `imsi`, is a proof that was sent to it: nobody is to read it, and
    nothing answers it. Inside the caller's transaction.
    """
    proof = Proof.get_or_none(Proof.text == text, Proof.to_imsi == imsi)
    if proof is None:
        return False
    Proof.update(arrived_at=now).where(Proof.id == proof.id, Proof.arrived_at.is_null()).execute()
    return True


def begin_proof(card: ModemCard, slot_at: datetime, to: ModemCard | None, text: str, now: datetime) -> BegunProof:
    """Claim the proof of this hour, or of a self-test; `to` is None for the duty phone. One that somebody else claimed,
    or a crash left without its message, comes back as it was begun.
    """
    mine = {"host": card.host, "modem": card.name, "imsi": card.imsi, "slot_at": slot_at}
    with writing():
        take_turn("proof")
        row = Proof.get_or_none(*(getattr(Proof, name) == value for name, value in mine.items()))
        if row is None:
            seat, imsi = (seat_of(to), to.imsi) if to else ("", None)
            row = Proof.create(**mine, placed_at=now, to_seat=seat, to_imsi=imsi, text=text)
        return BegunProof(row.id, row.to_seat, row.text, row.broadcast_id is not None)


def mark_placed(proof_id: int, broadcast_id: int) -> None:
    """Its message is queued."""
    with writing():
        Proof.update(broadcast=broadcast_id).where(Proof.id == proof_id).execute()


def numbers_of_seats() -> dict[str, str]:
    """The number of each of our SIMs that config.ini of any host names, by the seat of its modem."""
    rows = tuples(OwnNumber.select(OwnNumber.host, OwnNumber.modem, OwnNumber.msisdn))
    return {f"{host}/{modem}": msisdn for host, modem, msisdn in rows}


def seat_of(card: ModemCard) -> str:
    """Its seat: host/name."""
    return f"{card.host}/{card.name}"


def _of(card: ModemCard) -> Any:
    return _all().where(Proof.host == card.host, Proof.modem == card.name, Proof.imsi == card.imsi)


def _all() -> Any:
    return (
        Proof.select(
            Proof.host,
            Proof.modem,
            Proof.to_seat,
            Proof.to_imsi,
            Proof.placed_at,
            Part.state,
            Part.reason,
            Part.sent_at,
            Part.changed_at,
            Proof.arrived_at,
            Part.id,
            Part.simulated,
        )
        .join(Part, on=(Part.broadcast == Proof.broadcast))
        .order_by(Proof.id.desc())
    )


def _cards(query: Any, limit: int) -> list[ProofCard]:
    return [ProofCard(*row) for row in tuples(query.limit(limit))]


def _missed_one(imsi: str) -> bool:
    """True when the newest that was delivered to this card did not come in."""
    newest = _all().where(Proof.to_imsi == imsi, Part.state == PartState.DELIVERED)
    return any(proof.arrived_at is None for proof in _cards(newest, 1))


def _heard_at(imsi: str) -> datetime | None:
    row = Proof.select(Proof.arrived_at).where(Proof.to_imsi == imsi, Proof.arrived_at.is_null(False))
    newest = row.order_by(Proof.arrived_at.desc()).first()
    return newest.arrived_at if newest else None

"""Earlier refusals of a part and by a modem, as the attempts tell: they outlive a restart of the daemon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.alerts.values import Claim, Sender
from db.engine.base import tuples
from db.models.broadcasts import Attempt, Part
from rules.states import PartState

_TELLING = ("sent", "retry", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Refusals:
    """Numbers of refusals before this one: of this part by this modem (`here`) and by others (`elsewhere`), and of any
    part by this modem since it sent one (`in_a_row`), with how many `others` than this part. `sends_others`: it sent
    one since it first refused this part, or just before.
    """

    here: int
    elsewhere: int
    in_a_row: int
    others: int
    sends_others: bool


def refusals_of(claim: Claim, sender: Sender, reasons: Sequence[str]) -> Refusals:
    """Refusals for these reasons."""
    refused = (Attempt.outcome == "retry") & Attempt.reason.in_(reasons)
    of_part = Attempt.select(Attempt.host, Attempt.modem, Attempt.ended_at).where(Attempt.part == claim.part_id)
    times = [(f"{host}/{modem}", at) for host, modem, at in tuples(of_part.where(refused).order_by(Attempt.ended_at))]
    own = [at for seat, at in times if seat == sender.seat]
    here = (Attempt.host == sender.host) & (Attempt.modem == sender.modem)
    last_sent = _last(here & (Attempt.outcome == "sent"), Attempt.ended_at)
    # What was refused to a part that failed was its own fault, and says nothing of the modem.
    here &= Part.state != PartState.FAILED
    row = Attempt.select(Attempt.part).join(Part).where(here, refused)
    if last_sent is not None:
        row = row.where(Attempt.ended_at > last_sent)
    in_a_row = [part for (part,) in tuples(row)]
    before = _last(here & (Attempt.part != claim.part_id) & Attempt.outcome.in_(_TELLING), Attempt.outcome)
    since = last_sent is not None and bool(own) and last_sent >= own[0]
    others = len({*in_a_row} - {claim.part_id})
    return Refusals(len(own), len(times) - len(own), len(in_a_row), others, before == "sent" or since)


def _last(which: Any, column: Any) -> Any:
    """The value of the attempt that ended last; None for none."""
    ended = Attempt.select(column).join(Part).where(which, Attempt.ended_at.is_null(False))
    return ended.order_by(Attempt.ended_at.desc(), Attempt.id.desc()).limit(1).scalar()

"""Attempts of a modem that it may answer still, and the facts that its earlier answers tell of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.models.broadcasts import Attempt

# So many attempts tell how a modem answers.
_SAMPLE = 300
# How an attempt ends whose result never came; any other reason is what the modem said.
_SILENCES = ("no_answer", "restart", "defect")
# A longer wait for a result was one for the database.
_LONGEST_S = 15.0


@dataclass(frozen=True, slots=True)
class Past:
    """`attempts` are (number, time of its PDU) of those without an answer, oldest first. `reference` is that of the
    attempt `since` places before the first of them, or before the next one; within `usual_s` 99 of 100 of its results
    came, None where none did. `answers_late`: some came after it had answered something else. `imsi` is the SIM of all.
    """

    attempts: tuple[tuple[int, datetime], ...]
    imsi: str
    reference: int | None
    since: int
    usual_s: float | None
    answers_late: bool


def past_of(host: str, modem: str, since: datetime, now: datetime) -> Past | None:
    """The past of this modem, with the attempts after `since` that it never answered; None where it has none."""
    rows = list(
        Attempt.select()
        .where(Attempt.host == host, Attempt.modem == modem)
        .where(Attempt.ended_at.is_null(False), Attempt.pdu_started_at.is_null(False))
        .order_by(Attempt.ended_at.desc())
        .limit(_SAMPLE)
    )
    rows.sort(key=lambda row: (row.pdu_started_at, row.id))
    if not rows:
        return None
    reference, since_it = _since_reference([row for row in rows if row.imsi == rows[-1].imsi])
    silent = [row for row in since_it if row.outcome == "unconfirmed" and row.reason in _SILENCES]
    lately = [row for row in silent if since < row.pdu_started_at <= now]
    places = (since_it.index(lately[0]) if lately else len(since_it)) + 1
    answered = [row for row in rows if row.outcome == "sent" and not row.reason]
    return Past(
        attempts=tuple((row.id, row.pdu_started_at) for row in lately),
        imsi=rows[-1].imsi,
        reference=reference,
        since=places,
        usual_s=_nearly_all([row.ended_at - row.pdu_started_at for row in answered]),
        answers_late=any(row.outcome == "sent" and row.reason == "late" for row in rows),
    )


def _since_reference(rows: list[Attempt]) -> tuple[int | None, list[Attempt]]:
    """The newest reference of `rows`, and what was handed over since: what lies before it is over."""
    for place in range(len(rows) - 1, -1, -1):
        row = rows[place]
        if row.outcome == "sent" and row.reference is not None:
            return row.reference, rows[place + 1 :]
    return None, rows


def _nearly_all(durations: list[timedelta]) -> float | None:
    if not durations:
        return None
    ordered = sorted(durations)
    return min(_LONGEST_S, ordered[(len(ordered) * 99 - 1) // 100].total_seconds())

"""A long queue of the troubled house: an alert to 5,000 people that two modems work at, and what came of it so far."""

from datetime import datetime, timedelta

from db.engine.connection import writing
from db.models.broadcasts import Attempt, Broadcast, BroadcastText, Message, Part
from rules.states import PartState, Stage

PEOPLE = 5000
TEXT = "Vol avec violence rue de la Station."


def fill_queue(host: str, now: datetime, people: int = PEOPLE) -> None:
    """Eight parts are refused and wait, two are in a modem, three got no answer; a paused welcome stands behind."""
    ordered_at = now - timedelta(minutes=38)
    with writing():
        alert = _broadcast("alert", 0, Stage.QUEUED, ordered_at, timedelta(hours=4), people)
        _people(alert, people, ordered_at)
        for number, modem in ((1, "a"), (2, "d")):
            _taken(alert, number, host, modem, "open", "", PartState.SENDING, now - timedelta(seconds=4))
        for number in range(3, 11):
            _taken(
                alert, number, host, "a", "retry", ("CMS 38", "CMS 42", "CMS 500")[number % 3], PartState.QUEUED, now
            )
        for number in range(11, 14):
            at = now - timedelta(minutes=number)
            _taken(alert, number, host, "c", "unconfirmed", "no_answer", PartState.UNCONFIRMED, at)
        _sent(alert, host, now)
        _people(_broadcast("welcome", 2, Stage.PAUSED, ordered_at, timedelta(days=1), people), 1, ordered_at)


def _broadcast(kind: str, lane: int, stage: Stage, at: datetime, validity: timedelta, people: int) -> Broadcast:
    made: Broadcast = Broadcast.create(
        kind=kind,
        lane=lane,
        stage=stage,
        recipients=people,
        audience="{}",
        fingerprint="",
        ordered_by="Sacha",
        created_at=at,
        release_at=at,
        deadline_at=at + validity,
    )
    return made


def _people(broadcast: Broadcast, count: int, at: datetime) -> None:
    text = BroadcastText.create(broadcast=broadcast, body=TEXT, encoding="gsm7", segments=f'["{TEXT}"]')
    messages = [
        {"broadcast": broadcast, "text": text, "msisdn": f"+3247{number:07}", "reference": 1} for number in range(count)
    ]
    for start in range(0, count, 1000):
        Message.insert_many(messages[start : start + 1000]).execute()
    made = Message.select(Message.id).where(Message.broadcast == broadcast).order_by(Message.id)
    parts = [
        {"message": row.id, "broadcast": broadcast, "seq": 1, "ring": number, "changed_at": at}
        for number, row in enumerate(made)
    ]
    for start in range(0, count, 1000):
        Part.insert_many(parts[start : start + 1000]).execute()


def _sent(broadcast: Broadcast, host: str, now: datetime) -> None:
    """Modem a sent two hundred, each in a time of its own, and one slowly."""
    parts = Part.select().where(Part.broadcast == broadcast, Part.ring.between(20, 219)).order_by(Part.ring)
    Attempt.insert_many(
        {
            "part": part.id,
            "host": host,
            "modem": "a",
            "imsi": "206010000000000",
            "simulated": False,
            "claimed_at": at,
            "lease_until": at,
            "pdu_started_at": at,
            "ended_at": at + timedelta(seconds=41 if number == 7 else 1.4 + (number * 7919 % 40) / 10),
            "outcome": "sent",
        }
        for number, part in enumerate(parts)
        for at in [now - timedelta(minutes=30) + timedelta(seconds=6 * number)]
    ).execute()
    Part.update(state=PartState.SENT, sent_at=now, changed_at=now).where(
        Part.broadcast == broadcast, Part.ring.between(20, 219)
    ).execute()


def _taken(
    broadcast: Broadcast, number: int, host: str, modem: str, outcome: str, reason: str, state: PartState, at: datetime
) -> None:
    """Its part `number` was in a modem."""
    part = Part.get(Part.broadcast == broadcast, Part.ring == number)
    imsi = f"20601000000000{ord(modem) - ord('a'):X}"
    Attempt.create(
        part=part,
        host=host,
        modem=modem,
        imsi=imsi,
        simulated=False,
        claimed_at=at - timedelta(seconds=3),
        lease_until=at,
        pdu_started_at=at,
        ended_at=None if outcome == "open" else at,
        outcome=outcome,
        reason=reason,
    )
    waits = at + timedelta(minutes=5) if outcome == "retry" else None
    Part.update(state=state, reason=reason, not_before_at=waits, changed_at=at).where(Part.id == part.id).execute()
    if state is not PartState.QUEUED:
        Message.update(imsi=imsi, modem=f"{host}/{modem}").where(Message.id == part.message_id).execute()

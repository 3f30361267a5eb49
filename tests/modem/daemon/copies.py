"""A copy of the database that is put back, what went out before and after it, and a clock that stands still."""

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.engine.connection import writing
from db.models.broadcasts import Attempt, Broadcast
from db.models.broadcasts import Part as PartRow
from db.models.zone import Lineage
from tests.support.people import ready_modem

PEOPLE = 12


class Seconds:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


class Copy:
    """What a backup would keep of the sending; `put_back` makes the database be as it was."""

    def __init__(self):
        self.lineage = Lineage.get().__data__.copy()
        self.parts = {part.id: (part.state, part.reason) for part in PartRow.select()}
        self.broadcasts = {row.id: row.stage for row in Broadcast.select()}

    def put_back(self):
        with writing():
            Lineage.update(**self.lineage).execute()
            Attempt.delete().where(
                Attempt.part.in_([i for i, (state, _reason) in self.parts.items() if state == "queued"])
            ).execute()
            Broadcast.delete().where(Broadcast.id.not_in(list(self.broadcasts))).execute()
            for number, (state, reason) in self.parts.items():
                PartRow.update(state=state, reason=reason).where(PartRow.id == number).execute()
            for number, stage in self.broadcasts.items():
                Broadcast.update(stage=stage, hold_reason="").where(Broadcast.id == number).execute()


def send(witness, sender, now, count=1):
    claims = []
    for _ in range(count):
        claim = claim_part(sender, now)
        witness.start(claim, now)
        mark_sent(claim, 1, sender, now)
        claims.append(claim)
    return claims


def sending(start, now, alert, before=3, after=4):
    """A copy that is made after `before`, and `after` more that went out. Returns it with the modem."""
    sender = ready_modem("a", now)
    witness = start(now)
    send(witness, sender, now, before)
    witness.close()
    copy = Copy()
    send(witness, sender, now, after)
    witness.close()
    return copy, sender

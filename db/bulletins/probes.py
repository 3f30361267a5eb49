"""Probes of a neighbourhood's Google Group: a mail to its address, which comes back to the zone's own mailbox."""

from datetime import datetime, timedelta

from db.bulletins import tokens
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.models.bulletins import GroupProbe, NeighbourhoodRelay
from plp.rules.refusals import Refusal

# Between two probes of one group: its people get each.
PROBE_EVERY = timedelta(hours=1)


def last_probe(neighbourhood_id: int) -> GroupProbe | None:
    """The newest probe of this neighbourhood's group."""
    probes = GroupProbe.select().where(GroupProbe.neighbourhood == neighbourhood_id)
    newest: GroupProbe | None = probes.order_by(GroupProbe.id.desc()).first()
    return newest


def begin_probe(neighbourhood_id: int, by: str, now: datetime) -> GroupProbe:
    """Store a probe, in the transaction that queues its mail. Raises Refusal: no address, or probed an hour ago."""
    with writing():
        take_turn("group probes")
        row = NeighbourhoodRelay.get_or_none(NeighbourhoodRelay.neighbourhood == neighbourhood_id)
        if row is None or not row.group_address:
            raise Refusal("Ce quartier n'a pas d'adresse de Google Group : un administrateur l'ajoute d'abord.")
        last = last_probe(neighbourhood_id)
        if last is not None and now < last.asked_at + PROBE_EVERY:
            raise Refusal("Un essai a déjà été envoyé à ce groupe il y a moins d'une heure : attendez.")
        made = GroupProbe.create(neighbourhood=neighbourhood_id, address=row.group_address, asked_by=by, asked_at=now)
        audit.record(now, by, "group_probed", str(neighbourhood_id))
        return made


def probe_token(probe_id: int) -> str:
    """The probe's signed id, for its subject."""
    return tokens.token("probe", probe_id)


def apply_probe(token: str, now: datetime) -> bool:
    """Mark the probe of this token as arrived, once; False for a token of none."""
    probe_id = tokens.number_in("probe", token)
    if probe_id is None:
        return False
    with writing():
        this = GroupProbe.id == probe_id
        GroupProbe.update(arrived_at=now).where(this, GroupProbe.arrived_at.is_null()).execute()
        return bool(GroupProbe.select().where(this).exists())

"""Members know the number of the SIM that texted them last: they keep it as long as it can send."""

from datetime import datetime, timedelta
from typing import Any

from db.engine.base import tuples
from db.models.budgets import SimRecipient
from db.models.zone import Modem
from db.modems.budgets.room import room_of
from db.modems.readiness import live_hosts

# A modem that is reset or plugged in again is soon back: its members wait for it.
AWAY_AT_MOST = timedelta(minutes=5)
_SOON_BACK = ("ready", "starting", "absent", "not_registered", "paused")


def home_of(msisdn: Any) -> Any:
    """A subquery: the IMSI that sent to this number last, null for nobody's."""
    return (
        SimRecipient.select(SimRecipient.imsi)
        .where(SimRecipient.msisdn == msisdn)
        .order_by(SimRecipient.last_at.desc())
        .limit(1)
    )


def keeping_sims(now: datetime) -> list[str]:
    """The SIMs that keep their members: they can send, or will in a moment, and their budget is not used up."""
    rows = Modem.select(Modem.imsi, Modem.host, Modem.state, Modem.changed_at)
    hosts = live_hosts(now)
    there = [
        imsi
        for imsi, host, state, changed_at in tuples(rows.where(Modem.imsi.is_null(False), Modem.state.in_(_SOON_BACK)))
        if (host in hosts and state == "ready") or now - changed_at < AWAY_AT_MOST
    ]
    return [imsi for imsi in there if (room := room_of(imsi, now)) is None or not room.is_used_up]

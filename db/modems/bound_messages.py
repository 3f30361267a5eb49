"""Binding of a message to one modem and its card: only once the card has surely moved may another modem go on."""

from datetime import timedelta
from typing import Any

from peewee import SQL, fn

from db.models.broadcasts import Message
from db.models.zone import Modem

# A modem that is reset or plugged in again is back within a minute or two.
LOST_AFTER = timedelta(minutes=5)


def may_take(imsi: Any, seat: Any, since: Any) -> Any:
    """Condition that this card in this modem (host/name) may send the rest of a message; `since` is LOST_AFTER ago."""
    gone = (Modem.state == "no_sim") | ((Modem.state == "absent") & (Modem.changed_at <= since))
    there = Modem.select(SQL("1")).where(
        Modem.host.concat("/").concat(Modem.name) == Message.modem,
        Modem.imsi.is_null() | (Modem.imsi == Message.imsi),
        ~gone,
    )
    return (Message.imsi == imsi) & (Message.modem.is_null() | (Message.modem == seat) | ~fn.EXISTS(there))

"""The database's files are written anew after a person was forgotten: SQLite leaves copies of rows that it moved."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from peewee import OperationalError, SqliteDatabase, fn

from db.engine.base import database
from db.engine.connection import nobody_writes_here, writing
from db.engine.wal import damage_file, empty_wal
from db.models.broadcasts import Broadcast
from db.models.budgets import SimRecipient
from db.models.people import Forgotten
from db.people.members.forgotten import forgotten
from plp.rules.broadcasts import LANE_NORMAL
from plp.rules.calendar import LOCAL
from plp.rules.states import Stage
from plp.watchdog.threads import excuse_all

_log = logging.getLogger(__name__)

_OF_PERSONS = (
    "member", "consent", "message", "report", "sim_recipient", "broadcast_text", "inbound_message", "inbound_part",
    "unreadable_pdu", "inbound_mail", "inbox_answer", "mail", "mail_letter", "audit_entry",
)  # fmt: skip
# An alert or a drill waits for nobody; what stands still, or is not urgent, waits for the seconds that it takes.
_ON_ITS_WAY_NOW = (Stage.PREPARING, Stage.SCHEDULED, Stage.QUEUED)
_LARGE_BYTES = 100 * 1024 * 1024
_AT_NIGHT = range(2, 6)
# Two gigabytes on a slow card.
_WITHIN_S = 900.0
# After so long, nothing is left that was on its way when somebody was forgotten.
_ON_ITS_WAY = timedelta(hours=1)


def clean_files(now: datetime) -> bool:
    """Write the files anew where somebody was forgotten since, and no alert is on its way; True when it was done."""
    owed = Forgotten.select().where(Forgotten.cleaned_at.is_null()).order_by(Forgotten.at).first()
    alerts = Broadcast.select().where(Broadcast.stage.in_(_ON_ITS_WAY_NOW), Broadcast.lane != LANE_NORMAL)
    if owed is None or alerts.exists():
        return False
    _forget_late_recipients(owed.at)
    if _is_large() and now.astimezone(LOCAL).hour not in _AT_NIGHT:
        return False
    last = Forgotten.select(fn.MAX(Forgotten.id)).scalar()
    try:
        cleaned = _write_anew()
    except OperationalError as error:  # somebody reads, or the disk is full: the next step tries again
        _log.warning("the database's files are not written anew yet: %s", error)
        return False
    if cleaned:
        with writing():
            Forgotten.update(cleaned_at=now).where(Forgotten.id <= last, Forgotten.cleaned_at.is_null()).execute()
    return cleaned


def _forget_late_recipients(since: datetime) -> None:
    """Delete numbers that a modem counted after they were forgotten, because it had their text in hand."""
    late = SimRecipient.select(SimRecipient.id, SimRecipient.msisdn).where(SimRecipient.last_at >= since - _ON_ITS_WAY)
    numbers = {row.msisdn for row in late}
    gone = list(forgotten(numbers))
    if gone:
        with writing():
            SimRecipient.delete().where(SimRecipient.msisdn.in_(gone)).execute()


def _is_large() -> bool:
    opened = database.obj
    return isinstance(opened, SqliteDatabase) and Path(str(opened.database)).stat().st_size > _LARGE_BYTES


def _write_anew() -> bool:
    opened = database.obj
    excuse_all(_WITHIN_S)
    if not isinstance(opened, SqliteDatabase):
        for table in _OF_PERSONS:
            opened.execute_sql(f'VACUUM (FULL) "{table}"')
        return True
    with nobody_writes_here():
        opened.execute_sql("VACUUM")
    file = Path(str(opened.database))
    for copy in file.parent.glob(f"{damage_file(file).name}-*"):
        copy.unlink()
    return empty_wal()

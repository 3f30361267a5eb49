"""The journal is sealed as it is written, and verified once a day; its head leaves the database every time."""

import logging
from contextlib import closing
from datetime import datetime, time
from logging.handlers import SysLogHandler

from base.settings.values import Settings
from db.journal.chain import last_seal, seal_entries
from db.journal.verification import note_head, noted_heads, verify
from db.operations.incidents import close_incident, open_incident
from db.operations.runs import claim_due, mark_run_done
from plp.conversation import Limits, places_of
from rules.sentences import coded

_log = logging.getLogger(__name__)

NAME = "journal"
# After the retention of the night, before the mail of the morning.
AT = time(5)
_SYSLOG_PORT = 514
# A log server's name is looked up, and one of this machine takes the line, within this.
_SYSLOG_S = 10.0


class _Syslog(SysLogHandler):
    def _connect_unixsocket(self, address: str) -> None:
        super()._connect_unixsocket(address)  # type: ignore[misc]
        self.socket.settimeout(_SYSLOG_S)  # type: ignore[attr-defined]

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (as logging names it)
        """Do not print the error and go on: raise it."""
        raise


def seal_journal(now: datetime) -> bool:
    """Seal new entries, and record the head of the chain on this machine; True when more wait."""
    before = last_seal()
    more = seal_entries()
    if last_seal() != before:
        try:
            note_head(now)
        except OSError as error:
            _log.warning("the journal's head is not noted on this machine: %s", error.strerror)
    return more


def export_head(settings: Settings, now: datetime) -> bool:
    """Once per day and machine: verify the journal, where a fault is an incident, and write its head to syslog."""
    name = f"{NAME} {settings.host}"
    slot = claim_due(name, AT, settings.host, now)
    if slot is None:
        return False
    check = verify(noted_heads())
    if check.faults:
        open_incident("journal", settings.host, coded("journal_faulty", fault=check.faults[0]).stored, now)
    else:
        close_incident("journal", settings.host, now)
    _log.info("head of the journal: %s", check.head)
    say_to_syslog(settings.journal.syslog, f"plp-alerte journal {slot} {check.head}")
    mark_run_done(name, slot, str(check.head), now)
    return True


def say_to_syslog(where: str, line: str) -> None:
    """One line with facility `authpriv`, to a socket of this machine or by UDP to `host:port`; a failure is logged."""
    if not where:
        return
    host, _, port = where.partition(":")
    limits = Limits(_SYSLOG_S, 2 * _SYSLOG_S, 0)
    try:
        address: str | tuple[str, int] = where
        if not where.startswith("/"):
            places = places_of(host, int(port) if port.isdigit() else _SYSLOG_PORT, limits)
            address = (places[0][1][0], places[0][1][1])
        with closing(_Syslog(address, facility=SysLogHandler.LOG_AUTHPRIV)) as handler:
            handler.emit(logging.makeLogRecord({"msg": line, "levelno": logging.INFO, "levelname": "INFO"}))
    except (OSError, UnicodeError) as error:
        _log.warning("[journal] syslog: %s cannot be reached: %s", where, getattr(error, "strerror", None) or error)

"""The journal is sealed as it is written, and verified once a day; its head leaves the database every time."""

import logging
from datetime import datetime, time

from db.journal.chain import last_seal, seal_entries
from db.journal.verification import note_head, noted_heads, verify
from db.operations.incidents import close_incident, open_incident
from db.operations.runs import claim_due, mark_run_done
from plp.settings.values import Settings
from rules.sentences import coded

_log = logging.getLogger(__name__)

NAME = "journal"
# After the retention of the night, before the mail of the morning.
AT = time(5)


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
    """Once per day and machine: verify the journal, log its head; True when it was done. A fault is an incident, until
    the journal is valid again.
    """
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
    mark_run_done(name, slot, str(check.head), now)
    return True

"""Each night: forget what has been kept for long enough (`[retention]` in config.ini)."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial

from db.inbound.mailbox.arrivals import forget_mail_before
from db.inbound.received import forget_inbound_before
from db.journal.chain import cut_beginning
from db.operations import retention
from db.operations.incidents import forget_incidents_before
from db.operations.runs import claim_run, due_slot, forget_runs_before, is_run_done, mark_run_done
from db.operations.waking.summons import forget_summonses_before
from db.settings.values import RetentionSettings, Settings
from plp.rules.calendar import LOCAL, local_date

_log = logging.getLogger(__name__)

NAME = "retention"
# After the export of the night, before anybody works.
AT = time(4, 15)
INCIDENT_MONTHS = 24


def forget_nightly(settings: Settings, now: datetime) -> bool:
    """Forget what is due, once per night; True when it was done. A night that was cut short is taken up again."""
    slot = due_slot(AT, now)
    if slot is None or is_run_done(NAME, slot) or not claim_run(NAME, slot, settings.host, now):
        return False
    counts = {name: forget(limit) for name, forget, limit in _rules(settings.retention, now)}
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    mark_run_done(NAME, slot, told, now)
    if told:
        _log.info("forgotten: %s", told)
    return True


def _rules(kept: RetentionSettings, now: datetime) -> list[tuple[str, Callable[[datetime], int], datetime]]:
    """(what, how, everything before this)."""
    messages = months_before(now, kept.messages_months)
    return [
        ("texts", forget_inbound_before, months_before(now, kept.inbound_months)),
        ("recipients", retention.forget_recipients, messages),
        ("SIM recipients", retention.forget_sim_recipients, messages),
        ("mails sent", retention.forget_mails, months_before(now, kept.mail_months)),
        ("mails received", forget_mail_before, months_before(now, kept.mail_months)),
        ("journal", partial(cut_beginning, now=now), months_before(now, kept.audit_months)),
        ("incidents", forget_incidents_before, months_before(now, INCIDENT_MONTHS)),
        ("calls", forget_summonses_before, months_before(now, INCIDENT_MONTHS)),
        ("runs", forget_runs_before, months_before(now, INCIDENT_MONTHS)),
        ("leftovers", retention.forget_leftovers, now),
    ]


def months_before(now: datetime, months: int) -> datetime:
    """The local midnight of this day so many months ago; of a month that is too short, its last day."""
    today = local_date(now)
    index = today.year * 12 + today.month - 1 - months
    year, month = divmod(index, 12)
    day = today.day
    while True:
        try:
            first = date(year, month + 1, day)
            break
        except ValueError:
            day -= 1
    return datetime.combine(first, time(), LOCAL).astimezone(UTC)

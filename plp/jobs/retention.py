"""Each night: forget what has been kept for long enough (`[retention]` in config.ini)."""

import logging
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from base.settings.values import RetentionSettings, Settings
from db.inbound.mailbox import forget_mail_before
from db.inbound.received import forget_inbound_before
from db.inbound.tips import forget_tips
from db.journal.chain import cut_beginning
from db.operations import retention
from db.operations.runs import claim_due, mark_run_done
from db.partnership.papers import forget_papers
from db.people.members.cards import forget_past_pauses
from plp.services.accounts.signing_in import end_overdue
from rules.calendar import LOCAL, local_date

_log = logging.getLogger(__name__)

NAME = "retention"
# After the export of the night, before anybody works.
AT = time(4, 15)
INCIDENT_MONTHS = 24
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def forget_nightly(settings: Settings, now: datetime) -> bool:
    """Forget what is due, once per night; True when it was done. A night that was cut short is taken up again. What may
    be kept for longer than by default is not forgotten while the periods cannot be read.
    """
    if any(section == "retention" for section, _sentence in settings.left_out):
        return False
    slot = claim_due(NAME, AT, settings.host, now)
    if slot is None:
        return False
    counts = {name: forget(limit) for name, forget, limit in _rules(settings.retention, now)}
    summary = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    mark_run_done(NAME, slot, summary, now)
    if summary:
        _log.info("forgotten: %s", summary)
    return True


def _rules(kept: RetentionSettings, now: datetime) -> list[tuple[str, Callable[[datetime], int], datetime]]:
    """(what, how, everything before this)."""
    messages = _before(now, kept.messages_months, kept.messages_days)
    mails = _before(now, kept.mail_months, kept.mail_days)
    texts = days_before(now, kept.alert_texts_days) if kept.alert_texts_days else NEVER
    return [
        ("texts", forget_inbound_before, _before(now, kept.inbound_months, kept.inbound_days)),
        ("texts of alerts", retention.forget_texts, texts),
        ("recipients", retention.forget_recipients, messages),
        ("SIM recipients", retention.forget_sim_recipients, messages),
        ("tips", forget_tips, months_before(now, kept.tips_months)),
        ("mails sent", retention.forget_mails, mails),
        ("mails received", forget_mail_before, mails),
        ("journal", partial(cut_beginning, now=now), months_before(now, kept.audit_months)),
        ("papers", forget_papers, months_before(now, kept.papers_months)),
        ("incidents and runs", retention.forget_records, months_before(now, INCIDENT_MONTHS)),
        ("leftovers", retention.forget_leftovers, now),
        ("sessions", end_overdue, now),
        ("pauses", forget_past_pauses, now),
    ]


def _before(now: datetime, months: int, days: int) -> datetime:
    return days_before(now, days) if days else months_before(now, months)


def days_before(now: datetime, days: int) -> datetime:
    """The local midnight of so many days ago."""
    return datetime.combine(local_date(now) - timedelta(days=days), time(), LOCAL).astimezone(UTC)


def months_before(now: datetime, months: int) -> datetime:
    """The local midnight of this day so many months ago; the last day if that month is too short."""
    today = local_date(now)
    index = today.year * 12 + today.month - 1 - months
    year, month = index // 12, index % 12 + 1
    first = date(year, month, min(today.day, monthrange(year, month)[1]))
    return datetime.combine(first, time(), LOCAL).astimezone(UTC)

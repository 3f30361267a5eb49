"""Count what a SIM sent, in the transaction of the receipt: two statements, whatever the history."""

from datetime import datetime

from db.engine.cached_queries import Prepared, given
from db.models.budgets import SimDay, SimRecipient
from plp.rules.calendar import day_of

_MET = Prepared(
    lambda: (
        SimRecipient.insert(
            imsi=given("imsi"), month=given("month"), msisdn=given("msisdn"), messages=1, last_at=given("now")
        )
        .on_conflict(
            conflict_target=[SimRecipient.msisdn, SimRecipient.imsi, SimRecipient.month],
            update={SimRecipient.messages: SimRecipient.messages + 1, SimRecipient.last_at: given("now")},
        )
        .returning(SimRecipient.messages)
    )
)
_USED = Prepared(
    lambda: SimDay.insert(imsi=given("imsi"), day=given("day"), messages=1, recipients=given("recipients")).on_conflict(
        conflict_target=[SimDay.imsi, SimDay.day],
        update={
            SimDay.messages: SimDay.messages + 1,
            SimDay.recipients: SimDay.recipients + given("recipients"),
        },
    )
)


def count_sent(imsi: str, msisdn: str, now: datetime) -> None:
    """One part went out through this SIM, or may have: the operator counts it. Inside the caller's transaction."""
    day = day_of(now)
    met = _MET.first(imsi=imsi, month=day[:7], msisdn=msisdn, now=now)
    _USED.change(imsi=imsi, day=day, recipients=1 if met is not None and met[0] == 1 else 0)

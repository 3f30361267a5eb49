"""A SIM's limits: config.ini's where it is plugged in, unless a person changed them; kept by IMSI."""

from dataclasses import dataclass
from datetime import datetime

from db.engine.base import put
from db.engine.connection import writing
from db.journal import audit
from db.models.budgets import SimBudget
from plp.rules.refusals import Refusal

MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Parts a day and a month, distinct recipients a month; 0 is none."""

    day: int = 0
    month: int = 0
    recipients: int = 0

    def __bool__(self) -> bool:
        """True when there is any."""
        return bool(self.day or self.month or self.recipients)


def apply_configured(imsi: str, host: str, modem: str, limits: Limits) -> None:
    """Store config.ini's limits of the modem that this card is in; a person's own limits stay."""
    values = {
        "host": host,
        "modem": modem,
        "configured_day": limits.day,
        "configured_month": limits.month,
        "configured_recipients": limits.recipients,
    }
    row = SimBudget.get_or_none(SimBudget.imsi == imsi)
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return
    with writing():
        put(SimBudget, {"imsi": imsi}, **values)


def set_limits(imsi: str, limits: Limits, by: str, now: datetime) -> None:
    """A person's limits for this card, instead of config.ini's."""
    if not all(0 <= limit <= MOST for limit in (limits.day, limits.month, limits.recipients)):
        raise Refusal("Un plafond est un nombre entier de 0 (aucun) à {most}.", most=MOST)
    _change(imsi, (limits.day, limits.month, limits.recipients), by, now)


def clear_limits(imsi: str, by: str, now: datetime) -> None:
    """Back to what config.ini says."""
    _change(imsi, (None, None, None), by, now)


def effective(row: SimBudget) -> Limits:
    """The limits that hold for a card."""
    return Limits(
        row.configured_day if row.day is None else row.day,
        row.configured_month if row.month is None else row.month,
        row.configured_recipients if row.recipients is None else row.recipients,
    )


def _change(imsi: str, values: tuple[int | None, int | None, int | None], by: str, now: datetime) -> None:
    wanted = dict(zip(("day", "month", "recipients"), values, strict=True))
    with writing():
        row = SimBudget.get_or_none(SimBudget.imsi == imsi)
        if row is None:
            raise Refusal("Cette carte SIM est inconnue.")
        SimBudget.update(**wanted, changed_by=by, changed_at=now).where(SimBudget.imsi == imsi).execute()
        changed = audit.changes(row.__data__, wanted, wanted)
        audit.record(now, by, "sim_limits_changed", f"{row.host}/{row.modem}", changed=changed)

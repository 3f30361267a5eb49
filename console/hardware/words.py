"""Words about a modem's state: what to do, how strong the signal is, how long the network will last."""

from datetime import date, timedelta

from flask_babel import format_decimal
from flask_babel import gettext as _

from console.i18n.labels import TABLES, clock, labels, moment
from db.engine.clock import utc_now
from db.modems.proof import LastProof
from rules.calendar import local_date

ADVICE = labels("modem_advice")
STATE_ICONS: dict[str, str] = {code: row["icon"] for code, row in TABLES["modem_states"].items()}
# 3GPP TS 27.007 § 8.5 maps dBm to 0–31; these steps are the ones that phones draw.
BAR_STEPS_DBM = (-105, -95, -85, -75)


def bars(signal_dbm: int | None) -> int:
    """0 to 4 bars."""
    return 0 if signal_dbm is None else sum(signal_dbm >= step for step in BAR_STEPS_DBM)


def seconds(value: float) -> str:
    """1,8"""
    return str(format_decimal(round(value, 1)))


def lasting(span: timedelta) -> str:
    """« 1 h 05 », « 40 min » or « moins d'une minute »."""
    minutes = round(span.total_seconds() / 60)
    if minutes >= 60:
        return str(_("%(hours)s h %(minutes)02d", hours=minutes // 60, minutes=minutes % 60))
    return str(_("%(minutes)s min", minutes=minutes)) if minutes else str(_("moins d'une minute"))


def proof(last: LastProof, today: date | None = None) -> str:
    """prouvé 04:10, 6 s; the day too where it was not today."""
    if last.proven_at is None:
        return str(_("jamais testé"))
    when = (
        clock(last.proven_at)
        if local_date(last.proven_at) == (today or local_date(utc_now()))
        else moment(last.proven_at)
    )
    if last.back_at and last.state == "back":
        return str(_("pas testé depuis sa remise en service le %(when)s", when=moment(last.back_at)))
    if last.state == "lost":
        return str(_("dernier test réussi le %(when)s", when=when))
    if last.took_s is None:
        return str(_("testé le %(when)s", when=when))
    return str(_("testé le %(when)s, %(seconds)s s", when=when, seconds=format_decimal(round(last.took_s))))

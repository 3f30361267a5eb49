"""First steps: everything that a new box needs before anybody can rely on it, in the order in which it is done."""

from datetime import datetime

from peewee import SQL

from db.engine.cached_queries import Prepared
from db.models.zone import Modem
from db.modems.readiness import Judgement, readiness
from db.operations.monitoring import last_taken
from db.operations.runs import last_run, run_of
from db.people.accounts.accounts import accounts
from db.people.accounts.signing_in import factors
from db.people.members.listing import reachable_members
from db.people.zone import zone
from db.settings.values import Settings, ZoneSettings


def first_steps(settings: Settings, now: datetime, asked: Judgement | None = None) -> dict[str, bool]:
    """By code (`rules/wording/first_steps.toml`) whether each is done. A simulator is no modem. `asked` is the
    readiness, where somebody asked.
    """
    known, ready = zone(), asked or readiness(now)
    real = [modem for modem in Modem.select() if not modem.simulated]
    admins = [card for card in accounts() if card.active and card.has_password and "admin" in card.roles]
    return {
        "setup_zone": known.name != ZoneSettings().name and bool(known.phone),
        "setup_certificate": settings.console.certificate is not None,
        "setup_admin": any(factors(card.id) for card in admins),
        "setup_modem": ready.ready and not ready.simulated,
        "setup_test": any(last_taken(modem.host, modem.name) for modem in real),
        "setup_members": anybody_to_alert(),
        "setup_mail": bool(settings.mail.sender),
        "setup_backup": last_run(run_of("backup", settings)) is not None,
    }


def anybody_to_alert() -> bool:
    """True when an SMS may go to somebody of the list."""
    return _ANYBODY.first() is not None


_ANYBODY = Prepared(reachable_members().select(SQL("1")).limit(1))

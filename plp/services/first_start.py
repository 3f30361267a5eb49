"""A fresh database gets the zone of config.ini and the ready-made alerts; its journal begins. A new box has questions
to answer before anybody relies on it: one list, which `plp setup` asks and the page « Mise en service » shows.
"""

from dataclasses import replace
from datetime import datetime

from db.alerts.templates import seed_templates
from db.engine import schema
from db.engine.base import grouped
from db.engine.clock import utc_now
from db.engine.connection import Database, take_turn, writing
from db.journal.chain import begin_chain
from db.mail.claim import mail_servers
from db.modems.readiness import readiness
from db.modems.status import modem_cards
from db.operations.database_roles import apply_rights
from db.operations.monitoring import last_taken
from db.operations.runs import last_run, run_of
from db.people.accounts.accounts import accounts
from db.people.accounts.factors import factors
from db.people.members.listing import anybody_to_alert
from db.people.zone import create_zone, directory, known_zone, policy, write_policy, zone
from plp.services.machine import machine_faults
from plp.services.zone import name_in_gsm
from plp.settings.misfits import misfits
from plp.settings.values import Settings, ZoneSettings
from rules.calendar import clock
from rules.readiness import Judgement, technician_in
from rules.refusals import NotReady
from rules.sentences import Sentence, coded

# Of the zone, every field that somebody must fill; its question is in rules/wording/first_steps.toml.
ZONE_QUESTIONS = ("name", "code", "emergency", "phone")
# The step of a section of config.ini, and of a kind of fault; what has none spoils the last one.
_STEP_OF = {
    "console": "setup_certificate",
    "certificate": "setup_certificate",
    "mail": "setup_mail",
    "backup": "setup_backup",
}


def first_steps(settings: Settings, now: datetime, ready: Judgement | None = None) -> dict[str, bool]:
    """By code (rules/wording/first_steps.toml), in the order in which they are taken, whether it is done. A simulator
    is no modem, and what `shortcomings` has words for is not done. `ready` is the readiness, where it is known.
    """
    ready = ready or readiness(now)
    admins = [card for card in accounts() if card.active and card.has_password and "admin" in card.roles]
    real = [card for card in modem_cards(now) if not card.simulated]
    steps = {
        "setup_zone": True,
        "setup_certificate": settings.console.certificate is not None,
        "setup_admin": any(factors(card.id) for card in admins),
        "setup_modem": ready.ready and not ready.simulated,
        "setup_test": any(last_taken(card.host, card.name) for card in real),
        "setup_technician": technician_in((card.service, card.contact) for card in directory()) is not None,
        "setup_members": anybody_to_alert(),
        "setup_mail": bool(settings.mail.sender),
        "setup_backup": last_run(run_of("backup", settings)) is not None,
        "setup_sound": True,
    }
    wrong = shortcomings(settings, now)
    return {step: is_done and step not in wrong for step, is_done in steps.items()}


def shortcomings(settings: Settings, now: datetime) -> dict[str, list[Sentence]]:
    """By first step, all faults in its result: `plp check` reports the same."""
    wrong = [("setup_zone", coded(f"setup_zone_{field}")) for field in unanswered()]
    wrong += [(_STEP_OF.get(misfit.section, "setup_sound"), misfit.sentence) for misfit in misfits(settings)]
    wrong += [(_STEP_OF.get(fault.kind, "setup_sound"), fault.sentence) for fault in machine_faults(settings, now)]
    for server in mail_servers(now):
        if server.host == settings.host and server.down_since_at is not None:
            wrong.append(("setup_mail", coded("mail_down", server=server.server, since=clock(server.down_since_at))))
    return grouped(wrong)


def unanswered() -> list[str]:
    """The fields of the zone that are still empty."""
    card = zone()
    return [field for field in ZONE_QUESTIONS if not getattr(card, field)]


def require_named_zone() -> None:
    """Raise NotReady while the zone has no name: the text's first words and its telephone number are missing."""
    if not zone().name:
        raise NotReady(
            "Aucun envoi : la zone de police n'a pas encore de nom. Un administrateur l'indique dans les paramètres."
        )


def bring_up_to_date(database: Database, settings: ZoneSettings, second_factor: bool = False) -> list[str]:
    """Make the database, or upgrade it; returns the names of the migrations that it had not had. `second_factor`: a new
    zone asks officers and admins for one.
    """
    applied = schema.upgrade(database)
    begin_chain(utc_now())
    seed(settings, second_factor)
    return applied


def migrate(database: Database, settings: Settings) -> list[str]:
    """Make or upgrade the database as its owner: PostgreSQL's roles get their rights on what is new."""
    applied = bring_up_to_date(database, settings.zone, second_factor=True)
    apply_rights(settings.retention.audit_months)
    return applied


def seed(settings: ZoneSettings, second_factor: bool = False) -> None:
    """Fill a fresh database; one that has a zone only gets the ready-made alerts that it lacks. `second_factor` as
    above.
    """
    with writing():
        take_turn("seed")
        known = known_zone()
        if known is None:
            create_zone(settings)
            if second_factor:
                write_policy(replace(policy(), second_factor=True))
        seed_templates(*name_in_gsm(known or settings), utc_now())

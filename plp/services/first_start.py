"""A fresh database gets the zone of config.ini, its directory and the ready-made alerts; its journal begins."""

from dataclasses import replace

from db.alerts.templates.seeds import seed_templates
from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import Database, take_turn, writing
from db.journal.chain import begin_chain
from db.people.policy import begin_policy, policy
from db.people.zone import create_zone, known_zone
from db.settings.values import ZoneSettings
from modem.sms.composition import propose_gsm7


def bring_up_to_date(database: Database, settings: ZoneSettings, second_factor: bool = False) -> list[str]:
    """Make the database, or upgrade it; returns the names of the migrations that it had not had. `second_factor`: a new
    zone asks officers and admins for one.
    """
    applied = schema.upgrade(database)
    begin_chain(utc_now())
    seed(settings, second_factor)
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
                begin_policy(replace(policy(), second_factor=True))
        named = known or settings
        # A letter that the GSM alphabet lacks would make two SMS of every alert that begins with this name.
        seed_templates(propose_gsm7(named.name) or named.name, named.emergency, utc_now())

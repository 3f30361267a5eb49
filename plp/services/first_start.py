"""A fresh database gets the zone of config.ini, its directory and the ready-made alerts; its journal begins."""

from db.alerts.templates.seeds import seed_templates
from db.engine import schema
from db.engine.clock import utc_now
from db.engine.connection import Database, take_turn, writing
from db.journal.chain import begin_chain
from db.people.zone import create_zone, known_zone
from db.settings.values import ZoneSettings


def bring_up_to_date(database: Database, settings: ZoneSettings) -> list[str]:
    """Make the database, or upgrade it; returns the names of the migrations that it had not had."""
    applied = schema.upgrade(database)
    begin_chain(utc_now())
    seed(settings)
    return applied


def seed(settings: ZoneSettings) -> None:
    """Fill a fresh database; one that has a zone only gets the ready-made alerts that it lacks."""
    with writing():
        take_turn("seed")
        known = known_zone()
        if known is None:
            create_zone(settings)
        seed_templates(
            known.name if known else settings.name, known.emergency if known else settings.emergency, utc_now()
        )

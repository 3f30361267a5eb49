"""What every command starts from: the settings of one file, and the database that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from peewee import Database

from db import schema
from db.connection import bind, connected, sqlite_path
from db.refusals import Refusal
from db.settings import DatabaseSettings, ModemSettings, Settings, load_settings

DEMONSTRATION_MODEMS = (ModemSettings("demo", "sim"),)


class House:
    """One configuration, as a demonstration or for real."""

    def __init__(self, config: Path, demo: bool = False) -> None:
        self.config = config
        self.demo = demo

    @cached_property
    def _settings(self) -> Settings:
        settings = load_settings(self.config)
        if not self.demo:
            return settings
        return replace(settings, database=DatabaseSettings("sqlite:///var/demo/plp.db"), modems=DEMONSTRATION_MODEMS)

    def settings(self) -> Settings:
        """The settings; in a demonstration with a database of its own and one simulated modem."""
        return self._settings

    @property
    def database_path(self) -> Path:
        """The database's file."""
        return sqlite_path(self._settings.database.url, self._settings.folder)

    def bound(self) -> Database:
        """The database, bound to the models, whatever its schema."""
        return bind(self._settings.database.url, self._settings.folder)

    @contextmanager
    def open_database(self) -> Iterator[Database]:
        """A connection to a database that exists and is up to date. Raises Refusal."""
        if not self.database_path.exists():
            raise Refusal(
                "Il n'y a pas encore de base de données ({path}) : lancez « plp run » ou « plp migrate ».",
                path=self.database_path,
            )
        database = self.bound()
        with connected():
            schema.require_current(database)
            yield database

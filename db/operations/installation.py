"""One installation: the settings of one config.ini, and the database that they name. Every command begins with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from peewee import Database

from db.engine import schema
from db.engine.connection import bind, connected, sqlite_path
from db.engine.files import state_folder
from db.engine.health import in_words, name_of
from db.engine.postgres import is_postgres
from db.engine.wal import keep_damaged
from db.journal.audit import require_key, use_key_file
from db.journal.chain import key_of_database
from db.mail.enqueue import send_as
from plp.settings.reading import load_settings
from plp.settings.values import BackupSettings, DatabaseSettings, MailSettings, ModemSettings, Settings, ZoneSettings
from rules.sentences import StoreFault

DEMONSTRATION_ZONE = ZoneSettings("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
DEMONSTRATION_MODEMS = (ModemSettings("demo", "sim", number="+32470000900"),)  # invented: it answers to itself


class Installation:
    """The configuration in `path`; `demo` for a demonstration."""

    def __init__(self, config: Path, demo: bool = False) -> None:
        self.config = config
        self.demo = demo

    @cached_property
    def _settings(self) -> Settings:
        settings = load_settings(self.config)
        if not self.demo:
            return settings
        # Invented people get no mail, and nobody's mail is answered in their name.
        return replace(
            settings,
            zone=DEMONSTRATION_ZONE,
            database=DatabaseSettings("sqlite:///var/demo/plp.db"),
            modems=DEMONSTRATION_MODEMS,
            mail=MailSettings(public_url=settings.mail.public_url),
            backup=BackupSettings(),
        )

    def settings(self) -> Settings:
        """The settings; in a demonstration with a separate database, one simulated modem and no mail."""
        return self._settings

    @property
    def database_name(self) -> str:
        """The database as people may read it: SQLite's file, or PostgreSQL's address without its password."""
        url = self._settings.database.url
        return name_of(url) if is_postgres(url) else str(sqlite_path(url, self._settings.folder))

    @contextmanager
    def any_database(self) -> Iterator[Database]:
        """A connection to the database, whatever its schema; SQLite's file is made. Raises StoreFault."""
        url = self._settings.database.url
        with in_words(url):
            database = bind(url, self._settings.folder)
            use_key_file(self._settings.journal.key_file)
            send_as(self._settings.mail)
            state_folder(self._settings).mkdir(parents=True, exist_ok=True)
            if not is_postgres(url):
                keep_damaged(sqlite_path(url, self._settings.folder))
            with connected():
                yield database

    @contextmanager
    def open_database(self) -> Iterator[Database]:
        """A connection to a database that exists, is up to date, and whose journal has its key. Raises StoreFault."""
        url, folder = self._settings.database.url, self._settings.folder
        if not is_postgres(url) and not sqlite_path(url, folder).exists():  # opening it would create it
            raise self._none_yet()
        with self.any_database() as database:
            if schema.is_empty(database):
                raise self._none_yet()
            schema.require_current(database)
            if signing := key_of_database():
                require_key(signing)
            yield database

    def _none_yet(self) -> StoreFault:
        return StoreFault("database_none_yet", path=self.database_name)

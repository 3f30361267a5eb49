"""One installation: the settings of one config.ini, and the database that they name; and who may read secret files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from os.path import isdir
from pathlib import Path
from urllib.parse import urlsplit

from peewee import Database

from base.settings.reading import load_settings, secret_in
from base.settings.values import BackupSettings, DatabaseSettings, MailSettings, ModemSettings, Settings, ZoneSettings
from db.engine import schema
from db.engine.connection import bind, connected, sqlite_path
from db.engine.files import SECRET_KEY, is_shared, state_folder
from db.engine.health import in_words, keep_damaged, name_of
from db.engine.postgres import has_own_password, is_postgres, use_password
from db.journal.audit import NAME, require_key, use_key_file
from db.journal.chain import key_of_database
from db.mail.enqueue import send_as
from rules.sentences import NOTHING, Sentence, StoreFault, coded

DEMONSTRATION_ZONE = ZoneSettings("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
DEMONSTRATION_MODEMS = (ModemSettings("demo", "sim", number="+32470000900"),)  # invented: it answers to itself
_OTHERS_MAY = 0o077
# What several processes need, a group of their three users may read.
_STRANGERS_MAY = 0o027
_ALL = "console, modem, jobs"


class Installation:
    """The configuration in `path`; `demo` for a demonstration."""

    def __init__(self, config: Path, demo: bool = False) -> None:
        self.config = config
        self.demo = demo

    @cached_property
    def _settings(self) -> Settings:
        settings = load_settings(self.config, strict=False)
        if not self.demo:
            if (file := settings.database.password_file) and not has_own_password():
                use_password(secret_in(file, "database", "password_file"))
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


@dataclass(frozen=True, slots=True)
class SecretFile:
    """`key` names it in config.ini, `reader` is a process; `owner` and `mode` are empty and None where not seen."""

    key: str
    path: Path
    reader: str
    owner: str
    mode: int | None

    @property
    def trouble(self) -> Sentence:
        """A sentence on who else may read it and what to do; NOTHING if nobody may."""
        shared = ", " in self.reader
        if self.mode is None or not self.mode & (_STRANGERS_MAY if shared else _OTHERS_MAY):
            return NOTHING
        code = "secret_shared_exposed" if shared else "secret_exposed"
        code = "secret_in_url_exposed" if self.key == "[database] url" else code
        return coded(code, key=self.key, path=self.path, mode=f"{self.mode:04o}")


def secret_files(settings: Settings) -> list[SecretFile]:
    """Every secret file that the settings name or that this machine made, with its owner and mode now."""
    return [SecretFile(key, path, reader, *_looked_at(path)) for key, path, reader in named_files(settings)]


def named_files(settings: Settings) -> Iterator[tuple[str, Path, str]]:
    """Each key of config.ini, or name, with its file and the process that needs it."""
    named = [
        ("[database] password_file", settings.database.password_file, _ALL),
        *((f"[modem:{modem.name}] pin_file", modem.pin_file, "modem") for modem in settings.modems),
        ("[mail] password_file", settings.mail.password_file, "jobs"),
        ("[mail] imap_password_file", settings.mail.imap_password_file, "jobs"),
        ("[plan_b] password_file", settings.plan_b.password_file, "jobs"),
        *(
            (f"[alarm:{channel.name}] {key}", path, "jobs")
            for channel in settings.channels
            for key, path in channel.files
            if key.endswith("secret_file")
        ),
        ("[backup] key_file", settings.backup.key_file, "jobs"),
        ("backup.key", state_folder(settings) / "backup.key", _ALL),  # who may read it has the database too
        ("[console] key", settings.console.key, "console"),
        ("[journal] key_file", settings.journal.key_file or state_folder(settings) / NAME, _ALL),
        ("secret.key", state_folder(settings) / SECRET_KEY, "console, jobs"),
    ]
    url = settings.database.url
    if is_postgres(url) and (urlsplit(url).password or "password=" in urlsplit(url).query):
        named.append(("[database] url", settings.path, _ALL))
    for key, path, reader in named:
        if path is not None:
            # In a folder of a group (setgid) the jobs read what they are to back up.
            shared = reader in ("modem", "console") and isdir(path.parent) and is_shared(path.parent)
            yield key, path, f"{reader}, jobs" if shared else reader


def _looked_at(path: Path) -> tuple[str, int | None]:
    try:
        about = path.stat()
    except OSError:
        return "", None
    try:
        owner = path.owner()
    except KeyError:
        owner = str(about.st_uid)
    return owner, about.st_mode & 0o777

"""Files that hold a secret: the process that needs one, and whether other users may read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from db.engine.files import SECRET_KEY, is_shared, state_folder
from db.engine.postgres import is_postgres
from db.journal.audit import NAME
from plp.settings.values import Settings
from rules.sentences import NOTHING, Sentence, coded

_OTHERS_MAY = 0o077
# What several processes need, a group of their three users may read.
_STRANGERS_MAY = 0o027
_ALL = "console, modem, jobs"


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
            shared = reader in ("modem", "console") and _shares(path.parent)
            yield key, path, f"{reader}, jobs" if shared else reader


def _shares(folder: Path) -> bool:
    """True for a folder whose group is its files' (setgid): in it the jobs read what they are to back up."""
    try:
        return is_shared(folder)
    except OSError:
        return False


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

"""A database that does not answer, in words: what happened, and what to do about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from peewee import DatabaseError, InterfaceError

from db.engine.connection import UNAVAILABLE
from db.engine.health import DAMAGED, is_damage, write_trouble
from db.engine.postgres import is_postgres
from plp.rules.refusals import Refusal

_INSUFFICIENT_PRIVILEGE = "42501"
# libpq gives no code for a refused connection; the server says it in its own language.
_NO_SUCH_DATABASE = re.compile(r'(?:database|base de donn[^\W"]{1,10}) ["«]')
_MISSING = re.compile(r"does not exist|n.existe pas")
_FATAL = re.compile(r"FATAL: +(.*)")


class Unreachable(Refusal):
    """The database cannot be used now; the same command may work later."""


def name_of(url: str) -> str:
    """A PostgreSQL address as people may read it: no password, no parameters."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"


@contextmanager
def in_words(url: str) -> Iterator[None]:
    """Turn errors of the database of `url` inside the block into a Refusal, where a person can act on it."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        refusal = _explained(error, url)
        if refusal is None:
            raise
        raise refusal from error


def _explained(error: Exception, url: str) -> Refusal | None:
    original = getattr(error, "orig", None) or error  # what the driver raised, which peewee wraps
    if getattr(original, "sqlstate", None) == _INSUFFICIENT_PRIVILEGE:
        return Unreachable(
            "La base de données {name} refuse ce droit à cet utilisateur : {why}. Donnez-lui la base : "
            "ALTER DATABASE … OWNER TO ….",
            name=name_of(url),
            why=_first_line(str(original)),
        )
    if is_damage(error):
        return Unreachable("{trouble}", trouble=DAMAGED.sentence)
    if not isinstance(error, UNAVAILABLE):
        return None
    return _postgres_away(str(original), url) if is_postgres(url) else _sqlite_away(str(original))


def _sqlite_away(why: str) -> Unreachable:
    if trouble := write_trouble(thorough=True):
        return Unreachable("{trouble}", trouble=trouble.sentence)
    return Unreachable(
        "La base de données ne répond pas : {why}. Vérifiez la place sur le disque et les droits du dossier, puis "
        "recommencez.",
        why=_first_line(why),
    )


def _postgres_away(why: str, url: str) -> Unreachable:
    fatal = _FATAL.search(why)
    if fatal is None:
        return Unreachable(
            "PostgreSQL ne répond pas ({name}) : {why}. Vérifiez que le serveur tourne et que le réseau y mène.",
            name=name_of(url),
            why=_first_line(why),
        )
    if _NO_SUCH_DATABASE.search(why) and _MISSING.search(why):
        return Unreachable(
            "La base {name} n'existe pas sur ce serveur : créez-la, par exemple « createdb -O {role} {database} ».",
            name=name_of(url),
            role=urlsplit(url).username or "plp",
            database=urlsplit(url).path[1:] or "plp",
        )
    return Unreachable(
        "PostgreSQL refuse la connexion ({name}) : {why}. Vérifiez le rôle, son mot de passe (~/.pgpass) et "
        "pg_hba.conf.",
        name=name_of(url),
        why=_first_line(fatal[1]),
    )


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0].rstrip(". ") if lines else "?"

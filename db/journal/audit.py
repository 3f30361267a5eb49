"""Journal entries: actor, action, time; never numbers, texts or passwords. They are signed with a key outside the
database. What a person typed (`TYPED`) may name somebody: it is kept apart, and only it can be erased."""

import hmac
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from db.engine.base import UtcField, folded_column
from db.engine.cached_queries import Prepared, given, inserting, utc_of
from db.engine.connection import bound_state_folder, is_postgres_database, next_ids, writing
from db.engine.files import file_mode, make_secret
from db.models.zone import AuditEntry
from rules.collation import folded
from rules.people import Actor
from rules.sentences import StoreFault, coded

_log = logging.getLogger(__name__)

# Details that are personal. No rule reads one: who forgets a person erases those that name them.
TYPED = ("reason", "override", "guard_reason", "late")
_STORED = UtcField()
_ENTRY = inserting(
    AuditEntry, "id", "at", "actor", "action", "subject", "detail", "typed", "typed_mac", "mac", erased=""
)
# On PostgreSQL the server gives number and date, so that no role can choose them (`db.operations.database_roles`).
_UNSIGNED = Prepared(
    lambda: AuditEntry.insert(
        {name: given(name) for name in ("at", "actor", "action", "subject", "detail", "typed")}
    ).returning(AuditEntry.id, AuditEntry.at)
)
_SIGN = Prepared(AuditEntry.update(typed_mac=given("typed_mac"), mac=given("mac")).where(AuditEntry.id == given("id")))
# Each page asks for three of them.
_NEWEST = Prepared(
    AuditEntry.select().where(AuditEntry.action == given("action")).order_by(AuditEntry.id.desc()).limit(1)
)
NAME = "journal.key"
_LENGTH = 64
_chosen: Path | None = None


def record(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> int:
    """Add an entry, inside the caller's transaction if any; returns its number."""
    return record_each(now, actor, action, [(subject, detail)])[0]


def record_each(
    now: datetime, actor: str, action: str, about: Sequence[tuple[str, Mapping[str, object]]]
) -> Sequence[int]:
    """Add an entry per subject with its details, in the caller's transaction if any; returns their numbers."""
    actor, action = _storable(actor), _storable(action)
    who = {"actor": actor, "action": action}
    with writing():
        said = [(_storable(subject), *_told(values)) for subject, values in about]
        names = ("subject", "detail", "typed")
        if is_postgres_database():
            given_back = _UNSIGNED.inserted_each(names, said, at=now, **who)
            places = [(int(number), utc_of(at)) for number, at in given_back]
        else:
            places = [(number, now) for number in next_ids(AuditEntry, len(said))]
        signed = [_signed(number, at, actor, action, row) for (number, at), row in zip(places, said, strict=True)]
        ids = [number for number, _at in places]
        if is_postgres_database():
            keyed_rows = ((*macs, number) for number, macs in zip(ids, signed, strict=True) if any(macs))
            _SIGN.change_each(("typed_mac", "mac", "id"), keyed_rows)
        else:
            whole = ((number, *row, *macs) for number, row, macs in zip(ids, said, signed, strict=True))
            _ENTRY.change_each(("id", *names, "typed_mac", "mac"), whole, at=now, **who)
    return ids


def _told(values: Mapping[str, object]) -> tuple[str, str]:
    """An entry's `detail`, and `typed`."""
    said = {name: values[name] for name in TYPED if values.get(name)}
    detail = _json({name: value for name, value in values.items() if name not in said})
    return detail, _json(said) if said else ""


def _signed(number: int, at: datetime, actor: str, action: str, said: tuple[str, str, str]) -> tuple[str, str]:
    """`typed_mac` and `mac`; empty without the key: no alert waits for it, and the verification reports it."""
    subject, detail, typed = said
    try:
        typed_mac = typed_signature(number, typed)
        return typed_mac, signature(number, at, actor, action, subject, detail, typed_mac)
    except StoreFault as fault:
        _log.error("the journal cannot be signed: %s", fault)
        return "", ""


def _json(values: Mapping[str, object]) -> str:
    return _storable(json.dumps(values, ensure_ascii=False))


def typed_signature(entry_id: int, typed: str) -> str:
    """The keyed hash of what was typed, which reveals nothing about it; empty for no text."""
    return keyed("typed", entry_id, typed) if typed else ""


def signature(entry_id: int, at: datetime, actor: str, action: str, subject: str, detail: str, typed_mac: str) -> str:
    """The writer's signature over an entry; with its number, so that no copy of it is valid elsewhere."""
    return keyed("entry", entry_id, _STORED.db_value(at), actor, action, subject, detail, typed_mac)


def _storable(text: str) -> str:
    """As both databases give it back: PostgreSQL has no U+0000 (`db.engine.postgres`)."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def changes(
    before: Mapping[str, object], after: Mapping[str, object], shown: Collection[str]
) -> dict[str, list[object]]:
    """Every field that differs, as the detail `changed` holds it: [old, new] if `shown`, [] for a person's data."""
    return {
        name: [before.get(name), value] if name in shown else []
        for name, value in after.items()
        if before.get(name) != value
    }


def record_from(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> None:
    """`record` for acts that give, take or use rights: the address from which it was done is added."""
    address = actor.address if isinstance(actor, Actor) else ""
    record(now, actor, action, subject, **detail, **({"address": address} if address else {}))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit. `erased`: its typed text was erased because a person was erased."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    detail: dict[str, object]
    erased: bool = False


def entries(limit: int = 200) -> list[Entry]:
    """The newest entries, newest first."""
    rows = AuditEntry.select().order_by(AuditEntry.id.desc()).limit(limit)
    return [as_entry(row) for row in rows]


def since(at: datetime, actions: Collection[str]) -> list[Entry]:
    """Every entry of these kinds from this moment on, oldest first."""
    rows = AuditEntry.select().where(AuditEntry.at >= at, AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    return [as_entry(row) for row in rows]


def newest(action: str) -> Entry | None:
    """The last entry of this kind; None for none."""
    return next(map(as_entry, _NEWEST.results(action=action)), None)


def lately(action: str, now: datetime, within: timedelta) -> Entry | None:
    """The last entry of this kind, if it is no further than `within` from `now`, whatever the clock did since."""
    last = newest(action)
    return last if last is not None and abs(now - last.at) <= within else None


def put_back_at() -> datetime | None:
    """Time at which an older copy was last put back: earlier orders may have been sent. None for never."""
    entries = map(newest, ("backup_restored", "database_restored"))
    return max((entry.at for entry in entries if entry is not None), default=None)


def is_known(action: str, subject: str) -> bool:
    """True when the journal has this action with this subject, in capitals or not."""
    same = folded_column(AuditEntry.subject) == folded(subject)
    return bool(AuditEntry.select().where(AuditEntry.action == action, same).exists())


def entries_about(subject: str, since_at: datetime | None = None) -> list[Entry]:
    """Every entry with this subject, oldest first. Ids of tables look alike: check the action as well."""
    rows = AuditEntry.select().where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return [as_entry(row) for row in (rows if since_at is None else rows.where(AuditEntry.at >= since_at))]


def as_entry(row: AuditEntry) -> Entry:
    """A row as a value."""
    detail = json.loads(row.detail) | json.loads(row.typed or "{}")
    return Entry(row.at, Actor.read(row.actor), row.action, row.subject, detail, bool(row.erased))


def use_key_file(path: Path | None) -> None:
    """Take `[journal] key_file` as it is now; None: `journal.key` among this machine's own files."""
    global _chosen
    _chosen = path
    _key.cache_clear()


def key_file() -> Path:
    """The file that holds the key of the database that is bound."""
    return _chosen or bound_state_folder() / NAME


def make_key() -> None:
    """Make the key of a database that begins, where the file is missing. Raises StoreFault."""
    path = key_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_secret(path, file_mode(path.parent))  # all three processes sign
    except OSError as error:
        raise _key_fault("missing", path, error) from None


def keyed(purpose: str, *values: object) -> str:
    """HMAC-SHA256 of these values for `purpose`, in hexadecimal. Raises StoreFault where the key cannot be read."""
    whole = json.dumps([purpose, *values])
    return hmac.digest(_key(key_file()), whole.encode("ascii"), "sha256").hex()


def key_id() -> str:
    """A name of the key that reveals nothing about it."""
    return keyed("id")[:16]


@lru_cache(maxsize=4)
def _key(path: Path) -> bytes:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _key_fault("missing", path, error) from None
    if len(key) < _LENGTH:
        raise _key_fault("damaged", path)
    return key.encode("ascii")


def require_key(of_database: str) -> None:
    """Raises StoreFault on a machine whose key is not the database's: it could not sign, nor know erased people."""
    if key_id() != of_database:
        raise _key_fault("other", key_file())


def _key_fault(how: Literal["missing", "damaged", "other"], path: Path, error: Exception | None = None) -> StoreFault:
    why = getattr(error, "strerror", None) or error or ""
    return StoreFault(
        "together", first=coded(f"journal_key_{how}", path=path, why=why), next=coded("journal_key_advice")
    )

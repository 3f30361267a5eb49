"""Journal entries: actor, action, time. They never hold numbers, texts or passwords. Whoever writes one signs it, by a
key outside the database, which whoever can write to the database does not have.
"""

import hmac
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from db.engine.base import UtcField, folded_column
from db.engine.cached_queries import Prepared, given, inserting
from db.engine.connection import bound_state_folder, next_ids, writing
from db.engine.files import file_mode, make_secret
from db.models.zone import AuditEntry
from rules.collation import folded
from rules.people import Actor
from rules.refusals import Refusal

_log = logging.getLogger(__name__)

_STORED = UtcField()
_ENTRY = inserting(AuditEntry, "id", "at", "actor", "action", "subject", "detail", "detail_mac", "mac", erased="")


def record(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> None:
    """Add an entry, inside the caller's transaction when there is one."""
    record_each(now, actor, action, [(subject, detail)])


def record_each(now: datetime, actor: str, action: str, about: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Add an entry for each subject with its details, inside the caller's transaction when there is one."""
    actor, action = _storable(actor), _storable(action)
    rows = []
    with writing():
        for entry_id, (subject, values) in zip(next_ids(AuditEntry, len(about)), about, strict=True):
            subject, detail = _storable(subject), json.dumps(values, ensure_ascii=False)
            detail = _storable(detail)
            rows.append((entry_id, subject, detail, *_signatures(entry_id, now, actor, action, subject, detail)))
        names = ("id", "subject", "detail", "detail_mac", "mac")
        _ENTRY.change_each(names, rows, at=now, actor=actor, action=action)


def detail_signature(entry_id: int, detail: str) -> str:
    """The keyed hash of an entry's details, which says nothing of them."""
    return keyed("detail", entry_id, detail)


def signature(entry_id: int, at: datetime, actor: str, action: str, subject: str, detail_mac: str) -> str:
    """The writer's signature over an entry; with its number, so that no copy of it is valid elsewhere."""
    return keyed("entry", entry_id, _STORED.db_value(at), actor, action, subject, detail_mac)


def _signatures(entry_id: int, at: datetime, actor: str, action: str, subject: str, detail: str) -> tuple[str, str]:
    """Two signatures, empty where the key cannot be read: no alert waits for it, and the verification tells."""
    try:
        of_detail = detail_signature(entry_id, detail)
        return of_detail, signature(entry_id, at, actor, action, subject, of_detail)
    except Refusal as refusal:
        _log.error("the journal cannot be signed: %s", refusal)
        return "", ""


def _storable(text: str) -> str:
    """As both databases give it back: PostgreSQL has no U+0000 (`db.engine.postgres`)."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def changes(
    before: Mapping[str, object], after: Mapping[str, object], told: Collection[str]
) -> dict[str, list[object]]:
    """Each field that differs, as the detail `changed` holds it: [old, new] if `told`, [] for a person's data."""
    return {
        name: [before.get(name), value] if name in told else []
        for name, value in after.items()
        if before.get(name) != value
    }


def record_from(now: datetime, actor: str, action: str, subject: str = "", **detail: object) -> None:
    """`record` of what gives, takes or uses rights: from which address it was done stands beside it."""
    address = actor.address if isinstance(actor, Actor) else ""
    record(now, actor, action, subject, **detail, **({"address": address} if address else {}))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit. `erased`: its details were, for somebody who was forgotten."""

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
    """The last entry of this kind; None when there is none."""
    return next(map(as_entry, _NEWEST.found(action=action)), None)


# Each page asks for three of them.
_NEWEST = Prepared(
    AuditEntry.select().where(AuditEntry.action == given("action")).order_by(AuditEntry.id.desc()).limit(1)
)


def lately(action: str, now: datetime, within: timedelta) -> Entry | None:
    """The last entry of this kind, if it is no further than `within` from `now`, whatever the clock did since."""
    last = newest(action)
    return last if last is not None and abs(now - last.at) <= within else None


def is_known(action: str, subject: str) -> bool:
    """True when the journal has this action with this subject, in capitals or not."""
    same = folded_column(AuditEntry.subject) == folded(subject)
    return bool(AuditEntry.select().where(AuditEntry.action == action, same).exists())


def entries_about(subject: str, since_at: datetime | None = None) -> list[Entry]:
    """Every entry with this subject (from this moment on), oldest first. Ids of different tables look alike: mind the
    action too.
    """
    rows = AuditEntry.select().where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    rows = rows if since_at is None else rows.where(AuditEntry.at >= since_at)
    return [as_entry(row) for row in rows]


def as_entry(row: AuditEntry) -> Entry:
    """A row as a value."""
    detail = json.loads(row.detail or "{}")
    return Entry(row.at, Actor.read(row.actor), row.action, row.subject, detail, bool(row.erased))


NAME = "journal.key"
_LENGTH = 64
_chosen: Path | None = None


def use_key_file(path: Path | None) -> None:
    """Take `[journal] key_file`; None: `journal.key` among this machine's own files."""
    global _chosen
    _chosen = path


def key_file() -> Path:
    """The file that holds the key of the database that is bound."""
    return _chosen or bound_state_folder() / NAME


def keyed(purpose: str, *values: object) -> str:
    """HMAC-SHA256 of these values for `purpose`, in hexadecimal; the first use makes the key. Raises Refusal when it is
    damaged.
    """
    whole = json.dumps([purpose, *values])
    return hmac.digest(_key(key_file()), whole.encode("ascii"), "sha256").hex()


def key_id() -> str:
    """A name of the key that says nothing of it."""
    return keyed("id")[:16]


@lru_cache(maxsize=4)
def _key(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_secret(path, file_mode(path.parent))  # all three processes sign
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("La clé du journal {path} ne peut pas être lue : {error}.", path=path, error=error) from None
    if len(key) < _LENGTH:
        raise Refusal(
            "La clé du journal {path} est endommagée : restaurez sa copie. Sans copie, supprimez ce "
            "fichier ; le journal continue avec une nouvelle clé, et la vérification signale que "
            "l'ancienne manque.",
            path=path,
        )
    return key.encode("ascii")

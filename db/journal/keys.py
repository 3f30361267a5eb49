"""The key outside the database, which whoever can write to the database does not have."""

import hmac
import json
from functools import lru_cache
from pathlib import Path

from db.engine.connection import bound_state_folder
from db.engine.files import make_secret, mode_in
from plp.rules.refusals import Refusal

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
        make_secret(path, mode_in(path.parent) & 0o640)  # all three processes sign
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

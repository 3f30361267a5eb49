"""The key that signs sessions: random, made at first start, kept in a file that only this user can read."""

import os
import secrets
from pathlib import Path

from plp.rules.refusals import Refusal

_LENGTH = 64


def secret_key(folder: Path) -> str:
    """The key of `folder`/secret.key, made when missing. Raises Refusal when it cannot be read or is damaged."""
    path = folder / "secret.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("La clé {path} ne peut pas être lue : {error}.", path=path, error=error) from None
    if len(key) < _LENGTH:
        raise Refusal("La clé {path} est abîmée : effacez ce fichier, chacun devra se reconnecter.", path=path)
    return key


def _make(path: Path) -> None:
    """Write it whole under another name first: several workers may start at once, and the first one wins."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_LENGTH // 2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""The key that signs sessions: random, made at first start, kept in a file that only this user can read."""

from pathlib import Path

from db.engine.files import make_secret, mode_in
from plp.rules.refusals import Refusal

_LENGTH = 64


def secret_key(folder: Path) -> str:
    """The key of `folder`/secret.key, made when missing. Raises Refusal when it cannot be read or is damaged."""
    path = folder / "secret.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        make_secret(path, mode_in(path.parent) & 0o640)  # the jobs back it up
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("La clé {path} ne peut pas être lue : {error}.", path=path, error=error) from None
    if len(key) < _LENGTH:
        raise Refusal("La clé {path} est abîmée : effacez ce fichier, chacun devra se reconnecter.", path=path)
    return key

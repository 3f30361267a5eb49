"""The key that signs sessions: random, made at first start, kept in a file that only this user can read."""

from pathlib import Path

from db.engine.files import make_secret
from plp.rules.refusals import Refusal

_LENGTH = 64


def secret_key(folder: Path) -> str:
    """The key of `folder`/secret.key, made when missing. Raises Refusal when it cannot be read or is damaged."""
    path = folder / "secret.key"
    try:
        make_secret(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("La clé {path} ne peut pas être lue : {error}.", path=path, error=error) from None
    if len(key) < _LENGTH:
        raise Refusal("La clé {path} est abîmée : effacez ce fichier, chacun devra se reconnecter.", path=path)
    return key

"""The files that `[mail]` names: the password of the server, and the authority that signed its certificate."""

import ssl
from pathlib import Path

from db.settings.values import MailSettings
from plp.rules.refusals import Refusal


def password(settings: MailSettings) -> str:
    """The content of `[mail] password_file`, without its line end. Raises Refusal."""
    path = settings.password_file
    try:
        secret = path.read_text(encoding="utf-8").strip("\r\n") if path else ""
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "ce n'est pas un texte en UTF-8"
        raise Refusal("[mail] password_file : {path} ne peut pas être lu ({why}).", path=path, why=why) from None
    if not secret:
        raise Refusal("[mail] password_file : {path} est vide.", path=path)
    return secret


def tls_context(ca_file: Path | None, must_verify: bool) -> ssl.SSLContext:
    """A certificate is verified wherever encryption is not a mere extra. Raises Refusal."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Refusal(
                "[mail] ca_file : {path} ne peut pas servir ({why}).",
                path=ca_file,
                why=error.strerror or "ce n'est pas un certificat",
            ) from None
    elif not must_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

"""From nothing to a server that takes mail: connected, greeted, encrypted as `[mail] tls` says, logged in."""

import ipaddress
import smtplib
import socket
import ssl
from contextlib import suppress

from db.settings.values import MailSettings
from plp.jobs.smtp import policy
from plp.jobs.smtp.deadline import Deadline
from plp.jobs.smtp.wire import WatchedSmtp
from plp.rules.refusals import Refusal

IMPLICIT_TLS_PORT = 465


class Unreachable(Exception):
    """No mail can leave over this server now. `reason` is a word of `plp.rules.mail_verdicts`, `reply` what was
    said."""

    def __init__(self, reason: str, reply: str) -> None:
        super().__init__(f"{reason}: {reply}")
        self.reason, self.reply = reason, reply


def is_of_this_machine(host: str) -> bool:
    """True for a name or an address that never leaves the machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.casefold() in ("localhost", "localhost.localdomain")


def must_encrypt(settings: MailSettings) -> bool:
    """Whether nothing may be said in the clear: whenever a password, or a mail, crosses a network."""
    if settings.tls == "auto":
        return bool(settings.user) or not is_of_this_machine(settings.smtp_host)
    return settings.tls == "required"


def opened(settings: MailSettings, host: str) -> smtplib.SMTP:
    """The server, ready for MAIL. Raises Unreachable, and Refusal for a file of `[mail]` that cannot be used."""
    secret = password(settings) if settings.user else ""
    context = _context(settings)
    with Deadline(policy.OPENING_S) as deadline:
        try:
            server = _welcomed(settings, host, context, secret, deadline)
        except Unreachable:
            if deadline.is_passed:
                raise Unreachable("silent", "timed out") from None
            raise
    if server.sock is not None:
        server.sock.settimeout(policy.STEP_S)
        server.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, policy.UNSEEN_BYTES)
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the end of a text goes out apart from it
    return server


def _welcomed(
    settings: MailSettings, host: str, context: ssl.SSLContext, secret: str, deadline: Deadline
) -> smtplib.SMTP:
    implicit = settings.smtp_port == IMPLICIT_TLS_PORT and settings.tls != "off"
    server = _connected(settings, host, context if implicit else None, deadline)
    try:
        _greet(server, host)
        if not implicit:
            _encrypt(server, settings, context, host)
        if settings.user:
            _log_in(server, settings.user, secret)
    except BaseException:
        server.close()
        raise
    return server


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


def _context(settings: MailSettings) -> ssl.SSLContext:
    """A certificate is verified wherever encryption is not a mere extra."""
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Refusal(
                "[mail] ca_file : {path} ne peut pas servir ({why}).",
                path=settings.ca_file,
                why=error.strerror or "ce n'est pas un certificat",
            ) from None
    elif not must_encrypt(settings):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _connected(
    settings: MailSettings, host: str, encrypted_by: ssl.SSLContext | None, deadline: Deadline
) -> smtplib.SMTP:
    where = settings.smtp_host, settings.smtp_port
    # Without a name of ours smtplib would ask the network for one, and wait for it.
    name = host if "." in host else "localhost"
    try:
        return WatchedSmtp(where, name, policy.CONNECT_S, deadline, encrypted_by)
    except ssl.SSLError as error:
        raise Unreachable("tls", _tls_words(error)) from None
    except TimeoutError:
        raise Unreachable("unreachable", "timed out") from None
    except smtplib.SMTPConnectError as error:
        raise Unreachable("greeting", _reply(error.smtp_code, error.smtp_error)) from None
    except smtplib.SMTPException as error:
        raise Unreachable("greeting", str(error)) from None
    except (OSError, UnicodeError) as error:
        raise Unreachable("unreachable", getattr(error, "strerror", None) or str(error)) from None


def _greet(server: smtplib.SMTP, host: str) -> None:
    """EHLO as this machine, by its address where it has no name of the network (RFC 5321 § 4.1.4)."""
    if "." not in host and server.sock is not None:
        server.local_hostname = _literal(server.sock)
    try:
        code, text = server.ehlo()
        if not 200 <= code < 300:
            code, text = server.helo()
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("greeting", str(error)) from None
    if not 200 <= code < 300:
        raise Unreachable("greeting", _reply(code, text))


def _literal(sock: socket.socket) -> str:
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _encrypt(server: smtplib.SMTP, settings: MailSettings, context: ssl.SSLContext, host: str) -> None:
    if settings.tls == "off":
        return
    if not server.has_extn("starttls"):
        if must_encrypt(settings):
            raise Unreachable("no_tls", "")
        return
    try:
        code, text = server.starttls(context=context)
    except ssl.SSLError as error:
        raise Unreachable("tls", _tls_words(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("tls", str(error)) from None
    if code != 220:
        raise Unreachable("tls", _reply(code, text))
    _greet(server, host)


def _log_in(server: smtplib.SMTP, user: str, secret: str) -> None:
    try:
        server.login(user, secret)
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable("login", _reply(error.smtp_code, error.smtp_error)) from None
    except smtplib.SMTPNotSupportedError:
        raise Unreachable("no_login", "") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("login", str(error)) from None
    except UnicodeError:
        raise Refusal(
            "[mail] password_file : un mot de passe avec des lettres accentuées ne peut pas servir."
        ) from None


def _reply(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}".strip()


def _tls_words(error: ssl.SSLError) -> str:
    return str(getattr(error, "verify_message", "") or error.reason or error)

"""One connection to the SMTP server of `[mail]`, and the meaning of its answers. RFC 5321 § 4.2.1: 4xx is temporary,
5xx permanent. RFC 3463: X.1 and X.2 are about one address, X.3 and X.4 a system or the way to it, X.7 a policy.
"""

import ipaddress
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from base.settings.reading import secret_in
from base.settings.values import MailSettings, Settings
from plp.conversation import Limits, connect, places_of, within
from rules.mail import mail_sentence, without_name
from rules.refusals import Refusal
from rules.sentences import Sentence

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")

IMPLICIT_TLS_PORT = 465
# RFC 5321 § 4.5.3.2 allows minutes for a step; a relay that takes so long is as good as away.
CONNECT_S = 15.0
STEP_S = 60.0
# Only the answer to a text may take its time: who gives up earlier sends it twice (RFC 5321 § 4.5.3.2.6).
TEXT_S = 240.0
CLOSE_S = 2.0
# Connected, greeted, encrypted and logged in, all together; and a text of a connection as slow as this.
OPENING_STEPS = 4
SLOWEST_BYTES_A_SECOND = 8 * 1024
# Of all that the server says meanwhile, and of what it says of one mail.
MOST_BYTES = 64 * 1024
# A connection is kept this long for the next mail, and for at most so many.
KEEP_S = 10.0
MAILS_PER_CONNECTION = 50
# A step of one mail's dialogue: MAIL FROM, RCPT TO, DATA, and the end of the text.
Step = Literal["mail", "rcpt", "data", "end"]


@dataclass(frozen=True, slots=True)
class SmtpOutcome:
    """One attempt to send a mail. `end` is accepted, refused or later, `reason` a word of `rules.mail`, `reply` the
    server's own words. `perhaps_taken`: the connection was lost within or after the text, so that the server may have
    it. `domain_waits`, `server_waits`: others to this domain, or all others, would get the same answer.
    """

    end: str
    reason: str
    reply: str
    perhaps_taken: bool = False
    domain_waits: bool = False
    server_waits: bool = False


def verdict(step: Step, code: int, text: str) -> SmtpOutcome:
    """The outcome of the answer `code text` at `step`; one that no server may give at that point is temporary."""
    reply = f"{code} {text}".strip()
    if step == "end" and 200 <= code < 300:
        return SmtpOutcome("accepted", "accepted", reply)
    enhanced = _ENHANCED.match(text)
    about = (int(enhanced[2]), int(enhanced[3])) if enhanced else (-1, -1)
    if code == 530:  # RFC 4954 § 6: log in first; RFC 3207 § 4: encrypt first
        return SmtpOutcome("later", "login", reply, server_waits=True)
    if not 500 <= code < 600:
        if code == 421 or step == "mail":  # it closes, or takes nothing at all now
            return SmtpOutcome("later", "busy", reply, server_waits=True)
        if about == (2, 2):
            return SmtpOutcome("later", "full", reply)
        return SmtpOutcome("later", "busy", reply, domain_waits=about[0] not in (1, 2))
    if code == 552 or about in ((2, 3), (3, 4)):
        return SmtpOutcome("refused", "full" if about == (2, 2) else "too_big", reply)
    if step == "mail":
        return SmtpOutcome("later", "sender", reply, server_waits=True)
    if about == (2, 2):
        return SmtpOutcome("refused", "full", reply)
    if step == "rcpt" and (about[0] == 1 or about == (2, 1) or (code in (550, 551, 553) and enhanced is None)):
        return SmtpOutcome("refused", "unknown", reply)
    return SmtpOutcome("refused", "rejected", reply)


class NoConnection(Exception):
    """No mail can leave over this server now. `reason` is a key of `MAIL_REASONS`, `reply` the server's words."""

    def __init__(self, reason: str, reply: str) -> None:
        super().__init__(f"{reason}: {reply}")
        self.reason, self.reply = reason, reply


class Connection:
    """Connected as this machine, `host`, when it is made. Raises NoConnection, and Refusal for a file of `[mail]`."""

    def __init__(self, settings: MailSettings, host: str) -> None:
        self._limits = Limits(CONNECT_S, OPENING_STEPS * CONNECT_S, MOST_BYTES)
        self._server = _opened(settings, host, self._limits)
        self._mails = 0
        self._used_s = time.monotonic()

    @property
    def encryption(self) -> str:
        """`TLSv1.3`; empty where nothing is encrypted."""
        version = getattr(self._server.sock, "version", None)
        return str(version() or "") if version else ""

    def is_usable(self) -> bool:
        """True when another mail may go over it; asks the server, which may have closed it."""
        if self._server.sock is None or self._mails >= MAILS_PER_CONNECTION:
            return False
        self._limits.allow(STEP_S, MOST_BYTES)
        with suppress(OSError):
            return self._server.rset()[0] == 250
        return False

    def is_idle(self) -> bool:
        return time.monotonic() - self._used_s > KEEP_S

    def deliver(self, sender: str, reader: str, content: bytes, may_begin: Callable[[], bool]) -> SmtpOutcome | None:
        """Send one mail; None if `may_begin`, asked before its text goes, says no. Unusable after a loss."""
        self._mails += 1
        outcome = self._envelope(sender, reader, len(content))
        if outcome is None:
            if not may_begin():
                self._server.close()
                return None
            outcome = self._text(content)
        self._used_s = time.monotonic()
        return replace(outcome, reply=without_name(outcome.reply, reader))

    def close(self) -> None:
        self._limits.allow(2 * CLOSE_S, MOST_BYTES)
        with suppress(OSError):
            if self._server.sock is not None:
                self._server.sock.settimeout(CLOSE_S)
                self._server.quit()
        self._server.close()

    def _envelope(self, sender: str, reader: str, size_bytes: int) -> SmtpOutcome | None:
        """None when the server takes the sender and the reader."""
        options = [f"size={size_bytes}"] if self._server.has_extn("size") else []
        self._limits.allow(2 * STEP_S, MOST_BYTES)
        try:
            step: Step = "mail"
            code, text = self._server.mail(sender, options)
            if code == 250:
                step = "rcpt"
                code, text = self._server.rcpt(reader)
        except OSError as error:
            self._server.close()
            return SmtpOutcome("later", "silent" if _is_silence(error) else "lost", str(error), server_waits=True)
        return None if step == "rcpt" and code in (250, 251) else self._answered(step, code, text)

    def _text(self, content: bytes) -> SmtpOutcome:
        """Lost from here on, the server may have the mail."""
        self._limits.allow(TEXT_S + len(content) / SLOWEST_BYTES_A_SECOND, MOST_BYTES)
        try:
            if self._server.sock is not None:
                self._server.sock.settimeout(TEXT_S)
            code, text = self._server.data(content)
            if self._server.sock is not None:
                self._server.sock.settimeout(STEP_S)
        except smtplib.SMTPDataError as error:
            return self._answered("data", error.smtp_code, error.smtp_error)
        except OSError as error:
            self._server.close()
            return _in_doubt(str(error))
        return self._answered("end", code, text)

    def _answered(self, step: Step, code: int, text: bytes | str) -> SmtpOutcome:
        if code in (421, -1):
            self._server.close()
        if code == -1 and step in ("data", "end"):  # no answer in any protocol: it may mean yes
            return _in_doubt("")
        return verdict(step, code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text)


def is_of_this_machine(host: str) -> bool:
    """True for a name or an address that never leaves the machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host.casefold() in ("localhost", "localhost.localdomain")


def must_encrypt(settings: MailSettings) -> bool:
    """True when the connection must be encrypted: whenever a password or a mail crosses a network."""
    if settings.tls == "auto":
        return bool(settings.user) or not is_of_this_machine(settings.smtp_host)
    return settings.tls == "required"


class _Smtp(smtplib.SMTP):
    """Its socket keeps the limits, and speaks TLS from its first byte where it has an `implicit` context."""

    def __init__(self, settings: MailSettings, name: str, limits: Limits, implicit: ssl.SSLContext | None) -> None:
        self._limits, self._implicit = limits, implicit
        super().__init__(settings.smtp_host, settings.smtp_port, local_hostname=name)

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        plain = connect(places_of(host, port, self._limits), self._limits)
        return self._implicit.wrap_socket(plain, server_hostname=host) if self._implicit else plain


def _opened(settings: MailSettings, host: str, limits: Limits) -> smtplib.SMTP:
    secret = password(settings) if settings.user else ""
    context = within(tls_context(settings.ca_file, must_verify=must_encrypt(settings)), limits)
    implicit = settings.smtp_port == IMPLICIT_TLS_PORT and settings.tls != "off"
    # Without a name of ours smtplib would ask the network for one, and wait for it.
    name = host if "." in host else "localhost"
    with _unreachable("unreachable"):
        server = _Smtp(settings, name, limits, context if implicit else None)
    try:
        with _unreachable("greeting"):
            if "." not in host and server.sock is not None:
                # It greets by its address (RFC 5321 § 4.1.4).
                address = str(server.sock.getsockname()[0])
                server.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
            server.ehlo_or_helo_if_needed()
        if not implicit and settings.tls != "off" and (must_encrypt(settings) or server.has_extn("starttls")):
            with _unreachable("tls", unsupported="no_tls"):
                server.starttls(context=context)
                server.ehlo_or_helo_if_needed()
        if settings.user:
            with _unreachable("login", unsupported="no_login"):
                server.login(settings.user, secret)
    except BaseException:
        server.close()
        raise
    if server.sock is not None:
        server.sock.settimeout(STEP_S)
    return server


@contextmanager
def _unreachable(reason: str, unsupported: str = "") -> Iterator[None]:
    """Turn errors inside the block into NoConnection with `reason`, or a more exact one."""
    refused = "greeting" if reason == "unreachable" else reason
    try:
        yield
    except smtplib.SMTPNotSupportedError:
        raise NoConnection(unsupported, "") from None
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        raise NoConnection(refused, f"{error.smtp_code} {words}".strip()) from None
    except ssl.SSLError as error:
        raise NoConnection("tls", str(getattr(error, "verify_message", "") or error.reason or error)) from None
    except (OSError, UnicodeError) as error:
        words = str(getattr(error, "strerror", None) or error)
        if isinstance(error, smtplib.SMTPException):  # a server answered
            reason = "silent" if _is_silence(error) else refused
        raise NoConnection(reason, words) from None


def _is_silence(error: Exception) -> bool:
    """True when the socket's time-out passed; smtplib keeps only the error's words."""
    return "timed out" in str(error)


def _in_doubt(reply: str) -> SmtpOutcome:
    return SmtpOutcome("later", "doubt", reply, perhaps_taken=True, server_waits=True)


def password(settings: MailSettings) -> str:
    """The content of `[mail] password_file`, without its line end. Raises Refusal."""
    path = settings.password_file
    secret = secret_in(path, "mail", "password_file").strip("\r\n") if path else ""
    if not secret:
        raise Refusal("[mail] password_file : {path} est vide.", path=path)
    if not secret.isascii():  # smtplib sends no other
        raise Refusal("[mail] password_file : un mot de passe contenant des accents ne peut pas être utilisé.")
    return secret


def tls_context(ca_file: Path | None, must_verify: bool) -> ssl.SSLContext:
    """A certificate is verified wherever encryption is not a mere extra. Raises Refusal."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise Refusal(
                "[mail] ca_file : {path} ne peut pas être utilisé ({why}).",
                path=ca_file,
                why=error.strerror or "ce n'est pas un certificat",
            ) from None
    elif not must_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def check_mail(settings: Settings) -> Sentence:
    """`smtp.example.be:587, chiffré (TLSv1.3), connecté comme plp`. Raises Refusal with section and key."""
    mail = settings.mail
    where = f"{mail.smtp_host}:{mail.smtp_port}"
    try:
        with closing(Connection(mail, settings.host)) as connection:
            encryption = connection.encryption
    except NoConnection as trouble:
        why = mail_sentence(trouble.reason, trouble.reply)
        raise Refusal("[mail] smtp : {where} : {why}", where=where, why=why) from None
    how = Sentence("chiffré ({encryption})", {"encryption": encryption}) if encryption else Sentence("pas chiffré")
    signed_in = (Sentence("connecté comme {user}", {"user": mail.user}),) if mail.user else ()
    return Sentence("{parts}", {"parts": (where, how, *signed_in)})

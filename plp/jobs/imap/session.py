"""The mailbox to read, from the settings, and one connection to it, which reads only: nothing in it can change."""

import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, exceptions

from base.settings.reading import secret_in
from base.settings.values import MailSettings
from plp.conversation import Limits, connect, places_of, within
from plp.jobs.smtp.connection import is_of_this_machine
from rules.sentences import CodedRefusal

IMPLICIT_TLS_PORT = 993
FOLDER = "INBOX"
TIMEOUT_S = 30.0
# Connected, encrypted, signed in and the folder opened, all together; a question; one mail, over a slow line too.
OPENING_S, ASKING_S, MAIL_S = 3 * TIMEOUT_S, 2 * TIMEOUT_S, 4 * TIMEOUT_S
# A hundred thousand numbers of mails fit into it; of a mail, more than is read of it.
MOST_BYTES = 1024 * 1024
CLOSE_S = 5.0
# A mail is read up to here: the words of the longest that people write by hand, many times over.
READ_BYTES = 256 * 1024
READ_TEXT_BYTES = 64 * 1024
DEEPEST = 12

# At debug they write down whatever passes, at info their every step: addresses and texts stay out of the log.
for _name in ("imapclient", "flufl.bounce"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# The connection is of no use any more: open another one. A refused command is not among them.
BROKEN: tuple[type[Exception], ...] = (OSError, exceptions.IMAPClientAbortError, exceptions.ProtocolError)
# Why a sign-in is refused, where it is not the password (RFC 5530, 3): the server is not well, or has too many of them.
_UNWELL = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG)\b", re.IGNORECASE)
_TOO_MANY = re.compile(r"\[LIMIT\b", re.IGNORECASE)


class WrongPassword(CodedRefusal):
    """The server does not let this user in: asking again soon may lock the account."""


@dataclass(frozen=True, slots=True)
class MailboxLogin:
    """Server and login of the mailbox; `ca_file` vouches for the certificate that the machine's authorities do not."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        """The name of the mailbox in the database."""
        return f"{self.user}@{self.host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """True when the server is on this machine, so that nothing crosses a network."""
        return is_of_this_machine(self.host)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as it came: its first bytes, and where its text lies further back, that. `size_bytes` is the whole."""

    raw: bytes
    size_bytes: int
    arrived_at: datetime | None
    words: tuple[bytes, bytes] | None = None


class _Imap(imaplib.IMAP4):
    """Its socket keeps the limits, and speaks TLS from its first byte where it has an `implicit` context."""

    def __init__(self, host: str, port: int, limits: Limits, implicit: ssl.SSLContext | None) -> None:
        self._limits, self._implicit = limits, implicit
        super().__init__(host, port)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        plain = connect(places_of(self.host, self.port, self._limits), self._limits)
        return self._implicit.wrap_socket(plain, server_hostname=self.host) if self._implicit else plain

    def read(self, size: int) -> bytes:
        """A literal. Python 3.11 makes room for all that the server announces, before it comes."""
        self._limits.require(size)
        return super().read(size)

    def _get_response(self, *how: Any) -> Any:
        try:
            return super()._get_response(*how)  # type: ignore[misc]
        except ValueError as error:  # a number of thousands of digits
            raise self.abort(type(error).__name__) from None


class LimitedClient(IMAPClient):  # type: ignore[misc]
    """A connection within the limits."""

    def __init__(self, account: "MailboxLogin", context: ssl.SSLContext) -> None:
        self.limits = Limits(TIMEOUT_S, OPENING_S, MOST_BYTES)
        within(context, self.limits)
        # RFC 8314: TLS from the first byte
        super().__init__(account.host, account.port, ssl=account.port == IMPLICIT_TLS_PORT, ssl_context=context)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  (as IMAPClient names it)
        return _Imap(self.host, self.port, self.limits, self.ssl_context if self.ssl else None)


class Session:
    """A selected mailbox. Every call may raise one of BROKEN."""

    def __init__(self, client: "LimitedClient", uidvalidity: int) -> None:
        self._client = client
        self.uidvalidity = uidvalidity

    def new_uids(self, after: int, since: date | None = None) -> list[int]:
        """The mails above `after`, in order; where `since` is given, only those that came on that day or later. `n:*`
        always holds the last mail, even below n (RFC 3501 § 6.4.8): it is left out again.
        """
        self._client.limits.allow(ASKING_S, MOST_BYTES)
        criteria: list[object] = ["UID", f"{after + 1}:*"]
        if since is not None:
            criteria += ["SINCE", since]
        return sorted(int(uid) for uid in self._client.search(criteria) if uid > after)

    def fetch(self, uid: int) -> Fetched | None:
        """The beginning of a mail, unmarked as read (BODY.PEEK); None for one that was deleted meanwhile."""
        self._client.limits.allow(MAIL_S, MOST_BYTES)
        mail = self._client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[]<0.{READ_BYTES}>"]).get(uid)
        if mail is None:
            return None
        raw = next((bytes(value) for key, value in mail.items() if key.startswith(b"BODY[]") and value), b"")
        size = int(mail.get(b"RFC822.SIZE", len(raw)))
        words = self._first_text(uid) if size > READ_BYTES else None
        at = mail.get(b"INTERNALDATE")  # with its zone
        return Fetched(raw, size, at and at.astimezone(UTC), words)

    def close(self) -> None:
        self._client.limits.allow(CLOSE_S, MOST_BYTES)
        try:
            self._client.logout()
        except (*BROKEN, exceptions.IMAPClientError):
            _hang_up(self._client)

    def _first_text(self, uid: int) -> tuple[bytes, bytes] | None:
        """A huge mail's first text with its MIME header: megabytes of pictures may precede it."""
        section = first_text(self._client.fetch([uid], ["BODYSTRUCTURE"]).get(uid, {}).get(b"BODYSTRUCTURE"))
        if section is None or section == "1":
            return None
        items = [f"BODY.PEEK[{section}.MIME]", f"BODY.PEEK[{section}]<0.{READ_TEXT_BYTES}>"]
        parts = self._client.fetch([uid], items).get(uid, {})
        head = parts.get(f"BODY[{section}.MIME]".encode(), b"")
        return head, next((value for key, value in parts.items() if key.startswith(f"BODY[{section}]".encode())), b"")


def mailbox_account(mail: MailSettings) -> MailboxLogin | None:
    """The zone's mailbox; None where none is set. Raises CodedRefusal for one without user or password."""
    if not mail.imap_host:
        return None
    user = mail.imap_user or mail.user
    key = "imap_password_file" if mail.imap_password_file else "password_file"
    file = mail.imap_password_file or mail.password_file
    if not user or file is None:
        raise CodedRefusal("mailbox_account")
    password = secret_in(file, "mail", key).rstrip("\r\n")
    return MailboxLogin(mail.imap_host, mail.imap_port, user, password, mail.ca_file)


def open_session(account: MailboxLogin) -> Session:
    """Connect, sign in, and open the folder for reading only. Raises CodedRefusal, or one of BROKEN."""
    with _in_words(account):
        context = ssl.create_default_context(cafile=account.ca_file)
        if account.is_local and account.ca_file is None:
            # What never leaves this machine has nobody in between, and rarely a certificate that others vouch for.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client = LimitedClient(account, context)
    client.normalise_times = False  # as the server says it, with its zone
    try:
        with _in_words(account):
            implicit = account.port == IMPLICIT_TLS_PORT
            if not implicit and client.has_capability("STARTTLS"):
                client.starttls(context)
            elif not implicit and not account.is_local:
                raise CodedRefusal("mailbox_plain", host=account.host, port=account.port)
            _sign_in(client, account)
            selected = client.select_folder(FOLDER, readonly=True)
        return Session(client, int(selected[b"UIDVALIDITY"]))
    except BaseException:
        _hang_up(client)
        raise


def _hang_up(client: IMAPClient) -> None:
    with suppress(*BROKEN):
        client.shutdown()


def _sign_in(client: IMAPClient, account: MailboxLogin) -> None:
    """AUTHENTICATE PLAIN takes any password; LOGIN, where nothing else is offered, plain ASCII only."""
    plain = client.has_capability("AUTH=PLAIN")
    if not plain and not (account.user + account.password).isascii():
        raise WrongPassword("mailbox_accents", host=account.host)
    try:
        (client.plain_login if plain else client.login)(account.user, account.password)
    except exceptions.LoginError as error:
        if isinstance(error.__context__, BROKEN) or _UNWELL.search(str(error)):
            raise
        code = "mailbox_limit" if _TOO_MANY.search(str(error)) else "mailbox_login"
        raise WrongPassword(code, host=account.host) from None


@contextmanager
def _in_words(account: MailboxLogin) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise CodedRefusal("mailbox_certificate", host=account.host, why=error.verify_message) from None
    except OSError as error:
        why = str(error.strerror or error)
        raise CodedRefusal("mailbox_silent", host=account.host, port=account.port, why=why) from None
    except (exceptions.IMAPClientError, exceptions.ProtocolError) as error:
        why = type(error).__name__
        raise CodedRefusal("mailbox_strange", host=account.host, port=account.port, why=why) from None


def first_text(structure: Any, section: str = "", depth: int = 0) -> str | None:
    """The section of the first text that is not sent along as a file, plain or HTML, such as `1` or `2.1`."""
    if depth > DEEPEST or not isinstance(structure, tuple) or not structure:
        return None
    if isinstance(structure[0], list):
        inner = (first_text(part, f"{section}.{at}".lstrip("."), depth + 1) for at, part in enumerate(structure[0], 1))
        return next(filter(None, inner), None)
    kind, subtype = _lower(structure[0]), _lower(structure[1] if len(structure) > 1 else b"")
    # Its disposition, wherever the server puts it among the extensions.
    is_file = any(isinstance(item, tuple) and item and _lower(item[0]) == "attachment" for item in structure[2:])
    return (section or "1") if kind == "text" and subtype in ("plain", "html") and not is_file else None


def _lower(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""

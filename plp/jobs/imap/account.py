"""The mailbox to read, from the settings."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from db.settings.values import MailSettings
from plp.rules.sentences import CodedRefusal

IMPLICIT_TLS_PORT = 993


@dataclass(frozen=True, slots=True)
class MailboxLogin:
    """Server and login of the mailbox. Without `is_encrypted` the server must offer STARTTLS, unless it is local.
    `ca_file` vouches for its certificate, where the machine's own authorities do not.
    """

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
    def is_encrypted(self) -> bool:
        """TLS from the first byte (RFC 8314)."""
        return self.port == IMPLICIT_TLS_PORT

    @property
    def is_local(self) -> bool:
        """True when the server is on this machine, so that nothing crosses a network."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def mailbox_account(mail: MailSettings) -> MailboxLogin | None:
    """The zone's mailbox; None where none is set. Raises CodedRefusal for one without user or password."""
    if not mail.imap_host:
        return None
    user, file = mail.imap_user or mail.user, mail.imap_password_file or mail.password_file
    if not user or file is None:
        raise CodedRefusal("mailbox_account")
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise CodedRefusal("mailbox_password", file=file, why=error.strerror) from None
    except UnicodeDecodeError:
        raise CodedRefusal("mailbox_password_text", file=file) from None
    return MailboxLogin(mail.imap_host, mail.imap_port, user, password, mail.ca_file)

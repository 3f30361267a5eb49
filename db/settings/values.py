"""The settings as frozen values, with the defaults that docs/reference/contract.md, "config.ini" names."""

import socket
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Seeds a fresh database; afterwards the database rules."""

    name: str = "Police locale"
    code: str = ""
    emergency: str = "101"
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Address of the database; relative paths start at the configuration's folder. `host` names this machine among
    several.
    """

    url: str = "sqlite:///var/plp.db"
    host: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Address of the console; TLS when both files are set."""

    host: str = "127.0.0.1"
    port: int = 8080
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class SendingSettings:
    """Sending of alerts. More STOPs than `stops_per_hour` are held (0: a fiftieth of the list, at least 5)."""

    unconfirmed: Literal["ask", "leave"] = "ask"
    stale_after_min: int = 30
    validity_urgent: timedelta = timedelta(hours=4)
    validity_normal: timedelta = timedelta(hours=24)
    undo_seconds: int = 10
    hourly_ceiling: int = 1000
    stops_per_hour: int = 0
    duty_phone: str | None = None


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """One modem. Limits are per SIM; 0 is none.

    hour_limit  SMS within any hour, held by the daemon itself whatever the console asks; never none
    device  `auto` (any known modem that is plugged in), `sim`, the path of a tty, or a pattern of such paths
    imei    chooses among several; where there is one only, it must be the one
    smsc    the service centre to use instead of the card's own
    """

    name: str
    device: str = "auto"
    imei: str | None = None
    driver: Literal["at", "gammu"] = "at"
    number: str | None = None
    smsc: str | None = None
    pin_file: Path | None = None
    messages_per_minute: int = 20
    urgent_messages_per_minute: int = 0
    hour_limit: int = 5000
    day_limit: int = 0
    month_limit: int = 0
    month_recipients_limit: int = 0
    submit_timeout_s: int = 180


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mail leaves and comes in.

    sender              `from`; no mail leaves where it is empty
    tls                 of SMTP. `auto`: port 465 speaks TLS from its first byte; any other must offer STARTTLS where
                        the server is not of this machine or a password goes there, and uses it where it is offered
    ca_file             who vouches for the server's certificate, where the machine's own authorities do not
    domain_per_minute   mails to one domain of readers; 0 = no pacing
    imap_host           the zone's mailbox; none is read where it is empty
    imap_port           993 speaks TLS from its first byte; any other must offer STARTTLS, unless it is of this machine
    imap_user           `user` where it is empty
    imap_password_file  `password_file` where it is None
    """

    smtp_host: str = "localhost"
    smtp_port: int = 25
    sender: str = ""
    user: str = ""
    password_file: Path | None = None
    tls: Literal["auto", "required", "off"] = "auto"
    ca_file: Path | None = None
    domain_per_minute: int = 30
    imap_host: str = ""
    imap_port: int = 993
    imap_user: str = ""
    imap_password_file: Path | None = None
    public_url: str = ""
    daily_at: time = time(7)


@dataclass(frozen=True, slots=True)
class PlanBSettings:
    """The nightly export for the day when no modem works; none without a password."""

    password_file: Path | None = None
    at: time = time(3, 30)


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Backups; none where `recipient` or `to` is empty.

    recipient  the public age key that they are encrypted to
    to         a folder, relative ones from the configuration's, or sftp://user@host/folder
    same_disk  a folder on the database's own disk is meant
    key_file   the SSH key for SFTP; the user's usual ones where it is None
    """

    recipient: str = ""
    to: str = ""
    same_disk: bool = False
    key_file: Path | None = None
    at: time = time(2, 30)


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """For how many months personal data stays. What counts is kept, who it was about is not."""

    inbound_months: int = 12
    messages_months: int = 12
    mail_months: int = 12
    audit_months: int = 60


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Who did what, signed.

    key_file  the key that signs, the same for all who share the database; `journal.key` among this machine's own
              files where it is None, made at the first start
    syslog    where the day's head goes: a socket's path or `host:port` (UDP); nowhere where it is empty
    """

    key_file: Path | None = None
    syslog: str = "/dev/log"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Level of the log on stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of config.ini. `folder` is where its relative paths start."""

    path: Path
    folder: Path
    zone: ZoneSettings = field(default_factory=ZoneSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    sending: SendingSettings = field(default_factory=SendingSettings)
    modems: tuple[ModemSettings, ...] = ()
    mail: MailSettings = field(default_factory=MailSettings)
    plan_b: PlanBSettings = field(default_factory=PlanBSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def host(self) -> str:
        """Under what name this machine claims, beats and shows its modems."""
        return self.database.host or socket.gethostname()

"""The settings as frozen values, with the defaults that docs/reference/contract.md, "config.ini" names."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal

from base.settings import kinds
from rules.numbers import ZONE_RULES
from rules.sentences import Sentence

# No network keeps an SMS longer (TP-VP).
LONGEST_VALIDITY = timedelta(weeks=63)


def config_key(default: Any, kind: kinds.Kind, name: str = "", port: str = "") -> Any:
    """A key of config.ini: its `name` if different from the field's; for an address, also the field of its `port`."""
    return field(default=default, metadata={"kind": kind, "name": name, "port": port})


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Seeds a fresh database; afterwards the database rules. Without a name the zone is not known yet."""

    name: str = config_key("", kinds.text)
    code: str = config_key("", kinds.ruled(ZONE_RULES["code"]))
    emergency: str = config_key("101", kinds.ruled(ZONE_RULES["emergency"]))
    phone: str = config_key("", kinds.ruled(ZONE_RULES["phone"]))


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Address of the database (paths from the configuration's folder), and this machine's name among several."""

    url: str = config_key("sqlite:///var/plp.db", kinds.database_url)
    host: str = config_key("", kinds.matching(r"[\w.-]+", "un nom de serveur"))
    password_file: Path | None = config_key(None, kinds.optional(kinds.file))


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Address of the console; TLS when both files are set."""

    host: str = config_key("127.0.0.1", kinds.address(None), "listen", "port")
    port: int = 8080
    certificate: Path | None = config_key(None, kinds.optional(kinds.file))
    key: Path | None = config_key(None, kinds.optional(kinds.file))


@dataclass(frozen=True, slots=True)
class SendingSettings:
    """Sending of alerts. More STOPs than `stops_per_hour` are held (0: a fiftieth of the list, at least 5)."""

    unconfirmed: Literal["ask", "leave"] = config_key("ask", kinds.choice("ask", "leave"))
    stale_after_min: int = config_key(30, kinds.whole(1, 10_080))
    validity_urgent: timedelta = config_key(timedelta(hours=4), kinds.duration(LONGEST_VALIDITY))
    validity_normal: timedelta = config_key(timedelta(hours=24), kinds.duration(LONGEST_VALIDITY))
    undo_seconds: int = config_key(10, kinds.whole(0, 600))
    hourly_ceiling: int = config_key(1000, kinds.whole(1, 1_000_000))
    stops_per_hour: int = config_key(0, kinds.whole(0, 1_000_000))
    duty_phone: str | None = config_key(None, kinds.optional(kinds.mobile))
    # between two calls of people on duty
    duty_call_every: timedelta = config_key(timedelta(minutes=5), kinds.duration(timedelta(days=1)))
    # their telephone rings too, where a modem can call
    duty_call_rings: bool = config_key(True, kinds.yes_or_no)

    def validity(self, *, urgent: bool) -> timedelta:
        """The time after which a message is no longer useful."""
        return self.validity_urgent if urgent else self.validity_normal


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """One modem. Limits are per SIM; 0 is none, except `hour_limit`, which the daemon itself enforces."""

    name: str
    # `auto` (any known modem that is plugged in), `sim`, the path of a tty, or a pattern of such paths
    device: str = config_key("auto", kinds.device)
    # chooses among several; a single one must be this one
    imei: str | None = config_key(None, kinds.optional(kinds.imei))
    driver: Literal["at", "modemmanager"] = config_key("at", kinds.driver)
    number: str | None = config_key(None, kinds.optional(kinds.mobile))
    # the service centre to use instead of the card's own
    smsc: str | None = config_key(None, kinds.optional(kinds.centre))
    pin_file: Path | None = config_key(None, kinds.optional(kinds.file))
    messages_per_minute: int = config_key(20, kinds.whole(0, 6000))
    urgent_messages_per_minute: int = config_key(0, kinds.whole(0, 6000))
    hour_limit: int = config_key(5000, kinds.whole(1, 1_000_000))
    day_limit: int = config_key(0, kinds.whole(0, 1_000_000))
    month_limit: int = config_key(0, kinds.whole(0, 10_000_000))
    month_recipients_limit: int = config_key(0, kinds.whole(0, 1_000_000))
    submit_timeout_s: int = config_key(180, kinds.whole(5, 600))


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Mail out and in; without `sender` none leaves, without `imap_host` none is read."""

    smtp_host: str = config_key("localhost", kinds.address(25), "smtp", "smtp_port")
    smtp_port: int = 25
    sender: str = config_key("", kinds.mail_address, "from")
    user: str = config_key("", kinds.text)
    password_file: Path | None = config_key(None, kinds.optional(kinds.file))
    # of SMTP. `auto`: port 465 speaks TLS from its first byte; any other must offer STARTTLS where the server is not of
    # this machine or gets a password, and uses it where it is offered
    tls: Literal["auto", "required", "off"] = config_key("auto", kinds.choice("auto", "required", "off"))
    # vouches for the server's certificate, where the machine's own authorities do not
    ca_file: Path | None = config_key(None, kinds.optional(kinds.file))
    # mails to one domain of readers; 0 is no pacing
    domain_per_minute: int = config_key(30, kinds.whole(0, 6000))
    # port 993 speaks TLS from its first byte; any other must offer STARTTLS, unless it is of this machine
    imap_host: str = config_key("", kinds.optional(kinds.address(993)), "imap", "imap_port")
    imap_port: int = 993
    # `user` and `password_file` where these are not given
    imap_user: str = config_key("", kinds.text)
    imap_password_file: Path | None = config_key(None, kinds.optional(kinds.file))
    public_url: str = config_key("", kinds.web_address)
    daily_at: time = config_key(time(7), kinds.time_of_day)


@dataclass(frozen=True, slots=True)
class ProofSettings:
    """At which hours every SIM shows that it still sends and receives, by a message to another one; never without."""

    at: tuple[time, ...] = config_key((time(4),), kinds.times_of_day)


@dataclass(frozen=True, slots=True)
class PlanBSettings:
    """The nightly export for the day when no modem works; none without a password."""

    password_file: Path | None = config_key(None, kinds.optional(kinds.file))
    at: time = config_key(time(3, 30), kinds.time_of_day)


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Backups, encrypted to an age key; none where `recipient` or `to` is empty."""

    recipient: str = config_key("", kinds.age_recipient)
    # a folder, relative ones from the configuration's, or sftp://user@host/folder
    to: str = config_key("", kinds.place)
    # a folder on the database's own disk is meant
    same_disk: bool = config_key(False, kinds.yes_or_no)
    # the SSH key for SFTP; the user's usual ones where it is None
    key_file: Path | None = config_key(None, kinds.optional(kinds.file))
    # one every hour too, and when an alert is ordered or over
    hourly: bool = config_key(False, kinds.yes_or_no)
    at: time = config_key(time(2, 30), kinds.time_of_day)


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """Months for which personal data is kept. Counts are kept longer, but not the persons."""

    inbound_months: int = config_key(12, kinds.whole(1, 600))
    messages_months: int = config_key(12, kinds.whole(1, 600))
    mail_months: int = config_key(12, kinds.whole(1, 600))
    audit_months: int = config_key(60, kinds.whole(1, 600))
    tips_months: int = config_key(12, kinds.whole(1, 600))
    # Instead of the months above, where they are not 0.
    inbound_days: int = config_key(0, kinds.whole(0, 18_000))
    messages_days: int = config_key(0, kinds.whole(0, 18_000))
    mail_days: int = config_key(0, kinds.whole(0, 18_000))
    # 0 keeps the texts of alerts for ever.
    alert_texts_days: int = config_key(1_825, kinds.whole(0, 18_000))
    # After their last day: minutes, papers that held until a day, terms of coordinators.
    papers_months: int = config_key(120, kinds.whole(1, 600))


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """The signed journal."""

    # the same for all who share the database; `journal.key` among this machine's own files where it is None
    key_file: Path | None = config_key(None, kinds.optional(kinds.file))
    # where the day's head goes: a socket's path or `host:port` (UDP); nowhere where it is empty
    syslog: str = config_key("/dev/log", kinds.log_server)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Level of the log on stderr."""

    level: Literal["debug", "info", "warning", "error"] = config_key(
        "info", kinds.choice("debug", "info", "warning", "error")
    )


@dataclass(frozen=True, slots=True)
class ChannelSection:
    """A section [alarm:NAME]: the module of that channel reads it, as its own class of keys. Raises Refusal."""

    name: str
    read: Callable[[Any], Any] = field(compare=False)
    files: tuple[tuple[str, Path], ...] = ()


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
    proof: ProofSettings = field(default_factory=ProofSettings)
    plan_b: PlanBSettings = field(default_factory=PlanBSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    log: LogSettings = field(default_factory=LogSettings)
    channels: tuple[ChannelSection, ...] = ()
    # Of every section ("" for the key) and key that the file has, its line from 1; and of the keys, the text.
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict, compare=False)
    written: Mapping[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)
    # By section, the sentences about optional parts that are wrong and are not used.
    left_out: tuple[tuple[str, Sentence], ...] = ()

    def channel(self, name: str) -> ChannelSection | None:
        """The section of this channel of alarms; None where the file has none."""
        return next((section for section in self.channels if section.name == name), None)

    @property
    def host(self) -> str:
        """Under what name this machine claims, beats and shows its modems."""
        return self.database.host or socket.gethostname()

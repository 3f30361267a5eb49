"""Read config.ini strictly, and say where it is wrong."""

import configparser
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db.settings import kinds
from db.settings.values import (
    BackupSettings,
    ConsoleSettings,
    DatabaseSettings,
    JournalSettings,
    LogSettings,
    MailSettings,
    ModemSettings,
    PlanBSettings,
    RetentionSettings,
    SendingSettings,
    Settings,
    ZoneSettings,
)
from plp.rules.refusals import Refusal

_SECTIONS: dict[str, dict[str, kinds.Kind]] = {
    "zone": {"name": kinds.some_text, "code": kinds.text, "emergency": kinds.some_text, "phone": kinds.text},
    "database": {"url": kinds.some_text, "host": kinds.text},
    "console": {
        "listen": kinds.address(8080),
        "certificate": kinds.optional_file,
        "key": kinds.optional_file,
    },
    "sending": {
        "unconfirmed": kinds.choice("ask", "leave"),
        "stale_after_min": kinds.whole(1, 10_080),
        "validity_urgent": kinds.duration,
        "validity_normal": kinds.duration,
        "undo_seconds": kinds.whole(0, 600),
        "hourly_ceiling": kinds.whole(1, 1_000_000),
        "stops_per_hour": kinds.whole(0, 1_000_000),
        "duty_phone": kinds.optional_mobile,
    },
    "mail": {
        "smtp": kinds.address(25),
        "from": kinds.optional_mail,
        "user": kinds.text,
        "password_file": kinds.optional_file,
        "tls": kinds.choice("auto", "required", "off"),
        "ca_file": kinds.optional_file,
        "domain_per_minute": kinds.whole(0, 6000),
        "imap": kinds.optional_address(993),
        "imap_user": kinds.text,
        "imap_password_file": kinds.optional_file,
        "public_url": kinds.text,
        "daily_at": kinds.time_of_day,
    },
    "plan_b": {"password_file": kinds.optional_file, "at": kinds.time_of_day},
    "backup": {
        "recipient": kinds.age_recipient,
        "to": kinds.place,
        "same_disk": kinds.yes_or_no,
        "key_file": kinds.optional_file,
        "at": kinds.time_of_day,
    },
    "retention": {
        "inbound_months": kinds.whole(1, 600),
        "messages_months": kinds.whole(1, 600),
        "mail_months": kinds.whole(1, 600),
        "audit_months": kinds.whole(1, 600),
    },
    "journal": {"key_file": kinds.optional_file, "syslog": kinds.text},
    "log": {"level": kinds.choice("debug", "info", "warning", "error")},
}

_MODEM: dict[str, kinds.Kind] = {
    "device": kinds.device,
    "imei": kinds.imei,
    "driver": kinds.choice("at", "gammu"),
    "number": kinds.optional_mobile,
    "smsc": kinds.optional_centre,
    "pin_file": kinds.optional_file,
    "messages_per_minute": kinds.whole(0, 6000),
    "urgent_messages_per_minute": kinds.whole(0, 6000),
    "hour_limit": kinds.whole(1, 1_000_000),
    "day_limit": kinds.whole(0, 1_000_000),
    "month_limit": kinds.whole(0, 10_000_000),
    "month_recipients_limit": kinds.whole(0, 1_000_000),
    "submit_timeout_s": kinds.whole(5, 600),
}

_MODEM_NAME = re.compile(r"modem:([a-z0-9][a-z0-9_-]{0,30})")


def load_settings(path: Path) -> Settings:
    """The settings of the file. Raises Refusal with file, section, key and line."""
    path = path.absolute()
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refusal("{path} n'existe pas. Donnez la configuration avec --config ou PLP_CONFIG.", path=path) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Refusal("{path}, ligne {line} : ce texte n'est pas en UTF-8.", path=path, line=line) from None
    except OSError as error:
        raise Refusal("{path} ne peut pas être lu : {why}.", path=path, why=error.strerror) from None
    return _Reading(path, content).settings()


class _Reading:
    """One reading of one file: its parsed sections, and the lines to point at."""

    def __init__(self, path: Path, content: str) -> None:
        self.path = path
        self.lines = content.splitlines()
        self.parser = configparser.ConfigParser(interpolation=None, default_section="", strict=True)
        try:
            self.parser.read_string(content)
        except configparser.DuplicateSectionError as error:
            raise self._refusal(error.lineno, f"la section [{error.section}] est déjà plus haut") from None
        except configparser.DuplicateOptionError as error:
            raise self._refusal(error.lineno, f"[{error.section}] {error.option} est déjà plus haut") from None
        except configparser.MissingSectionHeaderError as error:
            raise self._refusal(error.lineno, "il manque une section, par exemple [zone]") from None
        except configparser.ParsingError as error:
            line = error.errors[0][0]
            raise self._refusal(line, "cette ligne n'est pas de la forme « clé = valeur »") from None

    def settings(self) -> Settings:
        modems = []
        for section in self.parser.sections():
            if section in _SECTIONS:
                continue
            name = _MODEM_NAME.fullmatch(section)
            if not name:
                known = ", ".join([*_SECTIONS, "modem:NOM"])
                raise self._refusal(self._line(section), f"section [{section}] inconnue ; connues : {known}")
            modems.append(ModemSettings(name[1], **self._values(section, _MODEM)))
        read = {name: self._values(name, keys) for name, keys in _SECTIONS.items()}
        return Settings(
            path=self.path,
            folder=self.path.parent,
            zone=ZoneSettings(**read["zone"]),
            database=DatabaseSettings(**read["database"]),
            console=self._console(read["console"]),
            sending=SendingSettings(**read["sending"]),
            modems=tuple(modems),
            mail=self._mail(read["mail"]),
            plan_b=PlanBSettings(**read["plan_b"]),
            backup=BackupSettings(**read["backup"]),
            retention=RetentionSettings(**read["retention"]),
            journal=JournalSettings(**read["journal"]),
            log=LogSettings(**read["log"]),
        )

    def _values(self, section: str, keys: Mapping[str, kinds.Kind]) -> dict[str, Any]:
        """Only what the file says; defaults live in the value classes."""
        values: dict[str, Any] = {}
        if not self.parser.has_section(section):
            return values
        for key, text in self.parser.items(section):
            if key not in keys:
                known = ", ".join(keys)
                raise self._refusal(self._line(section, key), f"[{section}] {key} : clé inconnue ; connues : {known}")
            try:
                values[key] = keys[key](text or "", self.path.parent)
            except ValueError as error:
                raise self._refusal(self._line(section, key), f"[{section}] {key} : {error}") from None
        return values

    def _console(self, values: dict[str, Any]) -> ConsoleSettings:
        if "listen" in values:
            values["host"], values["port"] = values.pop("listen")
        if bool(values.get("certificate")) != bool(values.get("key")):
            raise self._refusal(
                self._line("console"),
                "[console] certificate et key vont ensemble : donnez les deux, ou aucun",
            )
        return ConsoleSettings(**values)

    def _mail(self, values: dict[str, Any]) -> MailSettings:
        if "smtp" in values:
            values["smtp_host"], values["smtp_port"] = values.pop("smtp")
        if imap := values.pop("imap", None):
            values["imap_host"], values["imap_port"] = imap
        if "from" in values:
            values["sender"] = values.pop("from")
        if values.get("user") and not values.get("password_file"):
            raise self._refusal(
                self._line("mail", "user"), "[mail] user demande aussi password_file, le fichier du mot de passe"
            )
        return MailSettings(**values)

    def _line(self, section: str, key: str | None = None) -> int:
        """The line of a section's header or of a key in it, from 1."""
        inside = False
        for number, line in enumerate(self.lines, 1):
            header = re.match(r"\[(.+)\]", line)
            if header:
                inside = header[1] == section
                if inside and key is None:
                    return number
            elif inside and key is not None and re.match(rf"{re.escape(key)}\s*[=:]", line.strip(), re.I):
                return number
        return 1

    def _refusal(self, line: int | None, what: str) -> Refusal:
        return Refusal("{path}, ligne {line} : {what}.", path=self.path, line=line or 1, what=what)

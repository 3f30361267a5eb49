"""Kinds of keys, from text to value. Each raises ValueError with the end of a French sentence."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from rules.numbers import parse_mobile
from rules.refusals import Refusal

Kind = Callable[[str, Path], object]

_DURATION = re.compile(r"(\d+)\s*(s|min|h|d|j)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "j": 86400}


def text(value: str, _folder: Path) -> str:
    """Any text, also none."""
    return value


def whole(minimum: int, maximum: int) -> Kind:
    """A whole number within bounds."""

    def read(value: str, _folder: Path) -> int:
        if not re.fullmatch(r"\d{1,9}", value):
            raise ValueError(f"« {value} » n'est pas un nombre entier")
        number = int(value)
        if not minimum <= number <= maximum:
            raise ValueError(f"{number} n'est pas entre {minimum} et {maximum}")
        return number

    return read


def duration(longest: timedelta) -> Kind:
    """`90s`, `30min`, `4h`, `2d`; more than zero, and at most `longest`."""

    def read(value: str, _folder: Path) -> timedelta:
        match = _DURATION.fullmatch(value)
        if not match or not int(match[1]):
            raise ValueError(f"« {value} » n'est pas une durée ; écrivez par exemple 4h, 30min ou 2d")
        if (seconds := int(match[1]) * _SECONDS[match[2]]) > longest.total_seconds():
            raise ValueError(f"« {value} » est trop long : {longest.days} jours au plus")
        return timedelta(seconds=seconds)

    return read


def time_of_day(value: str, _folder: Path) -> time:
    """`07:00`, on the wall clock."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"« {value} » n'est pas une heure ; écrivez par exemple 07:00")
    return time.fromisoformat(value.zfill(5))


def times_of_day(value: str, folder: Path) -> tuple[time, ...]:
    """`04:00` or `04:00, 16:00`, on the wall clock; none when empty."""
    return tuple(time_of_day(part.strip(), folder) for part in value.split(",")) if value else ()


def choice(*allowed: str) -> Kind:
    """One of a few words."""

    def read(value: str, _folder: Path) -> str:
        if value not in allowed:
            raise ValueError(f"« {value} » n'est pas permis ; choisissez parmi : {', '.join(allowed)}")
        return value

    return read


def driver(value: str, folder: Path) -> str:
    """`at` or `modemmanager`. `gammu` was another driver for AT phones: it is read as `at`."""
    return "at" if value == "gammu" else str(choice("at", "modemmanager")(value, folder))


def optional(kind: Kind) -> Kind:
    """The same, or None when empty."""
    return lambda value, folder: kind(value, folder) if value else None


def file(value: str, folder: Path) -> Path:
    """A path, relative to the configuration's folder."""
    return folder / value


def ruled(rule: Callable[[str], str]) -> Kind:
    """A text as this rule reads it, which raises Refusal."""

    def read(value: str, _folder: Path) -> str:
        try:
            return rule(value)
        except Refusal as refusal:
            why = str(refusal).rstrip(".")
            raise ValueError(why if not value or why.startswith("«") else f"« {value} » : {why}") from None

    return read


# A Belgian mobile as E.164.
mobile = ruled(parse_mobile)


def matching(pattern: str, what: str, flags: re.RegexFlag = re.NOFLAG) -> Kind:
    """A text that fits the pattern, which is `what` it should be; empty for none."""

    def read(value: str, _folder: Path) -> str:
        if value and not re.fullmatch(pattern, value, flags):
            raise ValueError(f"« {value} » n'est pas {what}")
        return value

    return read


imei = matching(r"\d{15}", "un IMEI (15 chiffres)")
# A service centre as E.164.
centre = matching(r"\+[1-9]\d{6,14}", "un centre de messages ; écrivez par exemple +32475161616")
# A bare e-mail address in ASCII, which every server takes.
mail_address = matching(
    r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[a-z0-9-]+\.)*[a-z0-9-]+",
    "une adresse e-mail ; écrivez par exemple plp@zone.example.be",
    re.I | re.ASCII,
)


def age_recipient(value: str, _folder: Path) -> str:
    """A public age key with a valid checksum, or empty. No error shows the value: it may be the private key."""
    if not value:
        return value
    import pyrage  # only where backups are made

    try:
        pyrage.x25519.Recipient.from_str(value)
    except pyrage.RecipientError:
        raise ValueError(
            "ce n'est pas une clé publique age ; recopiez la ligne que « plp backup-key » affiche (age1…)"
        ) from None
    return value


def database_url(value: str, _folder: Path) -> str:
    """`sqlite:///path`, or `postgresql://user@host/name`."""
    parts = urlsplit(value)
    is_file = parts.scheme == "sqlite" and not parts.netloc and value.startswith("sqlite:///") and len(parts.path) > 1
    is_server = parts.scheme in ("postgresql", "postgres") and (len(parts.path) > 1 or "dbname=" in parts.query)
    if not (is_file or is_server):
        raise ValueError(
            "ce n'est pas une base ; écrivez par exemple sqlite:///var/plp.db ou postgresql://user@host/plp"
        )
    return value


def web_address(value: str, _folder: Path) -> str:
    """`https://host` or with a path; empty for none. A name and a password in it would not be sent."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc):
        raise ValueError(f"« {value} » n'est pas une adresse ; écrivez par exemple https://plp.zone.example.be")
    return value


def log_server(value: str, folder: Path) -> str:
    """A socket's path, or `host:port`; empty for none."""
    if value and not value.startswith("/"):
        address(514)(value, folder)
    return value


def place(value: str, _folder: Path) -> str:
    """A folder, or `sftp://user@host:port/folder`; empty for none."""
    if "://" in value and not re.fullmatch(r"sftp://(?!-)[^\s/@:]+@(?!-)[^\s/@:]+(:\d{1,5})?/[^\n\r]*", value):
        raise ValueError(f"« {value} » : écrivez un dossier, ou par exemple sftp://plp@serveur.example/sauvegardes")
    return value


def yes_or_no(value: str, _folder: Path) -> bool:
    """`yes` or `no`."""
    return choice("yes", "no")(value, _folder) == "yes"


def address(default_port: int | None) -> Kind:
    """`host:port`, or `host` where the key has a default port; IPv6 hosts in brackets."""

    def read(value: str, _folder: Path) -> tuple[str, int]:
        match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]/]+)(?::(\d{1,5}))?", value)
        written = match[2] if match else None
        port = int(written) if written else default_port
        if not match or port is None or port > 65535 or not _is_host(match[1].strip("[]")):
            example = f"127.0.0.1:{default_port or 8080}"
            raise ValueError(f"« {value} » n'est pas une adresse ; écrivez par exemple {example}")
        return match[1].strip("[]"), port

    return read


def _is_host(name: str) -> bool:
    """A single number is a port without its host; four numbers are an address only when they can be one."""
    if not re.fullmatch(r"[\d.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*", name):
        return True
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def device(value: str, folder: Path) -> str:
    """`auto`, `sim`, a path, or a pattern of paths; relative ones start at the configuration's folder."""
    if not value:
        raise ValueError("ne peut pas être vide ; écrivez auto, sim ou le chemin d'un port")
    return value if value in ("auto", "sim") else str(folder / value)

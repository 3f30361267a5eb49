"""Keys of config.ini that read well and are wrong on this machine, or work otherwise than they seem, for check, logs,
doctor and first steps. Each sentence names file, line, section and key, and says what to write.
"""

import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from base.settings.values import Settings
from rules.sentences import Sentence, coded

# Made where it does not exist yet.
_MADE = {("journal", "key_file")}
# No two modems have the same, and a section takes it.
_OF_ONE_MODEM = ("device", "imei", "number")
_PIN = re.compile(rb"\s*[0-9]{4,8}\s*")
_LONGEST_PIN_FILE = 100
_SYSLOG_PORT = 514
# The section, and a sentence.
Misfit = tuple[str, Sentence]


def misfits(settings: Settings) -> Iterator[Misfit]:
    """All keys that are wrong here, by section."""
    yield from settings.left_out
    for section, key, path in _files(settings):
        if fault := _fault_of_file(section, key, path):
            yield _misfit(settings, fault, section, key)
    for key in _OF_ONE_MODEM:
        first: dict[str, str] = {}
        for modem in settings.modems:
            value = getattr(modem, key)
            is_its_own = value and value not in ("auto", "sim") and "*" not in value
            if is_its_own and (other := first.setdefault(value, modem.name)) != modem.name:
                yield _misfit(settings, "misfit_same", f"modem:{modem.name}", key, other=other)
    for given, wanted in (("recipient", "to"), ("to", "recipient")):
        if getattr(settings.backup, given) and not getattr(settings.backup, wanted):
            yield _misfit(settings, "misfit_half", "backup", given, other=wanted)
    yield from _clear_channels(settings)


def oddities(settings: Settings) -> Iterator[Misfit]:
    """All keys that are taken otherwise than they read, or that nobody can have meant, by section."""
    for look in _ODD:
        yield from look(settings)


def _files(settings: Settings) -> Iterator[tuple[str, str, Path]]:
    """Every file that a key names."""
    named = {section.name: getattr(settings, section.name) for section in fields(settings)}
    sections = {name: value for name, value in named.items() if hasattr(value, "__dataclass_fields__")}
    sections |= {f"modem:{modem.name}": modem for modem in settings.modems}
    for name, section in sections.items():
        for key in fields(section):
            if isinstance(path := getattr(section, key.name), Path):
                yield name, key.metadata["name"] or key.name, path
    for channel in settings.channels:
        for file_key, path in channel.files:
            yield f"alarm:{channel.name}", file_key, path


def _fault_of_file(section: str, key: str, path: Path) -> str:
    """The code of what is wrong with it, empty for nothing, and where this user may not look."""
    try:
        about = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "" if (section, key) in _MADE else "misfit_file"
    except OSError:
        return ""
    if stat.S_ISDIR(about.st_mode):
        return "misfit_file"
    if key == "pin_file" and not _holds_pin(path):
        return "misfit_pin"
    return "misfit_empty" if stat.S_ISREG(about.st_mode) and not about.st_size else ""


def _holds_pin(path: Path) -> bool:
    """False for a file that surely holds no PIN."""
    try:
        with path.open("rb") as stream:
            return _PIN.fullmatch(stream.read(_LONGEST_PIN_FILE)) is not None
    except OSError:
        return True


def _clear_channels(settings: Settings) -> Iterator[Misfit]:
    """Alarms by http go to addresses in `private` alone: to any other nothing would ever be sent."""
    for (section, key), text in settings.written.items():
        if section.startswith("alarm:") and key == "url" and text.lower().startswith("http:"):
            allowed = settings.written.get((section, "private"), "")
            if not _may_be_within(str(urlsplit(text).hostname), allowed):
                yield _misfit(settings, "misfit_http", section, key)


def _may_be_within(host: str, networks: str) -> bool:
    """True for an address within one of them; a name may have such an address where there is any network."""
    try:
        address = ip_address(host)
    except ValueError:
        return bool(networks)
    with suppress(ValueError):  # the channel itself refuses what is no network
        return any(address in ip_network(word.strip()) for word in networks.split(",") if word.strip())
    return True


def _odd_speeds(settings: Settings) -> Iterator[Misfit]:
    sending = settings.sending
    if sending.validity_urgent > sending.validity_normal:
        is_written = ("sending", "validity_urgent") in settings.written
        yield _misfit(settings, "odd_validity", "sending", "validity_urgent" if is_written else "validity_normal")
    for modem in settings.modems:
        urgent, normal = modem.urgent_messages_per_minute, modem.messages_per_minute
        if urgent and (not normal or urgent < normal):
            yield _misfit(settings, "odd_pace", f"modem:{modem.name}", "urgent_messages_per_minute")


def _odd_drivers(settings: Settings) -> Iterator[Misfit]:
    for (section, key), text in settings.written.items():
        if section.startswith("modem:") and key == "driver" and text == "gammu":
            yield _misfit(settings, "odd_driver", section, key)


def _odd_secrecy(settings: Settings) -> Iterator[Misfit]:
    url = urlsplit(settings.database.url)
    if url.password or "password=" in url.query:
        yield _misfit(settings, "odd_password", "database", "url")
    public = urlsplit(settings.mail.public_url)
    if public.scheme == "http" and _is_afar(str(public.hostname)):
        yield _misfit(settings, "odd_http", "mail", "public_url")
    if settings.mail.sender and settings.mail.tls == "off" and _is_afar(settings.mail.smtp_host):
        yield _misfit(settings, "odd_clear_mail", "mail", "tls")


def _odd_syslog(settings: Settings) -> Iterator[Misfit]:
    where = settings.written.get(("journal", "syslog"), "")
    if where.startswith("/"):
        with suppress(OSError):
            if not Path(where).exists() or not stat.S_ISSOCK(Path(where).stat().st_mode):
                yield _misfit(settings, "odd_syslog_socket", "journal", "syslog")
    elif where and not re.search(r":\d+$", where):
        yield _misfit(settings, "odd_syslog_port", "journal", "syslog", other=f"{where}:{_SYSLOG_PORT}")


def _is_afar(host: str) -> bool:
    """True for a host that may be reached over networks of others."""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost"))


_ODD: tuple[Callable[[Settings], Iterator[Misfit]], ...] = (_odd_speeds, _odd_drivers, _odd_secrecy, _odd_syslog)


def _misfit(settings: Settings, code: str, section: str, key: str, **more: str) -> Misfit:
    place = {"path": settings.path, "line": settings.lines.get((section, key), 1), "section": section, "key": key}
    return section, coded(code, **place, **more)

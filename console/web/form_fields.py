"""Typed fields, read once at the boundary: length, control characters, direction marks."""

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from flask import request
from flask_babel import to_utc
from werkzeug.datastructures import MultiDict

from rules.calendar import LOCAL
from rules.refusals import LONGEST_REASON, Refusal

# C0 and C1 controls but for tab and line ends, and the marks that turn the direction of what follows them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]"
)
_ROW = re.compile(r"[0-9]{1,9}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


def cleaned(raw: str, limit: int) -> str:
    """`raw` without what nobody sees, without outer spaces, at most `limit` characters."""
    return _UNSEEN.sub("", raw).strip()[:limit]


def text(name: str) -> str:
    """A large field as it was typed, without unseen characters."""
    return _UNSEEN.sub("", request.form.get(name, "")).replace("\r\n", "\n")


def typed() -> dict[str, str]:
    """Every field of the form that was posted, to be shown again as it was typed, without unseen characters."""
    return {name: _UNSEEN.sub("", value) for name, value in request.form.items()}


def _asked() -> MultiDict[str, str]:
    """The form where one was posted, else the address: a link that somebody sent fills in no field of a form."""
    return request.form if request.method == "POST" else request.args


def paragraphs(name: str, limit: int) -> str:
    """A large field without unseen characters and outer spaces, at most `limit` characters."""
    return cleaned(request.form.get(name, "").replace("\r\n", "\n"), limit)


def line(name: str, limit: int = 200) -> str:
    """One line of a form or of the address, empty when missing."""
    return " ".join(cleaned(_asked().get(name, ""), limit).split())


def sought(names: Iterable[str]) -> dict[str, str]:
    """The filters of an address that were filled in."""
    return {name: typed for name in names if (typed := line(name, 100))}


def reason(name: str) -> str:
    """The reason for overriding a rule: one line, for the journal and its readers."""
    return line(name, LONGEST_REASON)


def secret(name: str) -> str:
    """A password, exactly as typed."""
    return request.form.get(name, "")


def ticked(name: str) -> bool:
    """True when a box was ticked."""
    return request.form.get(name) == "yes"


def number(name: str, otherwise: int | None = None) -> int | None:
    """A positive whole number of at most nine digits, with or without spaces, of form or address; else `otherwise`."""
    text = "".join(_asked().get(name, "").split())
    return int(text) if _ROW.fullmatch(text) else otherwise


def numbers(name: str) -> list[int]:
    """The rows whose boxes were ticked, as `number` reads them; what is no number of a row is left out."""
    return [int(row) for row in request.form.getlist(name) if _ROW.fullmatch(row)]


def upload(most: int) -> tuple[str, bytes]:
    """Name and content of the uploaded file, read to one byte beyond `most`. Raises Refusal where none was chosen."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refusal("Choisissez d'abord un fichier.")
    with file.stream as stream:
        return cleaned(file.filename, 100), stream.read(most + 1)


def day(typed: str) -> date | None:
    """A date as a date field gives it, or as 31/01/2026; None for any other text."""
    try:
        return date.fromisoformat("-".join(reversed(typed.split("/"))))
    except ValueError:
        return None


def midnight(typed: str) -> datetime | None:
    """The beginning of such a day of the zone's calendar; None for no date."""
    whole = day(typed)
    begins = datetime.combine(whole, time()) if whole and 2000 <= whole.year <= 2100 else None
    return to_utc(begins).replace(tzinfo=UTC) if begins else None


def next_midnight(typed: str) -> datetime | None:
    """The end of such a day."""
    begins = midnight(typed)
    return begins + timedelta(days=1) if begins else None


def moment(day: str, hour: str) -> datetime:
    """The moment of a date field and a time field, in the zone's time. Raises Refusal."""
    try:
        typed_at = datetime.combine(date.fromisoformat(line(day)), time.fromisoformat(line(hour)), LOCAL)
    except ValueError:
        raise Refusal("Donnez la date et l'heure, par exemple 24/11/2026 et 10:00.") from None
    return typed_at.astimezone(UTC)


def new_nonce() -> str:
    """A form's unique mark: the form takes effect once, even after a double click, a reload or "back"."""
    return secrets.token_urlsafe(24)


def typed_nonce() -> str:
    """The mark of the form that was posted; a new one for a form that carries none that we made."""
    nonce = request.form.get("nonce", "")
    return nonce if _NONCE.fullmatch(nonce) else new_nonce()

"""Cleaning of values for mail headers: one line, no invisible characters, no longer than servers accept."""

import re
import unicodedata

# Directions are turned by marks that nobody sees: a file `exe.fdp` would be shown as `pdf.exe`.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]")
SUBJECT_CHARACTERS = 150
NAME_CHARACTERS = 80
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.ASCII)
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_ADDRESS = re.compile(rf"{_LOCAL}(?:\.{_LOCAL})*@(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


def header_line(text: str, limit: int = SUBJECT_CHARACTERS) -> str:
    """`text` in one line without what nobody sees; what is longer ends with an ellipsis."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    line = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in seen).split())
    line = line.replace("=?", "= ?")  # the beginning of an encoded word (RFC 2047), which could hide anything
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def body(text: str) -> str:
    """Any text as a body: whole characters, and no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def file_name(text: str) -> str:
    """A name without folders, for whatever system saves it."""
    name = re.sub(r'[\\/:*?"<>|]', "_", header_line(text, NAME_CHARACTERS)).strip(". ")
    return name or "annexe"


def media_type(text: str) -> str:
    """`type/subtype`; what is none, or could be read as a part of the mail itself, is just bytes."""
    text = text.strip().lower()
    usable = _MEDIA_TYPE.fullmatch(text) and not text.startswith(("multipart/", "message/"))
    return text if usable else "application/octet-stream"


def address_trouble(address: str) -> str:
    """The reason why no server could know this address (RFC 5321 § 4.1.2; no quoted names), a word of
    `rules.mail_verdicts`; empty for a good one. A domain may have accents, which have a writing in ASCII; a name
    may not (few servers would take it, RFC 6531).
    """
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        return "bad_address"
    try:
        ascii_address(address)
    except UnicodeError:
        return "bad_address"
    return "" if address.partition("@")[0].isascii() else "accents"


def ascii_address(address: str) -> str:
    """The address with its domain as servers write it. Raises UnicodeError for a domain that has no such writing."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode('ascii')}"


def domain_of(address: str) -> str:
    """The part behind the @, in one writing."""
    return address.rpartition("@")[2].casefold()


def message_id(text: str) -> str:
    """The first Message-ID in `text` with its brackets, empty for none; `in_reply_to` may come without them."""
    if match := _MESSAGE_ID.search(text):
        return match[0]
    bare = text.strip()
    return f"<{bare}>" if "@" in bare and not re.search(r"[\s<>]", bare) else ""

"""A mail in bounds, as a few kilobytes keep the parser busy for minutes. Pure; of broken MIME it reads what it can."""

import codecs
import html
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses

import nh3

from rules.collation import folded
from rules.languages import MAIL

# Nobody writes more than this to the police by hand; what is longer is shortened and said so.
LONGEST_TEXT = 20_000
LONGEST_MARKUP = 100_000
# Tags inside tags cost the square of their number.
MOST_TAGS = 8_000

_BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "pre"}
_UNREAD = {"script", "style", "title", "head", "template", "noscript"}
# C0 and C1 controls but for tab and line ends, marks that turn the direction of what follows, halves of characters.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]")
_BLANKS = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+")

# “Le 24 nov. 2026 à 20:40, Luc <…> a écrit :”, perhaps broken over two lines.
_BEGINS, _SAYS = ("|".join(words) for words in zip(*(mail["wrote"] for mail in MAIL), strict=True))
_WROTE = re.compile(rf"^[ \t]*(?:{_BEGINS})\b.{{4,200}}?\b(?:{_SAYS})[ \u00a0]?:[ \t]*$", re.M | re.S)
# Outlook, which does not mark the lines: a rule, or the first two of the header's lines.
_FROM, _SENT = ("|".join(words) for words in zip(*(mail["header"] for mail in MAIL), strict=True))
_OUTLOOK = re.compile(
    rf"^(?:[ \t]*-{{2,}} ?(?:{'|'.join(mail['original'] for mail in MAIL)}) ?-{{2,}}"
    rf"|_{{10,}}[ \t]*\n[ \t]*(?=(?:{_FROM})[ \u00a0]?:)"
    rf"|(?:{_FROM})[ \u00a0]?:.+\n(?:{_SENT}|Date)[ \u00a0]?:)",
    re.M,
)
# What is passed on: its quotation is the matter itself.
_FORWARDED = tuple(words for mail in MAIL for words in mail["forwarded"])
# What follows in a header of any other name is never looked at; lists of two hundred readers are shorter.
LONGEST_HEADER = 8192
# Parameters cost the square of their length. A file's name of 255 letters, all escaped, fits.
LONGEST_PARAMETERS = 2048
# Each line of a mail is held against the boundaries of all parts that it stands in.
MOST_MULTIPARTS = 30
# In the machine's part of a report, what follows an empty line is a message of its own; ours are about one reader.
MOST_BLOCKS = 2000
_EMPTY_LINES = re.compile(rb"\n[\r\n]*\n")
DEEPEST = 12
MOST_ENCLOSURES = 20
# Codecs that are no charsets, or take a time that grows with the square of the text.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


def plain(markup: str) -> str:
    """The words of an HTML body, with its paragraphs as lines."""
    read = "<".join(markup[:LONGEST_MARKUP].split("<", MOST_TAGS)[:MOST_TAGS])
    lines = re.sub(r"\s+", " ", nh3.clean(read, tags=_BLOCKS, attributes={}, clean_content_tags=_UNREAD))
    lines = re.sub(r" ?</?(?:" + "|".join(sorted(_BLOCKS)) + r")> ?", "\n", lines)
    return readable(html.unescape(lines))


def readable(text: str, limit: int = LONGEST_TEXT) -> str:
    """Without what nobody sees, with at most one empty line in a row, at most `limit` characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BLANKS.sub("\n\n", _UNSEEN.sub("", text[: 4 * limit])).strip()[:limit]


def one_line(text: str, limit: int = 300) -> str:
    """The same on one line."""
    return " ".join(readable(text, limit).split())


def without_quotation(text: str, subject: str) -> tuple[str, str]:
    """(the writer's own words, the quotation below them); all of it is the writer's where that is not certain."""
    if folded(subject).startswith(_FORWARDED):
        return text, ""
    starts = [match.start() for match in (_WROTE.search(text), _OUTLOOK.search(text)) if match]
    if not starts:
        return text, ""
    own, quoted = text[: min(starts)].strip(), text[min(starts) :].strip()
    # Whoever answers may have written between the lines.
    lines = _WROTE.sub("", quoted, count=1).splitlines()
    is_quoted = all(not line.strip() or line.lstrip().startswith(">") for line in lines)
    return (own, quoted) if own and (_OUTLOOK.match(quoted) or is_quoted) else (text, "")


class TooMuch(ValueError):
    """The mail is made to be hard to read, or broken beyond reading."""


class _Bounded(Compat32):
    """The parser's own rules, which ask for every header of every part before anything is made of it."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        if len(value) > LONGEST_PARAMETERS and name.lower().startswith("content-"):
            raise TooMuch
        return name, value[: LONGEST_PARAMETERS if name.lower().endswith("-recipient") else LONGEST_HEADER]


_BOUNDED = _Bounded()


def parsed(raw: bytes) -> Message:
    """The message in `raw`. Raises TooMuch, and whatever the parser raises at what is no mail at all."""
    if raw.lower().count(b"multipart/") > MOST_MULTIPARTS:
        raise TooMuch
    if b"delivery-status" in raw.lower():
        raw, blocks = _EMPTY_LINES.subn(b"\n\n", raw)
        if blocks > MOST_BLOCKS:
            raise TooMuch
    return message_from_bytes(raw, policy=_BOUNDED)


def header_values(message: Message, name: str) -> list[str]:
    """All values of a header, decoded, on one line; 8-bit ones as UTF-8, else as Windows-1252."""
    raw = (str(value) for key, value in message.raw_items() if key.lower() == name)
    return [one_line(_decoded_words(_either(value.encode("utf-8", "surrogateescape"))), 2000) for value in raw]


def header(message: Message, name: str) -> str:
    """The first value of a header, empty for none."""
    return next(iter(header_values(message, name)), "")


def name_and_address(value: str) -> tuple[str, str]:
    """The one person that a header names; twice empty for none, for several, and for what no parser understands."""
    try:
        people = [(name, address) for name, address in getaddresses([value]) if address]
    except Exception:  # noqa: BLE001  (parentheses inside parentheses use up the stack; other things, other errors)
        return "", ""
    whole = [person for person in people if "@" in person[1]] or people  # « Dupont, Luc <…> » is no two people
    return whole[0] if len(whole) == 1 else ("", "")


def words_of(message: Message, depth: int = 0) -> str:
    """The text of a mail: its plain parts, or its HTML where it has only that; also of a mail passed on inside it."""
    kind = message.get_content_type()
    if depth > DEEPEST:
        return ""
    if kind == "message/rfc822":
        heads = [(f"{header(part, 'from')} : {header(part, 'subject')}", part) for part in _children(message)]
        return "\n\n".join(f"» {one_line(head)}\n{words_of(part, depth + 1)}" for head, part in heads)
    if _is_enclosure(message):
        return ""
    if message.is_multipart():
        texts = [(part.get_content_type(), words_of(part, depth + 1)) for part in _children(message)]
        if kind == "multipart/alternative":
            # Else the last one, the richest that its sender had (RFC 2046 § 5.1.4).
            richest = next((text for _subtype, text in reversed(texts) if text), "")
            return next((text for subtype, text in texts if subtype == "text/plain" and text), richest)
        return "\n\n".join(text for _subtype, text in texts if text)
    if kind == "text/html":
        return plain(_payload(message))
    return readable(_payload(message)) if kind == "text/plain" else ""


def enclosures_of(message: Message) -> tuple[str, ...]:
    """The names of what was sent along; the kind where one has no name."""
    names = [
        one_line(_decoded_words(_filename(part)), 100) or one_line(part.get_content_type(), 100)
        for part in _leaves(message)
        if _is_enclosure(part) or part.get_content_maintype() not in ("text", "message")
    ]
    return tuple(names[:MOST_ENCLOSURES])


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _leaves(message: Message, depth: int = 0) -> Iterator[Message]:
    if depth > DEEPEST or not message.is_multipart() or message.get_content_type() == "message/rfc822":
        yield message
        return
    for part in _children(message):
        yield from _leaves(part, depth + 1)


def _is_enclosure(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_filename(part) and not part.is_multipart())


def _filename(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except ValueError:  # in a codec that is no charset
        return ""


def _payload(part: Message) -> str:
    content = part.get_payload(decode=True)
    return _in_charset(content, str(part.get_content_charset() or "utf-8")) if isinstance(content, bytes) else ""


def _in_charset(content: bytes, charset: str) -> str:
    try:
        known = codecs.lookup(charset).name.replace("_", "-") not in _NO_CHARSETS
        return content.decode(charset if known else "utf-8")
    except (LookupError, ValueError):
        return _either(content)


def _either(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decoded_words(text: str) -> str:
    """RFC 2047, with words that cannot be decoded left as they are."""
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except Exception:  # noqa: BLE001  (the parser of encoded words raises what it likes at broken base64)
        return text
    return "".join(
        piece if isinstance(piece, str) else _in_charset(piece, charset or "utf-8") for piece, charset in pieces
    )

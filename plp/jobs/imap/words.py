"""The words of a mail as an officer reads them: no HTML, nothing unseen, what was quoted set apart. Pure."""

import html
import re

import nh3

from plp.rules.collation import folded

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

# “Le 24 nov. 2026 à 20:40, Luc <…> a écrit :”, in the four languages, perhaps broken over two lines.
_WROTE = re.compile(
    r"^[ \t]*(?:Le|On|Op|Am)\b.{4,200}?\b(?:a écrit|wrote|schreef.{0,80}|schrieb.{0,80})[ \u00a0]?:[ \t]*$", re.M | re.S
)
# Outlook, which does not mark the lines: a rule, or the first two of the header's lines.
_OUTLOOK = re.compile(
    r"^(?:[ \t]*-{2,} ?(?:Original Message|Message d'origine|Oorspronkelijk bericht|Ursprüngliche Nachricht) ?-{2,}"
    r"|_{10,}[ \t]*\n[ \t]*(?=(?:De|From|Van|Von)[ \u00a0]?:)"
    r"|(?:De|From|Van|Von)[ \u00a0]?:.+\n(?:Envoyé|Sent|Verzonden|Gesendet|Date)[ \u00a0]?:)",
    re.M,
)
# What is passed on: its quotation is the matter itself.
_FORWARDED = ("fwd:", "fw:", "tr:", "tr :", "wg:", "doorst:", "i:")


def plain(markup: str) -> str:
    """The words of an HTML body, with its paragraphs as lines."""
    read = "<".join(markup[:LONGEST_MARKUP].split("<", MOST_TAGS)[:MOST_TAGS])
    clean = nh3.clean(read, tags=_BLOCKS, attributes={}, clean_content_tags=_UNREAD)
    lines = re.sub(r"\s+", " ", clean)
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
    found = [match.start() for match in (_WROTE.search(text), _OUTLOOK.search(text)) if match]
    if not found:
        return text, ""
    own, quoted = text[: min(found)].strip(), text[min(found) :].strip()
    if not own or (not _OUTLOOK.match(quoted) and not _is_quoted_to_the_end(quoted)):
        return text, ""
    return own, quoted


def _is_quoted_to_the_end(quoted: str) -> bool:
    """Nobody wrote between the lines of what they answer to."""
    after = _WROTE.sub("", quoted, count=1)
    return all(not line.strip() or line.lstrip().startswith(">") for line in after.splitlines())

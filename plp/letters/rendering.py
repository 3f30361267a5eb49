"""The words that leave under the zone's name (rules/languages), and the two bodies of a mail made of templates: plain
text, and HTML that needs nothing from outside. A bulletin's simple Markdown as both.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from db.mail.enqueue import enqueue_letter, writes_mail
from db.mail.values import Copy, Letter, MailKind
from db.people.accounts.accounts import Contact
from db.people.zone import ZoneCard, directory, zone
from rules.calendar import LOCAL
from rules.languages import LANGUAGE_WORDS, known, written
from rules.numbers import shown
from rules.replies import unseen
from rules.sentences import tied

# Mails are read in 72 columns where no window breaks their lines.
COLUMNS = 72
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote"}
_ATTRIBUTES = {"a": {"href"}, "*": set[str]()}
_SCHEMES = {"http", "https", "mailto", "tel"}
_ADDRESS = re.compile(r"^https?://", re.I)
# One bulletin has many readers, and several languages.
_KEPT = 8
# Mail programs know no stylesheet: what a tag looks like stands in it.
_STYLES = {
    "<p>": '<p style="margin:0 0 12px">',
    "<ul>": '<ul style="margin:0 0 12px;padding-left:24px">',
    "<ol>": '<ol style="margin:0 0 12px;padding-left:24px">',
    "<li>": '<li style="margin:0 0 4px">',
    "<blockquote>": '<blockquote style="margin:0 0 12px;padding-left:12px;border-left:3px solid #8593a0">',
}
_BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")
# By the table of `letters.toml`, then by language.
_LETTERS: dict[str, dict[str, dict[str, str]]] = written("letters")
FRAME, ACCOUNT, WELCOME, BULLETIN, REPLY, SMS, STARTS, ALERT, DUTY, MEMBERS, REGISTRATION, KNOWN_NUMBER = (
    {language: letters[name] for language, letters in _LETTERS.items()}
    for name in (
        "frame",
        "account",
        "welcome",
        "bulletin",
        "reply",
        "sms",
        "starts",
        "alert",
        "duty",
        "members",
        "registration",
        "known_number",
    )
)


@lru_cache(_KEPT)
def as_html(text: str, styled: bool = True) -> Markup:
    """Clean HTML, not to be escaped again; `styled` as mails need it. A link is followed by its visible address."""
    tokens = _markdown().parse(text)
    for block in tokens:
        _show_addresses(block)
    raw = _markdown().renderer.render(tokens, _markdown().options, {})
    clean = nh3.clean(raw, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    for plain, dressed in _STYLES.items() if styled else ():
        clean = clean.replace(plain, dressed)
    return Markup(clean.strip())  # noqa: S704  (nh3 cleaned it)


@lru_cache(_KEPT)
def as_text(text: str) -> str:
    """Plain text in at most 72 columns: lists with dashes or numbers, links as words (address)."""
    lines: list[str] = []
    lists: list[int | None] = []
    mark = ""
    for token in _markdown().parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
            lines += [""] if not lists else []
        elif token.type == "list_item_open":
            number = lists[-1]
            mark = "- " if number is None else f"{number}. "
            lists[-1] = None if number is None else number + 1
        elif token.type == "inline":
            _show_addresses(token)
            parts = token.children or []
            words = "".join("\n" if part.type in ("softbreak", "hardbreak") else part.content for part in parts)
            lines += _filled(words, mark, len(lists))
            lines += [""] if not lists else []
            mark = ""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def wrapped(text: str) -> str:
    """Lines of at most 72 columns; line ends in `text` are kept, addresses are never cut."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, COLUMNS, break_long_words=False, break_on_hyphens=False)) or ""
        for line in tied(text).splitlines()
    )


@cache
def _markdown() -> MarkdownIt:
    """Paragraphs, bold, italic, lists, quotations and links: no headings, pictures, code, tables or HTML."""
    made = MarkdownIt("zero", {"breaks": True, "html": False})
    return made.enable(["list", "blockquote", "emphasis", "link", "autolink", "newline", "escape", "backticks"])


def _show_addresses(block: Token) -> None:
    """Put the address of a link in brackets after its words, unless the words are the address."""
    children, shown = block.children or [], []
    href, words = "", ""
    for token in children:
        if token.type == "link_open":
            href, words = str(token.attrGet("href") or ""), ""
        elif token.type == "text":
            words += token.content
        shown.append(token)
        written = words.strip("/")
        is_said = _bare(words).strip("/") == _bare(href).strip("/") or written == _ADDRESS.sub("", href).strip("/")
        if token.type == "link_close" and not is_said:
            shown.append(Token("text", "", 0, content=f" ({_bare(href)})"))
    if block.children is not None:
        block.children = shown


def _filled(words: str, mark: str, depth: int) -> list[str]:
    """A paragraph, its lines in 72 columns; in a list with its mark and indented."""
    before = "  " * max(0, depth - 1)
    hang = before + " " * len(mark) if mark else before + ("  " if depth else "")
    lines: list[str] = []
    for index, line in enumerate(tied(words).split("\n")):
        first = before + mark if index == 0 else hang
        lines += textwrap.wrap(
            line, COLUMNS, initial_indent=first, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
        ) or [first.rstrip()]
    return lines


def _bare(href: str) -> str:
    return href.removeprefix("mailto:").removeprefix("tel:")


def to_call(zone_card: ZoneCard, language: str) -> str:
    """The zone's two numbers: « 101 ou 04/330 40 00 »."""
    return f" {FRAME[language]['or']} ".join(filter(None, (zone_card.emergency, zone_card.phone)))


def registration_words(language: str, zone_card: ZoneCard) -> dict[str, str]:
    """The words of the registration form in this language, with the zone's own."""
    emergency = zone_card.emergency
    own = {"zone": zone_card.name, "phone": zone_card.phone or emergency, "emergency": emergency}
    return {name: text.format(**own) for name, text in REGISTRATION[known(language)].items()}


def paper(template: str, language: str, zone_card: ZoneCard, now: datetime, **values: object) -> str:
    """A file of this folder that is printed or lies in the nightly export, with the zone's numbers and the time."""
    at = f"{now.astimezone(LOCAL):%d/%m/%Y à %H:%M}"
    call = unbroken(to_call(zone_card, language))
    whole = _environment().get_template(template)
    return tied(whole.render(language=language, zone=zone_card, call=call, as_of=at, **values))


def rendered(template: str, language: str, **values: object) -> tuple[str, str]:
    """(text, html) of `<template>.txt` and `<template>.html` here, which extend base.txt and base.html (the zone's
    name, its numbers and directory). Raises Refusal where the database has no zone yet.
    """
    language = known(language)
    whole = {"language": language, "frame": FRAME[language], "zone": zone(), "directory": directory(), **values}
    text = _environment().get_template(f"{template}.txt").render(whole)
    html = _environment().get_template(f"{template}.html").render(whole)
    return tied(text.strip()) + "\n", tied(html.strip()) + "\n"


def note(
    key: str, to: str, name: str, language: str, heading: str, paragraphs: Iterable[str], member_id: int | None = None
) -> Copy:
    """A plain mail to one reader, at the address `to`."""
    text, html = rendered("note", language, heading=heading, paragraphs=[*paragraphs])
    return Copy(key, to, name, text, html, member_id)


def notes(key: str, to: Iterable[Contact], heading: str, paragraphs: Sequence[str]) -> list[Copy]:
    """The same plain mail in French to these accounts; the keys of its copies begin with `key`."""
    text, html = rendered("note", "fr", heading=heading, paragraphs=paragraphs)
    return [Copy(f"{key}{reader.account_id}", reader.email, reader.name, text, html) for reader in to]


def write_to_accounts(
    kind: MailKind, key: str, to: Sequence[Contact], heading: str, paragraphs: Sequence[str], now: datetime
) -> None:
    """Queue these `notes`; where no mail is configured, the journal alone has it."""
    if to and writes_mail():
        enqueue_letter(Letter(kind, heading), notes(key, to, heading, paragraphs), now)


def unbroken(text: str) -> str:
    """Telephone numbers kept on one line."""
    return _BETWEEN_DIGITS.sub("\u00a0", text)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unseen.shown,
    )
    made.globals["languages"] = [*LANGUAGE_WORDS.values()]
    made.filters.update(wrapped=wrapped, unbroken=unbroken, number=shown)
    return made

"""The simple formatting of a bulletin: Markdown without HTML, as the HTML and as the plain text of a mail."""

import re
import textwrap
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

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


@lru_cache(_KEPT)
def as_html(text: str, styled: bool = True) -> Markup:
    """Clean HTML, not to be escaped again; `styled` with inline styles, as mails need. A link is followed by its
    address, so that its target is visible."""
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
            lines += _filled(_words(token), mark, len(lists))
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


def _words(block: Token) -> str:
    _show_addresses(block)
    return "".join(
        "\n" if token.type in ("softbreak", "hardbreak") else token.content for token in block.children or []
    )


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

"""The guide: its index, a page per chapter, and a card per role to print, of `LANGUAGE/*.md` and `LANGUAGE/cards/*.md`.
There **bold** is a label of the console in that language, to the letter, and `code` a command, a file or a key: tests
look them up. Pictures lie in `static/guide/LANGUAGE`; `make pictures` takes them from the running product.
"""

from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from flask import abort, render_template, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from base.catalogues import SOURCE
from console.i18n.translate import reader_language
from console.web.acting import printed
from console.web.pages import Pages, Served
from console.web.roles import SIGNED_IN
from db.engine.clock import utc_now
from db.people.zone import ZoneCard, zone
from plp.letters.rendering import FRAME, paper
from rules.sentences import tied

blueprint = Pages("guide", "/guide")

# Those of its readers; whoever reads another one gets the French guide.
GUIDE_LANGUAGES = ("fr", "nl", "de")
# The chapters in the order of the index, and those of them that have a card to print.
ORDER = (
    "policier",
    "coordinateur",
    "administrateur",
    "technicien",
    "connexion",
    "installation",
    "achats",
    "que-faire",
)
CARDS = ORDER[:4]


def source(name: str, language: str = SOURCE) -> str:
    """The Markdown of one of ORDER, or of `cards/` and one of CARDS."""
    return files("console.guide").joinpath(language, f"{name}.md").read_text(encoding="utf-8")


def tokens(name: str, language: str = SOURCE) -> list[Token]:
    """The parsed blocks of what `source` reads."""
    return _markdown().parse(source(name, language))


def contents(language: str) -> dict[str, tuple[str, list[str]]]:
    """The title and the headings of the chapters, by their names."""
    return {name: _outline(name, language) for name in ORDER}


def body(name: str, language: str) -> Markup:
    """A chapter or a card without its title. Its HTML is ours: the files take no HTML and nothing that people typed."""
    blocks, markdown = tokens(name, language)[3:], _markdown()
    for block in blocks:
        for token in block.children or []:
            if token.type == "image":
                picture = PurePosixPath(str(token.attrGet("src"))).name
                token.attrSet("src", url_for("static", filename=f"guide/{language}/{picture}"))
                token.attrSet("loading", "lazy")
            elif token.type == "text" and language == SOURCE:
                token.content = tied(token.content)
    return Markup(markdown.renderer.render(blocks, markdown.options, {}))  # noqa: S704


@cache
def _outline(name: str, language: str) -> tuple[str, list[str]]:
    lines = source(name, language).splitlines()
    return lines[0].removeprefix("# "), [line.removeprefix("## ") for line in lines if line.startswith("## ")]


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _language() -> str:
    language = reader_language()
    return language if language in GUIDE_LANGUAGES else SOURCE


@blueprint.get("", may=SIGNED_IN)
def index() -> Served:
    language = _language()
    return render_template("guide/index.html", contents=contents(language), cards=CARDS, guide_language=language)


@blueprint.get("/<name>", may=SIGNED_IN)
def one_chapter(name: str) -> Served:
    if name not in ORDER:
        abort(404)
    language = _language()
    return render_template(
        "guide/chapter.html",
        title=_outline(name, language)[0],
        body=body(name, language),
        card=name if name in CARDS else "",
        guide_language=language,
    )


@blueprint.get("/<name>/card", may=SIGNED_IN)
def one_card(name: str) -> Served:
    """One sheet for the wall beside the screen. It names nobody: no line in the journal."""
    if name not in CARDS:
        abort(404)
    return printed(card(name, _language(), zone(), utc_now()))


def card(name: str, language: str, zone_card: ZoneCard, now: datetime) -> str:
    """The page to print of one of CARDS."""
    chapter = f"cards/{name}"
    urgent = FRAME[language]["urgent"] + FRAME[language]["colon"]
    words = {"title": _outline(chapter, language)[0], "body": body(chapter, language), "urgent": urgent}
    return paper("card.html", language, zone_card, now, **words)

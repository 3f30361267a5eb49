"""The guide: its index, and a page per chapter, `fr/*.md` made into HTML.

In a chapter **bold** is a label of the console, to the letter, and `code` a command, a file or a key: tests look them
up. Pictures lie in `static/guide`; `make pictures` takes them from the running product.
"""

from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from console.web.roles import signed_in
from rules.sentences import tied

blueprint = Blueprint("guide", __name__, url_prefix="/guide")

# In the order of the index.
ORDER = ("policier", "coordinateur", "administrateur", "technicien", "installation", "achats", "que-faire")


def source(name: str) -> str:
    """The Markdown of one of ORDER."""
    return (files("console.guide") / "fr" / f"{name}.md").read_text(encoding="utf-8")


def tokens(name: str) -> list[Token]:
    """The parsed blocks of one of ORDER."""
    return _markdown().parse(source(name))


def titles() -> dict[str, str]:
    """The titles of the chapters, by their names."""
    return {name: _title(name) for name in ORDER}


def body(name: str) -> Markup:
    """One of ORDER without its title. Its HTML is ours: the files take no HTML and nothing that a person typed."""
    blocks = tokens(name)[3:]
    for block in blocks:
        for token in block.children or []:
            if token.type == "image":
                picture = PurePosixPath(str(token.attrGet("src"))).name
                token.attrSet("src", url_for("static", filename=f"guide/{picture}"))
                token.attrSet("loading", "lazy")
            elif token.type == "text":
                token.content = tied(token.content)
    markdown = _markdown()
    return Markup(markdown.renderer.render(blocks, markdown.options, {}))  # noqa: S704


@cache
def _title(name: str) -> str:
    return source(name).partition("\n")[0].removeprefix("# ")


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("guide/index.html", titles=titles())


@blueprint.get("/<name>")
@signed_in
def one_chapter(name: str) -> ResponseReturnValue:
    if name not in ORDER:
        abort(404)
    return render_template("guide/chapter.html", title=_title(name), body=body(name))

"""The guide in the console: its index, and a page for each chapter."""

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from console.guide.chapters import ORDER, chapter, titles
from console.web.acting import settings
from console.web.roles import signed_in
from db.operations.plan_b import DUTY_CARD, sheets

blueprint = Blueprint("guide", __name__, url_prefix="/guide")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("guide/index.html", titles=titles(), card=DUTY_CARD in sheets(settings()).drawn)


@blueprint.get("/<name>")
@signed_in
def one_chapter(name: str) -> ResponseReturnValue:
    if name not in ORDER:
        abort(404)
    return render_template("guide/chapter.html", chapter=chapter(name, _picture))


def _picture(name: str) -> str:
    return url_for("static", filename=f"guide/{name}")

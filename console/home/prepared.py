"""An answer of many rows that is being prepared: how far it is, then the file or the sheets, for who asked for it."""

from pathlib import Path

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_login import current_user

from console.web.acting import actor
from console.web.pages import Pages, Served
from console.web.preparing import Work, works
from console.web.roles import SIGNED_IN, may_open, refuse

blueprint = Pages("prepared", "/prepared")


@blueprint.get("/<key>", may=SIGNED_IN)
def page(key: str) -> Served:
    """The progress; what is no file to save is shown at once when it is ready."""
    work = works.find(current_user.identity.id, key)
    if work is not None and work.phase == "ready" and not _file_name(work):
        address = url_for("prepared.answer", key=key)
        return Response(headers={"HX-Redirect": address}) if "HX-Request" in request.headers else redirect(address)
    return render_template("home/prepared.html", work=work, file_name=_file_name(work) if work else "")


@blueprint.get("/<key>/answer", may=SIGNED_IN)
def answer(key: str) -> Served:
    """The answer itself; whoever lost the right to it meanwhile does not get it."""
    work = works.find(current_user.identity.id, key)
    if work is None or work.phase != "ready":
        return redirect(url_for("prepared.page", key=key))
    if not may_open(work.endpoint, work.method):
        refuse(actor(), work.endpoint)
    # Of its own place in the file: two browsers of one person may read at once.
    path = Path(f"/proc/self/fd/{work.file.fileno()}")
    whole = send_file(path.open("rb"), work.headers["Content-Type"], max_age=0)
    whole.content_length = path.stat().st_size
    whole.headers.update(work.headers)
    works.is_fetched(work)
    return whole


def _file_name(work: Work) -> str:
    """The name of a file to save, empty for a page."""
    return work.headers.get("Content-Disposition", "").partition("filename=")[2].strip('"')

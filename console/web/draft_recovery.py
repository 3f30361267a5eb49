"""A draft outlives its session: it travels through the sign-in page, and is shown again afterwards, never sent."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

from console.web.session import own_page

# Where a form is taken up again: on a page that only shows what was written. `do` makes that page of a sending one.
_ALERT, _DRILL, _FOLLOW_UP = "alerts.compose_again", "drills.compose_again", "alerts.send_follow_up"
_TAKEN_UP_AT: dict[str, str] = {
    **dict.fromkeys(("alerts.compose_again", "alerts.confirm", "alerts.send", "alerts.try_on_my_phone"), _ALERT),
    **dict.fromkeys(("drills.compose_again", "drills.confirm", "drills.send"), _DRILL),
    _FOLLOW_UP: _FOLLOW_UP,
}
_ONLY_SHOWN = {_ALERT: "", _DRILL: "", _FOLLOW_UP: "count"}
_NEVER = ("csrf_token", "do", "typed", "password")
_OURS = ("csrf_token", "nonce")
_PREFIX, _PATH = "kept.", "kept_path"
# What someone wrote and would be sorry to lose; passwords and ticks are not.
_LONG_ENOUGH = 12


def kept_form() -> dict[str, Any] | None:
    """The draft that this request brings: `path` of the page that shows it again, and `fields`; else None."""
    if request.method != "POST" or not _from_own_page():
        return None
    if _PATH in request.form:
        return _through_the_door(request.form[_PATH])
    target = _TAKEN_UP_AT.get(request.endpoint or "")
    if target is None or not (request.form.get("text", "").strip() or request.form.get("template")):
        return None
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name not in _NEVER)
    return _shown(target, url_for(target, **(request.view_args or {})), fields)


def written_texts() -> list[str]:
    """Texts of a form that is no draft, to be copied."""
    if request.method != "POST" or not _from_own_page():
        return []
    return [
        value
        for name, value in request.form.items(multi=True)
        if name not in _OURS and "password" not in name and len(value) >= _LONG_ENOUGH
    ]


def _from_own_page() -> bool:
    """True when a page of this console posted the form, by `Sec-Fetch-Site` (under TLS and here), else `Origin`."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.host


def _through_the_door(path: str) -> dict[str, Any] | None:
    """The draft that the sign-in page carried; only for the addresses of drafts, since its fields can be forged."""
    target = _endpoint(own_page(path) or "")
    if target not in _ONLY_SHOWN:
        return None
    carried = (
        (name.removeprefix(_PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(_PREFIX)
    )
    return _shown(target, path, tuple((name, value) for name, value in carried if name not in _NEVER))


def _shown(target: str, path: str, fields: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    do = _ONLY_SHOWN[target]
    return {"path": path, "fields": (*fields, ("do", do)) if do else fields}


def _endpoint(path: str) -> str:
    try:
        endpoint, _values = current_app.create_url_adapter(request).match(path, method="POST")  # type: ignore[union-attr]
    except HTTPException:
        return ""
    return str(endpoint)

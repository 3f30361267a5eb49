"""The strip under the header, whose place is always kept: what arrives on an open page, the most urgent first."""

from datetime import datetime
from typing import Any

from flask import Flask, g
from flask_login import current_user

from console.i18n.formats import clock, day, moment
from console.web.page_header import page_header
from console.web.roles import may_open
from db.engine.clock import utc_now
from db.inbound.replies.thread import WaitingText, ringing

# More of them are a list, behind a link.
_MOST_TEXTS = 3


def arrivals() -> list[tuple[str, Any]]:
    """Arrivals as (kind, what): texts with a word of alarm and how many more there are, requests of approval, that
    no SMS leaves now, what happened to the machine; last what this person waits for themselves.
    """
    header, texts = page_header(), _ringing_texts()
    done = [card for card in header.approvals if card.is_done_by(current_user.name)]
    lines: list[tuple[str, Any]] = [("text", text) for text in texts[:_MOST_TEXTS]]
    lines += [("texts", len(texts) - _MOST_TEXTS)] if len(texts) > _MOST_TEXTS else []
    lines += [("approval", card) for card in header.approvals if card not in done]
    lines += [("light", header.light)] if header.light and header.light["tone"] in ("doubt", "failed") else []
    lines += [("notice", sentence) for sentence in header.notices]
    return lines + [("request", card) for card in done]


def _ringing_texts() -> list[WaitingText]:
    """Ringing texts for the signed-in person, queried once per request; none while the database does not answer."""
    if "ringing" not in g:
        g.ringing = ringing(utc_now()) if page_header().zone and may_open("home.take_ringing_text") else []
    texts: list[WaitingText] = g.ringing
    return texts


def rang(at: datetime) -> str:
    """The time of a text; with its date unless it came today."""
    return clock(at) if day(at) == day(utc_now()) else moment(at)


def init_strip(app: Flask) -> None:
    """`arrivals()` and the filter `rang` in each template."""
    app.jinja_env.globals["arrivals"] = arrivals
    app.jinja_env.filters["rang"] = rang

"""« J'ai relayé »: a page with one button for a coordinator at home, who has a signed link and no account. Link
scanners open every address of a mail: opening the page changes nothing, only the button does.
"""

from flask import render_template, request
from flask_babel import force_locale

from console.web.acting import FORM
from console.web.limits import limiter, was_refused
from console.web.pages import Pages, Served
from console.web.roles import PUBLIC
from db.bulletins.values import RelayCard
from db.engine.clock import utc_now
from plp.services.bulletins.relaying import apply_relay, relay_of_token

blueprint = Pages("relay", "/relay")

LONGEST_TOKEN = 200


def _opens() -> bool:
    return _named((request.view_args or {}).get("token", "")) is not None


# Only tokens that open nothing count, and only they are held back: a street's coordinators may share one address, and
# behind a proxy of this machine everybody has the same.
guessing = limiter.limit("20 per minute;100 per hour", deduct_when=was_refused, exempt_when=_opens)


@blueprint.route("/<token>", methods=FORM, may=PUBLIC)
@guessing
def ask(token: str) -> Served:
    """In the language of the reader of the mail; a wrong and an old token get the same answer."""
    tells = request.method == "POST"
    card = apply_relay(token, "link", utc_now()) if tells and len(token) <= LONGEST_TOKEN else _named(token)
    if card is None:
        return render_template("people/relay/unknown.html"), 404
    with force_locale(card.language):
        return render_template("people/relay/relay.html", card=card, done=tells)


def _named(token: str) -> RelayCard | None:
    return relay_of_token(token, utc_now()) if len(token) <= LONGEST_TOKEN else None

"""My neighbourhood: the coordinator's members who agreed, and bulletins to relay. Other neighbourhoods are not shown.
« J'ai relayé » has a page with one button for a coordinator at home, who has a signed link and no account: link
scanners open every address of a mail, so opening it changes nothing.
"""

from flask import abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from console.bulletins.blueprint import as_sent
from console.i18n.translate import reader_language
from console.web import form_fields
from console.web.acting import FORM, actor, card_at, done
from console.web.limits import limiter, was_refused
from console.web.pages import Pages, Served
from console.web.roles import PUBLIC
from db.bulletins.drafts import bulletins_of, enclosure
from db.bulletins.groups import coordinators_of_account, neighbourhoods_of_account
from db.bulletins.relay import relays_of, to_relay
from db.bulletins.values import BulletinCard, RelayCard
from db.engine.clock import utc_now
from db.people.members.dead_numbers import dead_numbers
from db.people.members.listing import members_who_agreed, neighbourhoods
from plp.letters.rendering import as_html
from plp.services.bulletins.relaying import apply_relay, mark_relayed, relay_of_token

blueprint = Pages("my_neighbourhood", "/my-neighbourhood")
relay_pages = Pages("relay", "/relay")
LONGEST_TOKEN = 200


@blueprint.get("", may="relay_bulletins")
def bulletins() -> Served:
    coordinators = coordinators_of_account(current_user.identity.id)
    mine = sorted(set(coordinators.values()))
    waiting = to_relay(coordinators)
    dead = [card for card in dead_numbers(mine) if card.is_known]
    return render_template(
        "people/my_neighbourhood/bulletins.html",
        names=[place.name for place in neighbourhoods() if place.id in mine],
        bulletins=_mine(),
        waiting=waiting,
        done={relay.bulletin_id for relay in relays_of(coordinators)} - waiting,
        dead=dead,
    )


@blueprint.get("/<int:bulletin_id>", may="relay_bulletins")
def bulletin(bulletin_id: int) -> Served:
    card = card_at(_mine(), bulletin_id)
    words, waiting = card.words_for(reader_language()), to_relay(coordinators_of_account(current_user.identity.id))
    return render_template(
        "people/my_neighbourhood/bulletin.html",
        card=card,
        words=words,
        text=as_html(words.body, styled=False),  # a page may hold no style of its own
        waiting=card.id in waiting,
    )


@blueprint.get("/<int:bulletin_id>/enclosures/<int:enclosure_id>", may="relay_bulletins")
def look_at(bulletin_id: int, enclosure_id: int) -> Served:
    """A file of a bulletin that is to be relayed."""
    card_at(_mine(), bulletin_id)
    return as_sent(enclosure(bulletin_id, enclosure_id) or abort(404))


@blueprint.post("/<int:bulletin_id>/relayed", may="relay_bulletins")
def relayed(bulletin_id: int) -> Served:
    """« J'ai relayé », by the coordinator who is signed in."""
    own = [
        relay
        for relay in relays_of(coordinators_of_account(current_user.identity.id))
        if relay.bulletin_id == bulletin_id
    ]
    if not own:
        abort(404)
    for relay in own:
        mark_relayed(relay.id, "console", actor(), utc_now())
    return done(_("Merci : le relais est noté."), "my_neighbourhood.bulletins")


@blueprint.get("/members", may="relay_bulletins")
def members() -> Served:
    """The members who agreed to be in the neighbourhood's mail group."""
    people = members_who_agreed(neighbourhoods_of_account(current_user.identity.id), form_fields.number("page", 1) or 1)
    return render_template("people/my_neighbourhood/members.html", people=people)


def _mine() -> list[BulletinCard]:
    return bulletins_of(neighbourhoods_of_account(current_user.identity.id))


def _opens() -> bool:
    return _named((request.view_args or {}).get("token", "")) is not None


# Only tokens that open nothing count, and only they are held back: a street's coordinators may share one address, and
# behind a proxy of this machine everybody has the same.
guessing = limiter.limit("20 per minute;100 per hour", deduct_when=was_refused, exempt_when=_opens)


@relay_pages.route("/<token>", methods=FORM, may=PUBLIC)
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

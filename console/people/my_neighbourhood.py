"""My neighbourhood: the coordinator's members who agreed, what the police should know of them, bulletins to relay, and
whether the Google Group delivers. « J'ai relayé » also has a page with one button for a coordinator with a signed link
and no account: link scanners open every address of a mail, so opening it changes nothing.
"""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from console.bulletins.blueprint import as_sent
from console.i18n.labels import CORRECTION_WORDS
from console.i18n.translate import reader_language
from console.people.groups import probe_now
from console.web import form_fields
from console.web.acting import FORM, actor, done
from console.web.limits import limiter, was_refused
from console.web.pages import Pages, Served
from console.web.roles import PUBLIC
from db.bulletins.drafts import bulletin_of, bulletins_of, enclosure
from db.bulletins.groups import coordinators_of_account, group, last_probe, neighbourhoods_of_account
from db.bulletins.relay import BulletinRelay, relays_of, to_relay
from db.bulletins.values import BulletinCard
from db.engine.clock import utc_now
from db.people.members.cards import MemberCard
from db.people.members.dead_numbers import dead_numbers
from db.people.members.listing import member, neighbourhoods
from db.people.proposals import members_who_agreed, proposed_fields
from plp.letters.rendering import as_html
from plp.services.bulletins.relaying import apply_relay, mark_relayed, relay_of_token
from plp.services.people.proposals import propose_corrections
from rules.members import CORRECTED

blueprint = Pages("my_neighbourhood", "/my-neighbourhood")
relay_pages = Pages("relay", "/relay")
LONGEST_TOKEN = 200


@blueprint.get("", may="relay_bulletins")
def bulletins() -> Served:
    coordinators = coordinators_of_account(current_user.identity.id)
    mine = sorted(set(coordinators.values()))
    waiting = to_relay(coordinators)
    dead = [card for card in dead_numbers(mine) if card.is_known]
    groups = [card for place in mine if (card := group(place)) is not None and card.group_address]
    return render_template(
        "people/my_neighbourhood/bulletins.html",
        names=[place.name for place in neighbourhoods() if place.id in mine],
        bulletins=bulletins_of(mine),
        waiting=waiting,
        done={relay.bulletin_id for relay in relays_of(coordinators)} - waiting,
        dead=dead,
        proposed=proposed_fields([card.member_id for card in dead]),
        groups=[(card, last_probe(card.neighbourhood_id)) for card in groups],
    )


@blueprint.get("/<int:bulletin_id>", may="relay_bulletins")
def bulletin(bulletin_id: int) -> Served:
    card = _own(bulletin_id)
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
    _own(bulletin_id)
    return as_sent(enclosure(bulletin_id, enclosure_id) or abort(404))


@blueprint.post("/<int:bulletin_id>/relayed", may="relay_bulletins")
def relayed(bulletin_id: int) -> Served:
    """« J'ai relayé », by the coordinator who is signed in."""
    relays = relays_of(coordinators_of_account(current_user.identity.id))
    own = [relay for relay in relays if relay.bulletin_id == bulletin_id] or abort(404)
    for relay in own:
        mark_relayed(relay.id, "console", actor(), utc_now())
    return done(_("Merci : le relais est noté."), "my_neighbourhood.bulletins")


@blueprint.get("/members", may="relay_bulletins")
def members() -> Served:
    people = members_who_agreed(neighbourhoods_of_account(current_user.identity.id), form_fields.number("page", 1) or 1)
    waiting = proposed_fields([card.id for card in people.rows])
    return render_template("people/my_neighbourhood/members.html", people=people, waiting=waiting)


def _correct_page(member_id: int) -> str:
    card, _mine = _agreed(member_id)
    return render_template(
        "people/my_neighbourhood/member.html",
        card=card,
        waiting=[CORRECTION_WORDS[field] for field in proposed_fields([card.id]).get(card.id, ())],
    )


@blueprint.form("/members/<int:member_id>", _correct_page, may="relay_bulletins")
def correct(member_id: int) -> Served:
    """Propose what differs; an admin decides."""
    _card, mine = _agreed(member_id)
    values = {field: value for field in CORRECTED if (value := form_fields.line(field, 200))}
    if fields := propose_corrections(member_id, mine, values, actor(), utc_now()):
        sentence = ngettext(
            "%(num)s correction proposée à l'administrateur.",
            "%(num)s corrections proposées à l'administrateur.",
            fields,
        )
        flash(sentence, "done")
    return redirect(url_for("my_neighbourhood.members"))


@blueprint.post("/groups/<int:neighbourhood_id>/probe", may="relay_bulletins")
def probe(neighbourhood_id: int) -> Served:
    if neighbourhood_id not in neighbourhoods_of_account(current_user.identity.id):
        abort(404)
    probe_now(group(neighbourhood_id) or abort(404))
    return redirect(url_for("my_neighbourhood.bulletins"))


def _own(bulletin_id: int) -> BulletinCard:
    """The bulletin, where it went to a neighbourhood of theirs, or 404."""
    return bulletin_of(bulletin_id, neighbourhoods_of_account(current_user.identity.id)) or abort(404)


def _agreed(member_id: int) -> tuple[MemberCard, list[int]]:
    """The member, and the coordinator's neighbourhoods; 404 for one whom they may not read of."""
    mine, card = neighbourhoods_of_account(current_user.identity.id), member(member_id)
    if card is None or card.neighbourhood_id not in mine or not card.mail_group or card.restricted_at:
        abort(404)
    return card, mine


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


def _named(token: str) -> BulletinRelay | None:
    return relay_of_token(token, utc_now()) if len(token) <= LONGEST_TOKEN else None

"""Registration by the public, proved by a code by SMS; and what an admin accepts: registrations, corrections."""

from functools import partial
from ipaddress import ip_address

from flask import abort, redirect, render_template, request, session, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from console.people.known_number import contact_file
from console.people.members.pages import of_street, typed_member
from console.web import form_fields
from console.web.acting import FORM, actor, attempted, settings
from console.web.limits import limiter
from console.web.pages import Pages, Served
from console.web.roles import PUBLIC
from db.engine.clock import utc_now
from db.people.proposals import corrections, registrations
from db.people.zone import zone
from plp.letters.letters import alert_numbers, contact_qr
from plp.letters.rendering import registration_words
from plp.services.bulletins.relaying import known_number_words
from plp.services.people import proposals as services
from rules.languages import LANGUAGES
from rules.members import MemberDraft
from rules.refusals import Refusal

blueprint = Pages("joining", "/register")
# Nobody fills in the sheet faster; a program does.
FASTEST_S = 3
correction_pages = Pages("corrections", "/corrections")


@blueprint.before_request
def _only_where_public() -> None:
    if not settings().mail.public_url:
        abort(404)
    if (language := form_fields.line("language", 10)) in LANGUAGES and request.method == "GET":
        session["public_language"] = language


def _page(name: str, **shown: object) -> str:
    """In the language that this browser chose here, else its own."""
    with force_locale(session.get("public_language") or get_locale()):
        language, owner = get_locale().language, zone()
        return render_template(
            f"people/joining/{name}.html",
            says=registration_words(language, owner),
            known=known_number_words(language, owner, ()),
            **shown,
        )


def _sheet() -> str:
    session.setdefault("sheet_shown", utc_now().timestamp())
    draft = typed_member() if request.method == "POST" else MemberDraft("", "", "", "", "", 0, sms=False)
    return _page("sheet", draft=draft)


def _from_a_proxy() -> bool:
    """Behind a proxy of this machine everybody has one address; what all may ask for is counted in the database."""
    return ip_address(request.remote_addr or "127.0.0.1").is_loopback


@blueprint.form("", _sheet, may=PUBLIC)
@limiter.limit(
    "10 per hour", methods=["POST"], deduct_when=lambda answer: answer.status_code == 302, exempt_when=_from_a_proxy
)
def sheet() -> Served:
    """Once it is sent the same page follows whatever the number is, and for a program that fills in every field."""
    if not form_fields.line("subject"):
        if (shown_at := session.get("sheet_shown")) is None or utc_now().timestamp() - shown_at < FASTEST_S:
            raise Refusal("Relisez vos données, puis envoyez-les.")
        session["registration"] = services.propose_registration(typed_member(), utc_now())
        del session["sheet_shown"]
    return redirect(url_for("joining.code"))


@blueprint.route("/code", methods=FORM, may=PUBLIC)
def code() -> Served:
    if request.method != "POST":
        return _page("code")
    typed = form_fields.line("code", 20).replace(" ", "")
    if services.confirm_registration(session.get("registration", ""), typed, utc_now()):
        session["joined"] = True
        numbers = alert_numbers(settings())
        return _page("done", numbers=numbers, qr=contact_qr(zone(), numbers))
    return _page("code", wrong=True), 400


@blueprint.get("/plp.vcf", may=PUBLIC)
def contact() -> Served:
    """The contact to save, for who has just registered."""
    return contact_file() if session.get("joined") else abort(404)


@correction_pages.get("", may="edit_members")
def listing() -> Served:
    proposed = registrations()
    return render_template(
        "people/corrections.html",
        corrections=corrections(),
        registrations=proposed,
        lived={card.id: card.draft.neighbourhood_id or of_street(card.draft.street) for card in proposed},
    )


@correction_pages.post("/<int:correction_id>", may="edit_members")
def decide(correction_id: int) -> Served:
    """Accept it (`do` is accept), or drop it."""
    deed, sentence = services.refuse_correction, _("La correction est refusée.")
    if request.form.get("do") == "accept":
        deed, sentence = services.accept_correction, _("La correction est enregistrée.")
    return attempted(lambda: deed(correction_id, actor(), utc_now()), sentence, "corrections.listing")


@correction_pages.post("/registrations/<int:registration_id>", may="edit_members")
def decide_registration(registration_id: int) -> Served:
    """Add the person (`do` is accept), or drop what they proposed."""
    place, shared = form_fields.number(f"neighbourhood_{registration_id}") or 0, form_fields.ticked("number_shared")
    if request.form.get("do") == "accept":
        accept = partial(services.accept_registration, registration_id, place, shared, actor(), utc_now())
        return attempted(accept, _("L'inscription est acceptée."), "corrections.listing")
    refuse = partial(services.refuse_registration, registration_id, actor(), utc_now())
    return attempted(refuse, _("L'inscription est refusée."), "corrections.listing")

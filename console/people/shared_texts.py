"""A text that no officer ordered and that goes to many: an officer reads it whole, then agrees to it or refuses it."""

from flask import abort, render_template, request
from flask_babel import gettext as _

from console.second_factor import proof
from console.web.acting import actor, done, settings
from console.web.pages import Pages, Served
from db.alerts.orders.shared import waiting_texts
from db.engine.clock import utc_now
from db.mail.enqueue import mail_configured
from modem.sms.composition import count
from plp.services.orders import shared

blueprint = Pages("shared_texts", "/shared-texts")


def _page(text_id: int) -> str:
    card = next((card for card in waiting_texts() if card.id == text_id), None) or abort(404)
    return render_template(
        "people/shared_text.html", card=card, parts=count(card.body).parts, **proof.hand_fields(card.people)
    )


@blueprint.form("/<int:text_id>", _page, may="see_alerts", change="send_alerts", status=409)
def text(text_id: int) -> Served:
    if request.form.get("do") == "refuse":
        shared.refuse(text_id, mail_configured(settings().mail), actor(), utc_now())
        return done(_("Texte refusé : il n'est envoyé à personne."), "home.home")
    if shared.agree(text_id, proof.hand(), actor(), utc_now(), request.form.get("seen")):
        return done(_("Texte accepté : les SMS sont envoyés progressivement."), "home.home")
    return done(_("Première validation enregistrée : un deuxième policier doit aussi accepter ce texte."), "home.home")

"""Send the text to the officer's own phone first, as a real SMS, before anybody else gets it."""

import hashlib

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, sender
from console.alerts.writing.confirming import confirm, own_mobile
from console.alerts.writing.draft import typed_draft
from console.alerts.writing.sending import outgoing
from console.i18n.formats import mobile
from console.i18n.translate import said
from console.web.acting import settings
from console.web.session import actor
from db.alerts.orders.earlier import fresh_key
from db.alerts.values import Order
from db.engine.clock import utc_now
from db.people.audience import Audience
from plp.rules.refusals import Refusal
from plp.services.orders import place


@blueprint.post("/try")
@sender
def try_on_my_phone() -> ResponseReturnValue:
    """Send one message per language to the account's number, then show the confirm page again."""
    draft, now = typed_draft(), utc_now()
    try:
        number = own_mobile()
        if number is None:
            raise Refusal(_("Votre compte n'a pas de GSM : un administrateur peut l'ajouter sous Utilisateurs."))
        texts, _found = outgoing(draft)
        for language, text in texts.items():
            digest = hashlib.sha256(f"{language}\n{text}".encode()).hexdigest()[:32]
            # A double press sends it once; pressed after a failure, it is another try.
            key = fresh_key(f"try/{draft.nonce}/{digest}", now)
            order = Order(Audience(numbers=(number,)), "test", "urgent", actor(), key)
            place({language: text}, order, settings().sending, now)
        flash(_("SMS de test envoyé au %(number)s uniquement.", number=mobile(number)))
    except Refusal as refusal:
        flash(said(refusal), "failed")
    return confirm()

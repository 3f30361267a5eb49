"""A technician's requests to a modem's daemon, and the SIM that only a person may accept."""

from collections.abc import Callable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.hardware.blueprint import back_to, blueprint, found, technician
from console.hardware.modem_view import ModemView
from console.web import form_fields
from console.web.acting import actor, attempt, settings
from db.alerts.queue.listing import message_of
from db.engine.clock import utc_now
from plp.services import modems, proofs


@blueprint.post("/<host>/<name>/accept")
@technician
def accept_sim(host: str, name: str) -> ResponseReturnValue:
    view, card = found(host, name), form_fields.number("card")
    done = _("Carte autorisée : le modem %(name)s envoie dès qu'il a le réseau.", name=name)
    return answer(view, lambda: modems.accept_card(view.card, card, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/resume")
@technician
def resume(host: str, name: str) -> ResponseReturnValue:
    view, reason = found(host, name), form_fields.reason("reason")
    done = _("Demande lancée : le modem %(name)s réessaie immédiatement. Envoyez ensuite un SMS de test.", name=name)
    return answer(view, lambda: modems.resume(view.card, reason, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/suspend")
@technician
def suspend(host: str, name: str) -> ResponseReturnValue:
    view, reason = found(host, name), form_fields.reason("reason")
    done = _("Demande lancée : le modem %(name)s n'envoie plus. Un autre modem envoie les SMS en attente.", name=name)
    return answer(view, lambda: modems.suspend(view.card, reason, actor(), utc_now()), done)


@blueprint.get("/<host>/<name>/restart")
@technician
def restart(host: str, name: str) -> ResponseReturnValue:
    """The cost of a restart, before it is asked for."""
    return render_template("hardware/modems/restart.html", view=found(host, name))


@blueprint.post("/<host>/<name>/restart")
@technician
def restart_now(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    done = _("Demande lancée : le modem %(name)s redémarre, une minute au plus.", name=name)
    return answer(view, lambda: modems.restart(view.card, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/pin")
@technician
def enter_pin(host: str, name: str) -> ResponseReturnValue:
    view, pin = found(host, name), form_fields.secret("pin")
    done = _("Le code sera essayé une seule fois, dans quelques secondes.")
    return answer(view, lambda: modems.enter_pin(view.card, pin, settings().host, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/test")
@technician
def test(host: str, name: str) -> ResponseReturnValue:
    """One SMS now, then its page, which tells how it goes."""
    view, duty_phone = found(host, name), settings().sending.duty_phone
    message = attempt(lambda: message_of(proofs.send_test(view.card, duty_phone, actor(), utc_now())))
    return back_to(view) if message is None else redirect(url_for("queue.message", message_id=message), 303)


@blueprint.post("/<host>/<name>/ussd")
@technician
def ask_ussd(host: str, name: str) -> ResponseReturnValue:
    view, code = found(host, name), form_fields.line("code", 30)
    done = _("Demandé : la réponse de l'opérateur s'affiche ici dans 15 secondes au plus.")
    return answer(view, lambda: modems.ask_balance(view.card, code, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/reselect")
@technician
def reselect(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    done = _("Demandé : le modem %(name)s cherche un réseau, une minute au plus.", name=view.card.shown)
    return answer(view, lambda: modems.reselect(view.card, actor(), utc_now()), done)


@blueprint.post("/<host>/<name>/label")
@technician
def rename(host: str, name: str) -> ResponseReturnValue:
    view, label = found(host, name), form_fields.line("label", 80)
    return answer(view, lambda: modems.rename(view.card, label, actor(), utc_now()), _("Nom enregistré."))


def answer(view: ModemView, deed: Callable[[], object], done: str) -> ResponseReturnValue:
    """Do it and say `done`, or why not; then the modem's page."""
    attempt(deed, done)
    return back_to(view)

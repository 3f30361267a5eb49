"""What a technician asks of a modem's daemon, and the SIM that only a person may accept."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.hardware.blueprint import back_to, blueprint, found, technician
from console.hardware.modem_view import ModemView
from console.i18n.translate import said
from console.web import form_fields
from console.web.session import actor
from db.engine.clock import utc_now
from db.modems.commands import Verb, ask
from db.modems.sims import accept
from plp.rules.refusals import Refusal


@blueprint.post("/<host>/<name>/accept")
@technician
def accept_sim(host: str, name: str) -> ResponseReturnValue:
    """Only the card that the person saw: another one may be in the modem by now."""
    view = found(host, name)
    if view.waiting is None or view.waiting.id != form_fields.number("card"):
        flash(_("Rien n'est accepté : ce n'est plus cette carte qui est dans le modem. Regardez à nouveau."), "failed")
        return back_to(view)
    try:
        accept(view.waiting.id, actor(), utc_now())
        flash(_("Carte acceptée : le modem %(name)s envoie dès qu'il a le réseau.", name=name))
    except Refusal as refusal:
        flash(said(refusal), "failed")
    return back_to(view)


@blueprint.post("/<host>/<name>/resume")
@technician
def resume(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    if view.alive and not view.can_resume:
        flash(_("Rien n'est demandé : le modem %(name)s n'est pas arrêté.", name=name), "failed")
        return back_to(view)
    return _ask(view, "resume", _("Demandé : le modem %(name)s essaie tout de suite.", name=name))


@blueprint.get("/<host>/<name>/restart")
@technician
def restart(host: str, name: str) -> ResponseReturnValue:
    """What a restart costs, before it is asked for."""
    return render_template("hardware/modems/restart.html", view=found(host, name))


@blueprint.post("/<host>/<name>/restart")
@technician
def restart_now(host: str, name: str) -> ResponseReturnValue:
    view = found(host, name)
    if view.alive and not view.can_restart:
        flash(_("Rien n'est demandé : le modem %(name)s ne peut pas être redémarré maintenant.", name=name), "failed")
        return back_to(view)
    return _ask(view, "restart", _("Demandé : le modem %(name)s redémarre, une minute au plus.", name=name))


def refused_without_service(view: ModemView) -> bool:
    """Tell that nobody would do what is asked; False where somebody would."""
    if view.alive:
        return False
    flash(
        _("Rien n'est demandé : le service des modems ne tourne pas sur %(host)s.", host=view.card.host),
        "failed",
    )
    return True


def _ask(view: ModemView, verb: Verb, done: str) -> ResponseReturnValue:
    if not refused_without_service(view):
        ask(view.card.host, view.card.name, verb, actor(), utc_now())
        flash(done)
    return back_to(view)

"""The blueprint that the modems' pages share, who may do what on them, and a modem as a technician sees it."""

from dataclasses import dataclass, replace

from flask import abort, redirect, url_for
from flask_babel import gettext as _

from console.hardware.words import ADVICE
from console.i18n.labels import MODEM_STATES
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.modems.commands import answer_to, ussd_code
from db.modems.proof import LastProof, last_proof
from db.modems.signal_history import ims_state
from db.modems.sims import SimCard
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import LastRefusal, last_refusal
from plp.services import modems

blueprint = Pages("modems", "/modems")
# Requests to a modem, about its card, and about the network.
blueprint.add_app_template_global(modems, "modem_acts")  # type: ignore[arg-type]
blueprint.add_app_template_global(answer_to)
blueprint.add_app_template_global(ussd_code)
blueprint.add_app_template_global(ims_state)


@dataclass(frozen=True, slots=True)
class ModemView:
    """`waiting` is the card that a person must accept, `requested` the verbs of `standing_verbs`. `refusal`
    is shown of a modem that is not ready, and on a modem's own page.
    """

    card: ModemCard
    proof: LastProof
    waiting: SimCard | None
    requested: tuple[str, ...]
    refusal: LastRefusal | None = None

    @property
    def is_untested(self) -> bool:
        """It reports ready, but no SMS has shown it yet."""
        return self.card.state == "ready" and self.proof.state in ("never", "back")

    @property
    def tone(self) -> str:
        """The class that carries the state's colour; what a simulator does is proof of nothing."""
        if self.card.simulated and self.card.state == "ready":
            return "simulated"
        return MODEM_STATES[self.card.state][1] if self.card.state in MODEM_STATES else "failed"

    @property
    def advice(self) -> str:
        """The advice to a person; empty when nothing is to be done."""
        if not self.card.alive:
            return str(
                _(
                    "Redémarrez plp-alerte sur le serveur %(host)s "
                    "(« sudo systemctl restart plp-alerte.target », ou « plp run »).",
                    host=self.card.host,
                )
            )
        if not self.card.is_modem:
            return ""
        if self.card.state == "pin" and not modems.can_enter_pin(self.card):
            return str(ADVICE["pin_elsewhere"])
        return str(ADVICE.get(f"ready_{self.proof.state}" if self.is_untested else self.card.state, ""))

    @property
    def stage(self) -> str:
        """Its state with the tries of a PIN: its page has other forms in another one."""
        return f"{self.card.state}{self.card.pin_tries or ''}"

    @property
    def unseen(self) -> tuple[str, ...]:
        """Requests that its daemon has not reported on yet."""
        return tuple(verb for verb in self.requested if verb != "suspend" or self.card.told.code != "suspended_by")


def views(only: tuple[str, str] | None = None) -> list[ModemView]:
    """All modems, by host and name, or `only` this one (host, name)."""
    now = utc_now()
    return [
        ModemView(
            card=card,
            proof=last_proof(card),
            waiting=modems.waiting_card(card),
            requested=modems.standing_verbs(card),
            refusal=last_refusal(card.host, card.name, now) if card.state != "ready" else None,
        )
        for card in modem_cards(now, only)
    ]


def view_at(host: str, name: str) -> ModemView:
    """The modem of an address, or 404."""
    view = next(iter(views((host, name))), None) or abort(404)
    return replace(view, refusal=last_refusal(host, name, utc_now()))


def back_to(view: ModemView, part: str | None = None) -> Served:
    """To the modem's page, after a form; to this part of it."""
    return redirect(url_for("modems.modem", host=view.card.host, name=view.card.name, _anchor=part), 303)

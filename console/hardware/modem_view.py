"""A modem as a technician sees it: how it stands, what to do, and what may be asked of it now."""

from dataclasses import dataclass

from flask_babel import gettext as _

from console.hardware.words import ADVICE
from console.i18n.labels import MODEM_STATES
from db.engine.clock import utc_now
from db.modems.commands import ModemAnswer, Verb, answer_to, ussd_code
from db.modems.proof import LastProof, last_proof
from db.modems.signal_history import ims_state
from db.modems.sims import SimCard
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import LastRefusal, last_refusal
from plp.services import modems


@dataclass(frozen=True, slots=True)
class ModemView:
    """`waiting` is the card in the modem that a person must accept, `asked` as `plp.services.modems.asked_of` gives it.
    `refusal` is told of a modem that is not ready, and on a modem's own page.
    """

    card: ModemCard
    proof: LastProof
    waiting: SimCard | None
    asked: tuple[str, ...]
    refusal: LastRefusal | None = None

    @property
    def is_untested(self) -> bool:
        """It says that it is ready, and no SMS has shown it."""
        return self.card.state == "ready" and self.proof.state in ("never", "back")

    @property
    def tone(self) -> str:
        """The class that carries the state's colour; what a simulator does is proof of nothing."""
        if self.card.simulated and self.card.state == "ready":
            return "simulated"
        return MODEM_STATES[self.card.state][1] if self.card.state in MODEM_STATES else "failed"

    @property
    def ims(self) -> str:
        """Its state for SMS over 4G, as this model told last with this operator's cards."""
        return ims_state(self.card.model, self.card.operator)

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
        if self.card.state == "pin" and not self.can_enter_pin:
            return str(ADVICE["pin_elsewhere"])
        return str(ADVICE.get(f"ready_{self.proof.state}" if self.is_untested else self.card.state, ""))

    @property
    def stage(self) -> str:
        """Its state with the tries of a PIN: its page has other forms in another one."""
        return f"{self.card.state}{self.card.pin_tries or ''}"

    @property
    def can_enter_pin(self) -> bool:
        """Its card asks for a PIN, and no wrong one has gone into it."""
        return modems.can_enter_pin(self.card)

    @property
    def can_resume(self) -> bool:
        """It was taken out of service, by the network's doing or by ours."""
        return modems.can_resume(self.card, self.asked)

    @property
    def can_suspend(self) -> bool:
        """It could send, now or later."""
        return modems.can_suspend(self.card, self.asked)

    @property
    def is_suspended(self) -> bool:
        """A person took it out of service."""
        return "suspend" in self.asked

    @property
    def unseen(self) -> tuple[str, ...]:
        """Requests that its daemon does not tell of yet."""
        return tuple(verb for verb in self.asked if verb != "suspend" or self.card.told.code != "suspended_by")

    @property
    def can_reselect(self) -> bool:
        """Its card is open, so it may look for a network."""
        return modems.can_reselect(self.card)

    @property
    def ussd_code(self) -> str:
        """The code by which this card's operator tells its balance, as it was typed last."""
        return ussd_code(self.card.imsi)

    def answer(self, verb: Verb) -> ModemAnswer | None:
        """The outcome of the newest such request, about the card that is in it."""
        return answer_to(self.card.host, self.card.name, verb, self.card.imsi or "")

    @property
    def can_restart(self) -> bool:
        """There is something that could be switched off and on."""
        return modems.can_restart(self.card)


def views(only: tuple[str, str] | None = None) -> list[ModemView]:
    """All modems, by host and name, or `only` this one (host, name)."""
    now = utc_now()
    return [
        ModemView(
            card=card,
            proof=last_proof(card),
            waiting=modems.waiting_card(card),
            asked=modems.asked_of(card),
            refusal=last_refusal(card.host, card.name, now) if card.state != "ready" else None,
        )
        for card in modem_cards(now, only)
    ]

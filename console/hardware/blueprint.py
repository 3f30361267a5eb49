"""The blueprint that the pages of modems share, and a modem as a technician sees it: state, advice, signal."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import abort, redirect, url_for
from flask_babel import format_decimal
from flask_babel import gettext as _

from console.i18n.labels import MODEM_STATES, TABLES, clock, labels, moment
from console.i18n.translate import said
from console.web.pages import Pages, Served
from console.web.roles import can
from db.engine.clock import utc_now
from db.modems.commands import answer_to, ussd_code
from db.modems.proof import LastProof, last_proof
from db.modems.signal_history import ims_state
from db.modems.sims import SimCard
from db.modems.status import ModemCard, modem_cards
from db.operations.monitoring import LastRefusal, last_refusal
from plp.services import modems
from rules.calendar import local_date
from rules.sentences import Sentence

blueprint = Pages("modems", "/modems")
ADVICE = labels("modem_advice")
STATE_ICONS: dict[str, str] = {code: row["icon"] for code, row in TABLES["modem_states"].items()}
# 3GPP TS 27.007 § 8.5 maps dBm to 0–31; these steps are the ones that phones draw.
BAR_STEPS_DBM = (-105, -95, -85, -75)
blueprint.add_app_template_global(STATE_ICONS, "STATE_ICONS")  # type: ignore[arg-type]
# Requests to a modem, about its card, and about the network.
blueprint.add_app_template_global(modems, "modem_acts")  # type: ignore[arg-type]
for _known in (answer_to, ussd_code, ims_state):
    blueprint.add_app_template_global(_known)


@dataclass(frozen=True, slots=True)
class ModemView:
    """A modem; `waiting` is the card that a person must accept, `requested` the verbs of `standing_verbs`."""

    card: ModemCard
    proof: LastProof
    waiting: SimCard | None
    requested: tuple[str, ...]
    refusal: LastRefusal | None = None

    @property
    def is_untested(self) -> bool:
        """It reports ready, but no SMS has shown it yet."""
        return self.card.state == "ready" and self.proof.state == "never"

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
            words = _(
                "Redémarrez plp-alerte sur le serveur %(host)s "
                "(« sudo systemctl restart plp-alerte.target », ou « plp run »).",
                host=self.card.host,
            )
            return str(words)
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
    return replace(next(iter(views((host, name))), None) or abort(404), refusal=last_refusal(host, name, utc_now()))


def back_to(view: ModemView, part: str | None = None) -> Served:
    """To the modem's page, after a form; to this part of it."""
    return redirect(url_for("modems.modem", host=view.card.host, name=view.card.name, _anchor=part), 303)


@blueprint.app_template_filter()
def for_reader(told: Sentence) -> str:
    """The sentence in the language of this person; one who cannot reach config.ini reads whom to tell instead."""
    if "config.ini" in str(told) and not can("see_machine"):
        return str(_("Prévenez le technicien."))
    return said(told)


@blueprint.app_template_global()
def lit_bars(signal_dbm: int | None) -> int:
    """0 to 4 bars."""
    return 0 if signal_dbm is None else sum(signal_dbm >= step for step in BAR_STEPS_DBM)


@blueprint.app_template_filter()
def seconds(value: float) -> str:
    """1,8"""
    return str(format_decimal(round(value, 1)))


@blueprint.app_template_filter()
def lasting(span: timedelta) -> str:
    """« 1 h 05 », « 40 min » or « moins d'une minute »."""
    minutes = round(span.total_seconds() / 60)
    if minutes >= 60:
        return str(_("%(hours)s h %(minutes)02d", hours=minutes // 60, minutes=minutes % 60))
    return str(_("%(minutes)s min", minutes=minutes)) if minutes else str(_("moins d'une minute"))


@blueprint.app_template_global()
def proof_words(last: LastProof, today: date | None = None) -> str:
    """prouvé 04:10, 6 s; the day too where it was not today."""
    if last.proven_at is None:
        return str(_("jamais testé"))
    is_today = local_date(last.proven_at) == (today or local_date(utc_now()))
    when = (clock if is_today else moment)(last.proven_at)
    if last.state == "lost":
        return str(_("dernier test réussi le %(when)s", when=when))
    if last.took_s is None:
        return str(_("testé le %(when)s", when=when))
    return str(_("testé le %(when)s, %(seconds)s s", when=when, seconds=format_decimal(round(last.took_s))))

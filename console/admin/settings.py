"""The zone's own decisions: who must agree to an alert, the night, the price of an SMS, its name, its drill group."""

from decimal import Decimal, InvalidOperation

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.i18n.labels import advised
from console.i18n.translate import said
from console.second_factor.proof import prove_first
from console.web import acting, form_fields
from console.web.acting import FORM, actor, done, form_page
from console.web.roles import may
from db.alerts.planned import Source, drill_group
from db.engine.clock import utc_now
from db.people.accounts.accounts import accounts
from db.people.members.listing import Filter, members
from db.people.zone import UNDO_STEPS, Policy, ZoneCard, policy, policy_request, zone
from plp.services.accounts.second_person import second_person_refusal
from plp.services.drills import add_to_drill_group, remove_from_drill_group
from plp.services.zone import agree_to_policy, drop_policy, name_zone, save_policy
from rules.orders.agreement import DRILL_PEOPLE
from rules.refusals import Refusal

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

_FOUND = 20


@blueprint.get("")
@may("see_settings")
def settings() -> ResponseReturnValue:
    return _page()


@blueprint.post("/policy")
@may("edit_settings")
@prove_first
def policy_now() -> ResponseReturnValue:

    def save() -> ResponseReturnValue:
        if save_policy(_typed_policy(), actor(), utc_now()):
            return done(_("Les règles de la zone sont enregistrées."), "settings.settings")
        return done(
            _("Validation demandée : un autre administrateur doit valider la modification."), "settings.settings"
        )

    return form_page(_page, save)


@blueprint.post("/policy/second")
@may("edit_settings")
@prove_first
def policy_second() -> ResponseReturnValue:
    """A second admin agrees to the change that waits, or anybody drops it."""
    act = agree_to_policy if request.form.get("do") == "agree" else drop_policy
    try:
        act(actor(), utc_now())
    except Refusal as refusal:
        return _page(said(refusal)), 409
    told = _("Règles de la zone modifiées.") if act is agree_to_policy else _("Aucune modification.")
    return done(told, "settings.settings")


@blueprint.post("/zone")
@may("edit_settings")
def zone_now() -> ResponseReturnValue:

    def save() -> ResponseReturnValue:
        wanted = ZoneCard(*(form_fields.line(name, 120) for name in ("name", "code", "emergency", "phone")))
        name_zone(wanted, actor(), utc_now())
        return done(_("Les données de la zone sont enregistrées."), "settings.settings")

    return form_page(_page, save)


@blueprint.route("/drill-group", methods=FORM)
@may("edit_settings")
def group() -> ResponseReturnValue:
    """The drill group, the usual people of a drill: add one person (`add` is `member/12` or `account/3`), or take one
    out (`remove` is the entry).
    """
    source, _slash, number = request.form.get("add", "").partition("/")

    def change() -> ResponseReturnValue:
        entry = form_fields.number("remove")
        if entry is not None:
            remove_from_drill_group(entry, actor(), utc_now())
        elif source in ("member", "account") and number.isascii() and number.isdigit() and len(number) < 10:
            chosen: Source = "member" if source == "member" else "account"
            add_to_drill_group(chosen, int(number), actor(), utc_now())
        else:
            raise Refusal(_("Choisissez une personne de la liste."))
        return redirect(url_for("settings.group", search=form_fields.line("search", 100) or None))

    return form_page(_group, change)


def _page(sentence: str = "") -> str:
    asked = policy_request()
    refusal = second_person_refusal(actor(), asked.asked_by, "admin", utc_now()) if asked is not None else None
    return render_template(
        "admin/settings/settings.html",
        rules=policy(),
        asked=asked,
        refusal=said(refusal) if refusal is not None else "",
        card=zone(),
        sentence=sentence,
        words=advised("agreements"),
        undo=[policy().undo_seconds(acting.settings().sending.undo_seconds, people) for people in (1, 51, 501)],
        steps=[most for most, _times in UNDO_STEPS],
        people=len(drill_group()),
    )


def _group(sentence: str) -> str:
    search, group = form_fields.line("search", 100), drill_group()
    users = [card for card in accounts() if card.active and card.mobile]
    return render_template(
        "admin/settings/drill_group.html",
        group=group,
        users=users,
        most=DRILL_PEOPLE,
        inside={(card.source, card.person_id) for card in group},
        search=search,
        found=members(Filter(search), per_page=_FOUND).rows if search else [],
        sentence=sentence,
    )


def _typed_policy() -> Policy:
    chosen = request.form.get("approval", "")
    return Policy(
        approval=chosen,  # type: ignore[arg-type]  # db.people.zone refuses what it does not know
        undo_grows=form_fields.ticked("undo_grows"),
        night_from_hour=_hour("night_from_hour"),
        night_to_hour=_hour("night_to_hour"),
        sms_price_millieuros=_millieuros(),
        second_factor=form_fields.ticked("second_factor"),
        mail_always=form_fields.ticked("mail_always"),
    )


def _hour(name: str) -> int:
    text = form_fields.line(name, 5).removesuffix("h").removesuffix(":00").strip()
    if not (text.isascii() and text.isdigit()):
        raise Refusal("« {text} » n'est pas une heure : donnez un nombre de 0 à 23.", text=text)
    return int(text)


def _millieuros() -> int | None:
    text = form_fields.line("sms_price", 12).removesuffix("€").strip().replace(",", ".")
    if not text:
        return None
    try:
        price = Decimal(text)
        return int((price * 1000).to_integral_value()) if price.is_finite() and abs(price) < 1000 else -1
    except InvalidOperation:
        raise Refusal("« {text} » n'est pas un prix en euros, par exemple 0,045.", text=text) from None

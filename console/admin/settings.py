"""The zone's own decisions, its name and its drill group; useful numbers; the duty roster: who is called."""

import re
from datetime import date

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.i18n.labels import labels
from console.i18n.translate import said
from console.web import form_fields
from console.web.acting import actor, done
from console.web.pages import Pages, Served
from console.web.roles import may_open
from db.alerts.planned import drill_group
from db.engine.clock import utc_now
from db.operations.summons import About, Summons, recent_summonses
from db.people.accounts.accounts import TOLD_ROLES, accounts
from db.people.duty import on_duty, roster, stand_ins
from db.people.members.listing import Filter, members
from db.people.zone import Policy, ZoneCard, directory_entry, policy, policy_request, zone
from db.people.zone import directory as entries
from plp.services import zone as services
from plp.services.accounts.duty import DAY_MINUTES, DutyDraft, delete_shift, save_shift
from plp.services.accounts.second_person import second_person_refusal
from plp.services.drills import add_to_drill_group, remove_from_drill_group
from rules.orders.agreement import DRILL_PEOPLE
from rules.refusals import Refusal

blueprint = Pages("settings", "/settings")
_MEMBERS_SHOWN = 20
directory_pages = Pages("directory", "/directory")
duty_pages = Pages("duty", "/duty")
WEEKDAYS = labels("weekdays")
_TIME = re.compile(r"([01]?\d|2[0-4])[:hH.]([0-5]\d)")


@blueprint.get("", may="see_settings")
def settings() -> str:
    change = policy_request()
    refusal = second_person_refusal(actor(), change.asked_by, "admin", utc_now()) if change is not None else None
    return render_template(
        "admin/settings/settings.html",
        rules=policy(),
        change=change,
        not_second=said(refusal) if refusal is not None else "",
        card=zone(),
        people=len(drill_group()),
    )


@blueprint.form("/policy", settings, may="edit_settings", methods=["POST"], proven=True)
def policy_now() -> Served:
    wanted = Policy(
        approval=request.form.get("approval", ""),  # type: ignore[arg-type]  # the service refuses what it does not know
        second_factor=form_fields.ticked("second_factor"),
        mail_always=form_fields.ticked("mail_always"),
    )
    if services.save_policy(wanted, actor(), utc_now()):
        return done(_("Les règles de la zone sont enregistrées."), "settings.settings")
    return done(_("Validation demandée : un autre administrateur doit valider la modification."), "settings.settings")


@blueprint.form("/policy/second", settings, may="edit_settings", methods=["POST"], status=409, proven=True)
def policy_second() -> Served:
    """A second admin agrees to the change that waits, or anybody drops it."""
    agreed = request.form.get("do") == "agree"
    if agreed:
        services.agree_to_policy(actor(), utc_now(), request.form.get("seen"))
    else:
        services.drop_policy(actor(), utc_now())
    return done(_("Règles de la zone modifiées.") if agreed else _("Aucune modification."), "settings.settings")


@blueprint.form("/zone", settings, may="edit_settings", methods=["POST"])
def zone_now() -> Served:
    wanted = ZoneCard(*(form_fields.line(name, 120) for name in ("name", "code", "emergency", "phone")))
    services.name_zone(wanted, actor(), utc_now())
    return done(_("Les données de la zone sont enregistrées."), "settings.settings")


def _group_page() -> str:
    search, people = form_fields.line("search", 100), drill_group()
    return render_template(
        "admin/settings/drill_group.html",
        group=people,
        users=[card for card in accounts() if card.active and card.mobile],
        most=DRILL_PEOPLE,
        inside={(card.source, card.person_id) for card in people},
        search=search,
        members=members(Filter(search), per_page=_MEMBERS_SHOWN).rows if search else [],
    )


@blueprint.form("/drill-group", _group_page, may="edit_settings")
def group() -> Served:
    """Add a person to the usual people of a drill (`add` is `member/12`), or take an entry out (`remove`)."""
    person = re.fullmatch(r"(member|account)/([0-9]{1,9})", request.form.get("add", ""))
    if (entry := form_fields.number("remove")) is not None:
        remove_from_drill_group(entry, actor(), utc_now())
    elif person:
        add_to_drill_group("member" if person[1] == "member" else "account", int(person[2]), actor(), utc_now())
    else:
        raise Refusal(_("Choisissez une personne de la liste."))
    return redirect(url_for("settings.group", search=form_fields.line("search", 100) or None))


@directory_pages.get("", may="see_overview")
def directory() -> Served:
    return render_template("admin/directory/directory.html", entries=entries())


def _entry_page(entry_id: int | None) -> str:
    card = (directory_entry(entry_id) or abort(404)) if entry_id is not None else None
    return render_template("admin/directory/entry.html", card=card)


@directory_pages.form("/add", _entry_page, endpoint="add", defaults={"entry_id": None}, may="edit_directory")
@directory_pages.form("/<int:entry_id>", _entry_page, may="edit_directory")
def edit(entry_id: int | None) -> Served:
    service, contact = form_fields.line("service"), form_fields.line("contact")
    services.save_directory_entry(entry_id, service, form_fields.line("purpose", 300), contact, actor(), utc_now())
    return done(_("« %(service)s » est enregistré.", service=service), "directory.directory")


@directory_pages.post("/<int:entry_id>/delete", may="edit_directory")
def delete(entry_id: int) -> Served:
    service = (directory_entry(entry_id) or abort(404)).service
    services.delete_directory_entry(entry_id, actor(), utc_now())
    return done(_("« %(service)s » est supprimé des numéros utiles.", service=service), "directory.directory")


@duty_pages.get("", may="see_duty")
def duty() -> str:
    able = [(card.id, card.name) for card in accounts() if card.active and card.mobile]
    return render_template(
        "admin/duty/duty.html",
        shifts=roster(),
        on_duty=on_duty(utc_now()),
        others=stand_ins(TOLD_ROLES),
        people=able if may_open("duty.add_now") else [],
        ticked=request.form.getlist("days") if request.form else [*WEEKDAYS],
    )


@duty_pages.form("/add", duty, may="edit_duty", methods=["POST"])
def add_now() -> Served:
    draft = DutyDraft(
        account_id=form_fields.number("account", 0) or 0,
        days=frozenset(int(day) for day in request.form.getlist("days") if day in WEEKDAYS),
        from_minute=_minutes(form_fields.line("from")),
        until_minute=_minutes(form_fields.line("until")),
        first_day=_day("first_day"),
        last_day=_day("last_day"),
        turn=form_fields.number("turn", 1) or 1,
    )
    save_shift(draft, actor(), utc_now())
    return done(_("Garde enregistrée."), "duty.duty")


@duty_pages.post("/<int:shift_id>/delete", may="edit_duty")
def delete_now(shift_id: int) -> Served:
    delete_shift(shift_id, actor(), utc_now())
    return done(_("La garde est retirée du tableau."), "duty.duty")


@duty_pages.get("/calls", may="see_duty", live=True)
def calls() -> str:
    """The live part of the page: the calls under way, and those of the last hours."""
    return render_template("admin/duty/live.html")


@duty_pages.app_template_global()
def summonses(*kinds: About) -> list[Summons]:
    """The summonses of these kinds to show, newest first; queried once per request."""
    if "summonses" not in g:
        g.summonses = recent_summonses(utc_now()) if may_open("duty.duty") else []
    cards: list[Summons] = g.summonses
    return [card for card in cards if card.kind in kinds]


@duty_pages.app_template_filter("time_of_day")
def time_of_day(minute: int) -> str:
    """`18:00`, from minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


@duty_pages.app_template_filter("iso_day")
def iso_day(stored: str) -> str:
    """`24/11/2026`, from `2026-11-24`."""
    return f"{date.fromisoformat(stored):%d/%m/%Y}"


@duty_pages.app_template_filter("weekdays")
def weekdays(days: str) -> str:
    """« lun. – ven. » for days in a row, else all of them."""
    in_a_row = len(days) > 2 and days in "1234567"
    return (" – " if in_a_row else ", ").join(str(WEEKDAYS[day]) for day in ((days[0], days[-1]) if in_a_row else days))


def _minutes(typed: str) -> int:
    """Minutes since midnight of `18:00` or `18h00`; more than a day for a text that is no time."""
    time = _TIME.fullmatch(typed)
    return int(time[1]) * 60 + int(time[2]) if time else DAY_MINUTES + 1


def _day(name: str) -> date | None:
    """The date of a field; None where it is empty. Raises Refusal for what is none."""
    typed = form_fields.line(name)
    day = form_fields.day(typed)
    if typed and day is None:
        raise Refusal("« {day} » n'est pas une date : écrivez par exemple 24/11/2026.", day=typed[:20])
    return day

"""The disk and the backups: room, and whether they can be restored; what the box needs before anybody relies on it."""

from flask import abort, redirect, render_template, send_file, url_for
from flask_babel import gettext as _

from console.i18n.translate import said
from console.web.acting import actor, attempt, done, settings
from console.web.page_header import link
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.operations.machine import behind, disk_cards
from db.operations.runs import last_failure, last_run, run_of
from plp.services.backup.archive import hand_out, request_trial
from plp.services.backup.places import kept_backups
from plp.services.machine import believe_clock, shortcomings
from plp.services.machine import first_steps as steps
from rules.sentences import coded, stored_sentence

blueprint = Pages("upkeep", "/upkeep")
first_pages = Pages("first_steps", "/first-steps")
# Where a step is done; what is done in config.ini or by a command leads to this page.
_WHERE = {
    "setup_zone": "settings.settings",
    "setup_admin": "account.account",
    "setup_modem": "modems.modems",
    "setup_test": "modems.modems",
    "setup_technician": "directory.add",
    "setup_members": "members.members",
    "setup_backup": "upkeep.upkeep",
}


@blueprint.get("", may="see_machine")
def upkeep() -> Served:
    now = utc_now()
    run = run_of("backup", settings())
    return render_template(
        "admin/upkeep.html",
        disks=disk_cards(now),
        backup=settings().backup,
        last=last_run(run),
        failure=said(stored_sentence(last_failure(run))),
        kept=kept_backups(settings(), now) if settings().backup.recipient else [],
        off=behind(now),
        now=now,
    )


@blueprint.post("/clock", may="keep_machine")
def clock_is_right() -> Served:
    believe_clock(actor(), utc_now())
    return done(_("Heure du serveur confirmée."), "upkeep.upkeep")


@blueprint.post("/backups/<name>/trial", may="keep_machine")
def try_backup(name: str) -> Served:
    if name not in {card.name for card in kept_backups(settings(), utc_now())}:
        abort(404)
    request_trial(settings(), name, actor(), utc_now())
    sentence = _("Test de restauration demandé : le résultat s'affiche ici dans quelques minutes.")
    return done(sentence, "upkeep.upkeep", _anchor="backup")


@blueprint.get("/backups/<name>", may="take_backups", proven=True)
def download(name: str) -> Served:
    """One backup, still encrypted, to take it out of the machine."""
    path = attempt(lambda: hand_out(settings(), name, actor(), utc_now()))
    if path is None:
        return redirect(url_for("upkeep.upkeep", _anchor="backup"), 303)
    return send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name, max_age=0)


@first_pages.get("", may="see_machine")
def first_steps() -> Served:
    now = utc_now()
    wrong = shortcomings(settings(), now)
    known = [
        (coded(step), is_done, where(step), wrong.get(step, ())) for step, is_done in steps(settings(), now).items()
    ]
    return render_template("admin/first_steps.html", steps=known)


def where(step: str) -> str | None:
    """The page on which this person does it; None where they may not, or none has it."""
    return link(_WHERE.get(step, ""))

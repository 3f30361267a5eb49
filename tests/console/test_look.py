"""Home, header and menu; and that every icon, word and vendored file is there."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string

import console
from console.i18n import labels
from console.i18n.labels import BROADCAST_STATES, KINDS, MESSAGE_STATES
from console.web.page_header import ENTRIES
from db.alerts.progress.progress import BroadcastCard
from db.engine.base import database
from db.engine.connection import connected
from db.models.zone import Modem
from rules.states import PartState
from tests.console.alerts.scene import people, sent
from tests.console.conftest import words
from tools.vendor import ICONS, PACKAGES, VENDOR

TEMPLATES = Path(console.__file__).parent / "templates"


def test_home_says_first_whether_it_can_send(sign_in, ready_modem):
    officer = sign_in("officer")
    assert "Pas prêt : le service des modems ne fonctionne pas. Prévenez le technicien." in words(officer.get("/"))
    ready_modem()
    people()
    page = officer.get("/")
    assert "plp-ready-proven" in page.text
    assert "Prêt : 1 modem." in words(page)
    assert "Aucune alerte ouverte." in words(page)
    assert words(page).count("Prêt : 1 modem.") == 1


def test_only_who_may_send_has_the_button(sign_in):
    assert 'href="/alerts/new"' in sign_in("officer").get("/").text
    assert 'href="/alerts/new"' not in sign_in("admin").get("/").text
    assert "Alertes ouvertes" not in words(sign_in("coordinator").get("/"))


def test_the_numbers_to_call_stand_on_every_page(stranger, admin):
    for answer in (stranger.get("/login"), stranger.get("/nothing"), admin.get("/members")):
        assert "Urgence : 101 · 04/330 40 00" in words(answer)
        assert "Police locale Seraing/Neupré" in words(answer)


def test_the_live_header_asks_again_and_is_the_same_as_the_page_s(admin):
    fragment = admin.get("/status").text
    assert 'hx-trigger="every 2s"' in fragment
    assert fragment.strip() in admin.get("/").text


def test_a_live_part_brings_the_header_along_in_the_same_moment(sign_in, ready_modem):
    ready_modem()
    people()
    officer = sign_in("officer")
    number = sent(officer)
    of_the_alert = ("/ready", f"/alerts/{number}/live", "/alerts/sendable?parts=5&undo=3", "/alerts/ahead?parts=5")
    others = ("/modems/live", "/modems/box/a/live", "/inbox/live", "/incidents/live", "/duty/calls")
    for part in (*of_the_alert, *others):
        shown = officer.get(part).text
        assert shown.count('id="status"') == 1, part
        assert "en cours : 0 SMS sur 5" in words(officer.get(part)).replace("\xa0", " "), part
    technician = sign_in("technician")
    for part in ("/mail/live", "/queue/live", "/queue/1/live"):
        assert technician.get(part).text.count('id="status"') == 1, part
        assert technician.get(part.removesuffix("/live")).text.count('id="status"') == 1, part


def test_what_renews_itself_brings_the_header_or_takes_its_part_from_a_whole_page():
    alone = [
        path.relative_to(TEMPLATES).as_posix()
        for path in sorted(TEMPLATES.rglob("*.html"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if 'hx-trigger="every ' in line and "hx-select" not in line
    ]
    assert alone == ["macros/states.html"]


def test_the_confirm_page_s_live_part_follows_the_modems(sign_in, ready_modem):
    ready_modem()
    people()
    officer = sign_in("officer")
    sendable = words(officer.get("/alerts/sendable?parts=5&undo=3"))
    assert "Prêt : 1 modem." in sendable
    assert "dernier SMS vers" in sendable
    with connected():
        Modem.delete().execute()
    gone = officer.get("/alerts/sendable?parts=5&undo=3&mails=4&calls=1")
    assert 'data-sendable="late"' in gone.text
    assert "5 personnes : 4 reçoivent un e-mail tout de suite, 1 est à appeler." in words(gone)
    drill = officer.get("/alerts/sendable?parts=5&undo=3&drill=yes")
    assert 'data-sendable="no"' in drill.text
    assert "Un exercice vérifie l'arrivée des SMS : il attend un modem." in words(drill)
    assert "heure inconnue" in words(gone)
    assert officer.get("/alerts/sendable?parts=x&undo=-1").status_code == 200


def card(**changes):
    counts = {state.value: 0 for state in PartState} | {"sent": 30, "queued": 12}
    values = {
        "id": 7,
        "kind": "alert",
        "state": "sending",
        "text": "Vol <b>",
        "recipients": 42,
        "counts": counts,
        "taken": counts["sent"],
        "simulated": False,
        "ordered_by": "x",
        "created_at": datetime(2026, 11, 24, 20, 40, tzinfo=UTC),
    }
    return BroadcastCard(**values | changes)


@pytest.mark.parametrize(("kind", "word", "drill"), [("alert", "Alerte", False), ("drill", "Exercice", True)])
def test_what_runs_stands_in_the_header(sign_in, monkeypatch, kind, word, drill):
    officer = sign_in("officer")
    monkeypatch.setattr("console.web.page_header.running", lambda now: [card(kind=kind)])
    page = officer.get("/directory")
    assert f"{word} en cours : 30 SMS sur 42" in words(page)
    assert 'href="/alerts/7"' in page.text
    assert ("plp-running-drill" in page.text) == drill


def test_a_stranger_is_not_told_what_runs(stranger, monkeypatch):
    monkeypatch.setattr("console.web.page_header.running", lambda now: [card()])
    assert "en cours" not in words(stranger.get("/login"))


def test_every_menu_entry_exists(app: Flask):
    endpoints = {entry["endpoint"] for entry in ENTRIES}
    assert endpoints <= set(app.view_functions)


@pytest.mark.parametrize("role", ["officer", "technician", "coordinator"])
def test_the_menu_has_seven_entries_at_most_and_the_rest_is_one_level_down(sign_in, role):
    user = sign_in(role)
    drawer, side = (
        re.findall(r'<li( class="plp-menu-sub")?><a href="([^"]+)"', part) for part in halves(user.get("/"))
    )
    assert drawer == side
    top = [address for below, address in side if not below]
    assert 2 <= len(top) <= 7, " ".join(top)
    numbers = halves(user.get("/directory"))[1]
    assert re.search(r'class="plp-menu-sub"><a href="/duty"', numbers) or role == "coordinator"
    assert "/duty" not in halves(user.get("/account"))[1]


def halves(page):
    """The menu of the drawer and the one at the side."""
    return re.findall(r'<nav [^>]*aria-label="Menu">(.*?)</nav>', page.text, re.DOTALL)


def test_every_icon_in_use_is_in_the_sprite():
    sprite = (VENDOR / "icons.svg").read_text()
    drawn = {entry["icon"] for entry in ENTRIES}
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        drawn |= set(re.findall(r'icon\("([a-z0-9-]+)"', text))
        drawn |= set(re.findall(r'(?:button|go)\([^\n]*?"(?:primary|quiet|live|danger|drill)", "([a-z0-9-]+)"', text))
    assert {name for name in drawn if f'id="{name}"' not in sprite} == set()
    assert set(re.findall(r'id="([^"]+)"', sprite)) == set(ICONS)


def test_every_vendored_file_is_named_with_version_and_licence():
    versions = (VENDOR / "VERSIONS").read_text()
    for path in VENDOR.iterdir():
        assert path.name == "VERSIONS" or path.name in versions
    for package in PACKAGES:
        assert f"{package.name} {package.version} ({package.licence})" in versions


def test_vendored_files_are_those_of_their_packages():
    assert "Tabler v1.6.1" in (VENDOR / "tabler.min.css").read_text()[:300]
    assert 'version="4.0.1"' in (VENDOR / "htmx.min.js").read_text()


def test_every_state_has_words_and_only_delivered_is_green():
    assert set(MESSAGE_STATES) == {state.value for state in PartState}
    assert [state for state, (_, tone) in MESSAGE_STATES.items() if tone == "proven"] == ["delivered"]
    assert not [state for state, (_, tone) in BROADCAST_STATES.items() if tone == "proven"]
    assert KINDS["drill"][1] == "drill"


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("1234 | count", "1\u202f234"),
        ("at | clock", "21:40"),
        ("at | moment", "24 nov. 2026, 21:40"),
        ("at | day", "24 novembre 2026"),
        ("none | clock", "–"),
        ("none | mobile", "–"),
        ("'+32470123456' | mobile", "0470\u00a012\u00a034\u00a056"),
        ("'il manque' | sentence", "Il manque."),
        ("'Prêt !' | sentence", "Prêt !"),
        ("'Une fois : « Partir » ?' | tied", "Une fois\u00a0: «\u00a0Partir\u00a0»\u00a0?"),
    ],
)
def test_how_values_are_written(app, expression, written):
    with app.test_request_context():
        at = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
        assert render_template_string("{{ " + expression + " }}", at=at) == written


def test_an_empty_sentence_stays_empty():
    assert labels.sentence("  ") == ""


def test_a_browser_keeps_the_type_and_asks_for_everything_else(stranger):
    assert "immutable" in stranger.get("/static/vendor/inter-latin.woff2").headers["Cache-Control"]
    assert "immutable" not in stranger.get("/static/plp.css").headers["Cache-Control"]
    assert '<link rel="preload" href="/static/vendor/inter-latin.woff2" as="font"' in stranger.get("/login").text


def test_a_file_of_a_page_is_found_without_the_database(officer, monkeypatch):
    assert officer.get("/static/nothing.css").status_code == 404
    assert "Alertes" in words(officer.get("/static/nothing.css"))
    for way in ("connect", "execute_sql"):
        monkeypatch.setattr(type(database.obj), way, None)
    assert officer.get("/static/plp.css").status_code == 200

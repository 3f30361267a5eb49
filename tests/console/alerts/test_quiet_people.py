"""People in quiet hours: counted and spared, or alerted all the same, at every door; one press turns it."""

import json

import pytest
from click.testing import CliRunner

from db.alerts.templates import templates
from db.engine.connection import connected, writing
from db.journal.audit import since
from db.models.broadcasts import Broadcast, Message
from db.models.people import Member
from plp.cli.main import main
from tests.console.alerts import scene
from tests.console.alerts.scene import draft, people, send
from tests.console.conftest import words
from tests.plp.services.doors import house
from tests.support.people import mobile

__all__ = ["house"]
pytestmark = pytest.mark.slow

QUIET, AWAKE = 2, 3
RUNG = "2 personnes sont alertées malgré leurs heures calmes."
SPARED = "2 personnes ne sont pas alertées (heures calmes)."
LEFT_OUT = "2 personnes non alertées (heures calmes)."


@pytest.fixture
def officer(ready_modem, sign_in):
    ready_modem()
    people()
    pause(range(QUIET))
    return sign_in("officer")


def pause(numbers):
    with connected(), writing():
        Member.update(quiet_until="2099-12-31").where(Member.mobile.in_([mobile(one) for one in numbers])).execute()


def reached():
    with connected():
        return {message.msisdn for message in Message.select()}, Broadcast.get().quiet


def test_an_alert_goes_to_them_too_and_a_press_spares_them(officer):
    page = officer.post("/alerts/confirm", draft())
    assert RUNG in words(page)
    assert "Envoyer à 5 personnes" in words(page)
    spared = officer.post("/alerts/confirm", draft(quiet_now="spare"))
    assert SPARED in words(spared)
    assert "Envoyer à 3 personnes" in words(spared)
    assert 'name="quiet" value="spare"' in spared.text
    assert send(officer, typed=AWAKE, quiet="spare").status_code == 303
    assert reached() == ({mobile(number) for number in (2, 3, 4)}, QUIET)
    for address in ("/alerts/1", "/alerts/1/dossier"):
        assert LEFT_OUT in words(officer.get(address))
    with connected():
        ordered = next(entry for entry in since(Broadcast.get().created_at, ["broadcast_ordered"]))
    assert ordered.detail["quiet"] == QUIET


def test_one_that_spares_nobody_counts_nobody(officer):
    assert send(officer).status_code == 303
    assert (len(reached()[0]), reached()[1]) == (5, 0)
    assert "heures calmes" not in officer.get("/alerts/1").text


def test_a_ready_made_alert_without_danger_to_life_spares_them(officer):
    with connected():
        cards = {card.title: card for card in templates()}
    for title, expected in (("Inondation", RUNG), ("Appel à témoins", SPARED)):
        card = cards[title]
        answers = {f"answer_{field.name}": "rue Haute" for field in card.fields}
        page = officer.post("/alerts/confirm", draft(template=card.id, **answers))
        assert expected in words(page), title
    again = officer.post("/alerts/confirm", draft(template=card.id, quiet_now="ring", **answers))
    assert RUNG in words(again)


def test_where_all_are_quiet_the_page_says_so_and_has_somebody_to_send_to(officer):
    pause(range(5))
    page = officer.post("/alerts/confirm", draft(quiet="spare"))
    assert "Tous les destinataires sont dans leurs heures calmes." in words(page)
    assert "Envoyer à 5 personnes" in words(page)
    assert send(officer, quiet="spare", typed=5).status_code == 409
    assert scene.broadcasts() == 0
    assert send(officer, quiet="ring").status_code == 303


def test_a_drill_spares_them_and_a_press_does_not(officer):
    page = officer.post("/drills/confirm", draft())
    assert SPARED in words(page)
    assert RUNG in words(officer.post("/drills/confirm", draft(quiet_now="ring")))
    assert send(officer, drill="yes").status_code == 303
    assert reached() == ({mobile(number) for number in (2, 3, 4)}, QUIET)
    assert LEFT_OUT in words(officer.get("/drills/1/report"))


@pytest.mark.parametrize(
    ("asked", "spared"),
    [
        ({}, 0),
        ({"quiet": "spare"}, 1),
        ({"priority": "normal"}, 1),
        ({"priority": "normal", "quiet": "ring"}, 0),
        ({"drill": True}, 1),
        ({"drill": True, "quiet": "ring"}, 0),
    ],
)
def test_a_program_and_a_command_say_whether_they_are_spared(house, asked, spared):
    house.crowd(3)
    pause([0])
    shape = house.programs["token"].order(**asked).json
    assert (shape["recipients"], shape["quiet"]) == (3 - spared, spared)
    assert house.programs["token"].get(f"/api/v1/broadcasts/{shape['id']}").json["quiet"] == spared
    options = [f"--{name}" if value is True else f"--{name}={value}" for name, value in asked.items()]
    config = ["--config", str(house.app.config["PLP_SETTINGS"].path), "broadcast"]
    command = [*config, "send", "--all", "--text", "Route barrée rue Haute.", "--json", *options]
    preview = CliRunner().invoke(main, command)
    assert f"heures calmes : 1 ({'pas de' if spared else 'avec'} SMS)" in preview.output
    placed = CliRunner().invoke(main, [*command, "--yes"])
    assert json.loads(placed.stdout)["quiet"] == spared
    shown = CliRunner().invoke(main, [*config, "show", str(json.loads(placed.stdout)["id"])])
    assert ("heures calmes, pas de SMS : 1" in shown.stdout) is bool(spared)


def test_a_program_that_says_something_else_is_refused(house):
    house.crowd(1)
    refused = house.programs["token"].order(quiet="later")
    assert (refused.status_code, refused.json["error"]) == (
        400,
        "Valeur de « quiet » inconnue. Possibles : spare, ring.",
    )


def test_a_planned_drill_spares_them(house):
    house.crowd(3)
    pause([0])
    assert house.taken("job")
    assert reached() == ({mobile(1), mobile(2)}, 1)

"""How sending stands is judged once: every page, the API and the doctor say the same code at the same moment."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Attempt
from db.models.zone import Heartbeat
from db.modems import status
from db.operations.installation import Installation
from modem.doctor import gathering
from modem.doctor.gathering import gather
from modem.doctor.report import diagnose, report_shape
from plp.jobs.alarms.telling import look
from tests.console.alerts import scene
from tests.console.conftest import words

_CODE = re.compile(r'data-judgement="(\w+)"')
PAUSED = "Plusieurs envois refusés de suite : le modem attend, puis essaie un seul message."


@pytest.fixture
def alert(sign_in, ready_modem):
    """An officer's alert of which one SMS left and four wait; its id and the officer."""
    ready_modem()
    scene.people()
    officer = sign_in("officer", "technician")
    number = scene.sent(officer)
    scene.modem_does(["sent"])
    return officer, number


@pytest.fixture
def stand():
    """`stand(a="absent", b="ready")` is what the daemon tells of its modems."""

    def put(**states):
        with connected():
            for name, state in states.items():
                known = {"device": f"/dev/{name}", "state": state, "sentence": PAUSED if state == "paused" else "Ceci."}
                status.save_modem("box", name, known, utc_now())

    return put


def told(page):
    """The codes that a page says, each once."""
    return set(_CODE.findall(page.text))


def doctors(settings, monkeypatch):
    """`plp modem doctor --json` on the machine of this daemon."""
    monkeypatch.setattr(gathering, "bus_verdicts", list)
    house = Installation(settings.path)
    monkeypatch.setattr(house, "settings", lambda: replace(settings, database=replace(settings.database, host="box")))
    facts = gather(house, None)
    return report_shape(facts, diagnose(facts))


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("states", "code"),
    [
        ({"a": "absent", "b": "absent"}, "absent"),
        ({"a": "suspended", "b": "suspended"}, "suspended"),
        ({"a": "paused", "b": "paused"}, "paused"),
        ({"a": "absent", "b": "pin"}, "pin"),
        ({"a": "not_registered"}, "not_registered"),
    ],
)
def test_all_say_the_same_while_an_alert_waits(alert, stand, settings, monkeypatch, states, code):
    officer, number = alert
    stand(**states)
    with connected():
        look(settings, utc_now())
    for page in ("/", "/ready", "/status", "/incidents", "/incidents/live", f"/alerts/{number}"):
        assert told(officer.get(page)) == {code}, page
    live = officer.get(f"/alerts/{number}/live")
    assert told(live) == {code}
    assert "en attente d'un modem" in words(live)
    assert "envoi en cours" not in words(live)
    assert "L'envoi reprendra dès qu'un modem sera prêt." in words(live)
    ready = officer.get("/readyz")
    assert (ready.status_code, ready.json["ready"], ready.json["state"]) == (503, False, code)
    shape = doctors(settings, monkeypatch)
    assert (shape["healthy"], shape["state"], shape["urgent_waits"]) == (False, code, True)


@pytest.mark.sqlite
def test_one_of_two_is_down_and_all_say_so(alert, stand, settings, monkeypatch):
    officer, number = alert
    stand(a="ready", b="absent")
    for page in ("/", "/ready", "/status"):
        shown = officer.get(page)
        assert told(shown) == {"partly"}, page
        assert "Prêt : 1 modem sur 2 (modem b : débranché)." in words(shown)
    assert "envoi en cours" in words(officer.get(f"/alerts/{number}"))
    ready = officer.get("/readyz")
    assert (ready.status_code, ready.json["ready"], ready.json["state"]) == (200, True, "partly")
    shape = doctors(settings, monkeypatch)
    assert (shape["healthy"], shape["state"]) == (False, "partly")


def test_a_daemon_that_was_killed_is_told_after_ten_seconds(alert):
    officer, number = alert
    with connected():
        Heartbeat.update(seen_at=utc_now() - timedelta(seconds=10)).where(Heartbeat.process == "modem").execute()
    assert told(officer.get(f"/alerts/{number}")) == {"no_service"}
    assert officer.get("/readyz").json["state"] == "no_service"


def test_the_other_languages_say_it_too(alert, stand):
    officer, _number = alert
    stand(a="ready", b="absent")
    for language, said in (("nl", "Klaar: 1 van de 2 modems (modem b: niet aangesloten)."), ("de", "Bereit: 1 von 2")):
        assert officer.post("/language", {"language": language, "next": "/"}).status_code == 302
        assert said in words(officer.get("/status"))


@pytest.mark.parametrize(("taken_since", "told_so"), [(False, False), (True, True)])
def test_the_modem_s_page_names_the_last_code_with_its_time(alert, stand, taken_since, told_so):
    officer, _number = alert
    scene.modem_does(["CMS 38", "sent"] if taken_since else ["CMS 38"])
    with connected():
        at = utc_now() - timedelta(hours=5)
        Attempt.update(ended_at=at).where(Attempt.reason == "CMS 38").execute()
        Attempt.update(ended_at=at + timedelta(seconds=30 if taken_since else -30)).where(
            Attempt.outcome == "sent"
        ).execute()
    stand(a="paused")
    for page in ("/modems/box/a", "/modems/box/a/live", "/modems/"):
        shown = words(officer.get(page))
        assert "Dernier refus CMS 38 (panne de réseau ou numéro hors service)," in shown
        assert ("SMS envoyés depuis" in shown) is told_so

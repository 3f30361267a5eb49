"""From a modem's page: its balance, the doctor, and the name that people give it."""

import json
import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from db.models.accounts import Account
from db.modems.commands import answer_to, keep_answer, open_requests, ussd_code
from modem.doctor.checks.facts import Facts, finding
from modem.doctor.report import report_shape
from rules.sentences import coded
from tests.console.conftest import words
from tests.console.modems.conftest import IMSI

FINDING = {
    "severity": "fault",
    "modem": "a",
    "title": "Pas de <réseau>",
    "meaning": "Rien ne part.",
    "advice": "Déplacez-le.",
}


def asked():
    with connected():
        return [request.verb for request in open_requests("box", "a")]


def answered(verb, state, text="", imsi=IMSI, modem="a"):
    with connected():
        requests = open_requests("box", modem)
        keep_answer(next(each for each in requests if each.verb == verb), "box", modem, state, utc_now(), text, imsi)


def post(technician, address, **fields):
    return words(technician.get(technician.post(f"/modems/box/a/{address}", fields).location))


def test_a_modem_of_modemmanagers_offers_neither_a_balance_nor_a_transcript(technician, plug):
    plug(state="ready", lacks="at")
    page = words(technician.get("/modems/box/a"))
    assert "Consulter le crédit" not in page
    assert "relevé AT" not in page
    for verb in ("ussd", "transcript"):
        assert "est celui de ModemManager" in post(technician, verb, code="*123#")
    assert asked() == []


def test_a_balance_is_asked_by_a_code_that_is_remembered(technician, plug):
    plug(state="ready")
    assert "15 secondes au plus" in post(technician, "ussd", code=" *100 *1# ")
    assert asked() == ["ussd"]
    answered("ussd", "done", "Solde : 12,50 €")
    page = technician.get("/modems/box/a").get_data(as_text=True)
    assert "Solde : 12,50 €" in page
    assert 'value="*100*1#"' in page
    with connected():
        assert ussd_code(IMSI) == "*100*1#"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "123",
        "*21*0470000000#",
        "#21#",
        "**04*1234*1234*1234#",
        "*#06#",
        "*33*0000#",
        "*002#",
        '*123#"\rAT',
        "*030#",
    ],
)
def test_codes_that_set_something_are_refused(technician, plug, code):
    plug(state="ready")
    assert "ne sont pas acceptés" in post(technician, "ussd", code=code)
    assert asked() == []


@pytest.mark.parametrize("state", ["pin", "not_registered"])
def test_a_modem_without_a_network_is_not_asked(technician, plug, state):
    plug(state=state, pin_tries=3)
    assert "Consulter le crédit" not in words(technician.get("/modems/box/a"))
    assert "Action impossible" in post(technician, "ussd", code="*123#")
    assert asked() == []


@pytest.mark.parametrize("state", ["refused", "silent", "not_ready"])
def test_what_was_not_answered_is_said(technician, plug, state):
    plug(state="ready")
    assert "Code envoyé" in post(technician, "ussd", code="*123#")
    answered("ussd", state)
    expected = {"refused": "refusé par", "silent": "pas de réponse", "not_ready": "n'était pas prêt"}
    assert expected[state] in words(technician.get("/modems/box/a"))


def test_the_doctor_is_asked_about_one_modem_and_about_all(technician, plug):
    plug(state="not_registered")
    assert "Diagnostic en cours" in post(technician, "doctor")
    answered("doctor", "done", json.dumps({"healthy": False, "findings": [FINDING]}), imsi="")
    page = technician.get("/modems/box/a").get_data(as_text=True)
    assert "Pas de &lt;réseau&gt;" in page
    assert "1 constat" in words(technician.get("/modems/box/a"))
    assert "Aucun diagnostic" in words(technician.get("/modems/doctor"))
    technician.post("/modems/doctor", {})
    with connected():
        assert [(asked.modem, asked.verb) for asked in open_requests("box")] == [("", "doctor")]
    assert "Diagnostic en cours" in words(technician.get("/modems/doctor"))
    answered("doctor", "done", json.dumps({"healthy": True, "findings": []}), imsi="", modem="")
    assert "Aucun problème trouvé" in words(technician.get("/modems/doctor"))
    technician.post("/modems/doctor", {})
    answered("doctor", "silent", imsi="", modem="")
    assert "Le diagnostic a échoué" in words(technician.get("/modems/doctor"))
    with connected():
        assert answer_to("box", "", "doctor")


def test_a_finding_is_read_in_the_reader_s_language(technician, plug):
    plug(state="faulty")
    post(technician, "doctor")
    found = finding("held_ModemManager", "a", port="/dev/ttyUSB2", holder="ModemManager (pid 8)")
    suspended = finding("sim_suspended", "a", more=(coded("last_code", refusal="CMS 21"),))
    shape = report_shape(Facts(), [found, suspended], stored=True)
    answered("doctor", "done", json.dumps(shape), imsi="")
    assert "/dev/ttyUSB2 est utilisé par ModemManager (pid 8)" in words(technician.get("/modems/box/a"))
    with connected():
        Account.update(language="de").execute()
    page = words(technician.get("/modems/box/a"))
    assert "/dev/ttyUSB2 ist belegt durch ModemManager (pid 8)" in page
    assert "Letzter Code: CMS 21." in page
    assert "„Wieder in Betrieb nehmen“" in page
    assert "est tenu" not in page


def test_a_diagnosis_of_before_is_not_shown_of_a_modem_that_is_ready_again(technician, plug):
    plug(state="no_sim")
    post(technician, "doctor")
    answered("doctor", "done", json.dumps({"healthy": False, "findings": [FINDING]}), imsi="")
    assert "Rien ne part." in words(technician.get("/modems/box/a"))
    plug(state="ready")
    page = words(technician.get("/modems/box/a"))
    assert "n'est plus actuel" in page
    assert "Rien ne part." not in page


@pytest.mark.parametrize("ends", [True, False], ids=["the service", "the modem"])
def test_a_modem_that_fails_after_it_was_examined_has_a_problem(technician, plug, silence, ends):
    plug(state="ready")
    post(technician, "doctor")
    answered("doctor", "done", json.dumps({"healthy": True, "findings": []}), imsi="")
    assert "Aucun problème trouvé." in words(technician.get("/modems/box/a"))
    silence() if ends else plug(state="absent")
    page = words(technician.get("/modems/box/a"))
    assert "Aucun problème trouvé." not in page
    assert "L'état du modem a changé depuis le diagnostic" in page


def test_the_page_is_new_when_the_state_is_another(technician, plug):
    """Seen in a trial: the form for a PIN stood there after the card had taken it."""
    plug(state="pin", pin_tries=3)
    live = re.search(r'hx-get="(/modems/box/a/live[^"]*)"', technician.get("/modems/box/a").text)[1]
    assert "HX-Refresh" not in technician.get(live).headers
    plug(state="pin", pin_tries=2)  # found_14: the card has refused it, and no other one will be tried
    assert technician.get(live).headers["HX-Refresh"] == "true"
    plug(state="ready")
    assert technician.get(live).headers["HX-Refresh"] == "true"


def test_a_modem_gets_a_name_that_pages_show_beside_its_own(technician, plug):
    plug(state="ready")
    plug(state="ready", name="b")
    assert "Nom enregistré" in post(technician, "label", label="  Toit   nord ")
    assert "Modem Toit nord" in words(technician.get("/modems/box/a"))
    assert "Modem Toit nord a" in words(technician.get("/modems/"))
    answer = technician.post("/modems/box/b/label", {"label": "Toit nord"})
    assert "porte déjà le nom" in words(technician.get(answer.location))
    post(technician, "label", label="")
    assert "Modem a" in words(technician.get("/modems/box/a"))
    with connected():
        told = [(each.action, each.subject, each.detail) for each in entries() if each.action == "modem_renamed"]
    assert ("modem_renamed", "box/a", {"label": "Toit nord"}) in told


def test_officers_see_no_balance_and_no_diagnosis(sign_in, plug, technician):
    plug(state="ready")
    post(technician, "ussd", code="*100#")
    answered("ussd", "done", "Solde : 12,50 €")
    officer = sign_in("officer")
    assert "Solde" not in words(officer.get("/modems/box/a"))
    assert officer.post("/modems/box/a/ussd", {"code": "*100#"}).status_code == 403

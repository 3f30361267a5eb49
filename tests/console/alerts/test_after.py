"""After an alert: figures of a year that agree with its page, a report that names it, and nothing of an undone end."""

import re

import pypdfium2
from bs4 import BeautifulSoup

from db.engine.clock import utc_now
from tests.console.alerts.scene import PEOPLE, burglary, mails_are, modem_does, reported, sent
from tests.support.four_states import Four, in_statistics


def year(officer):
    """The words of the year's report."""
    answer = officer.get(f"/partnership/account/{utc_now().year}.pdf?language=fr")
    pages = pypdfium2.PdfDocument(answer.data)
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pages)


def delay(officer):
    """What the page of figures tells of the last SMS, for the whole year."""
    page = BeautifulSoup(officer.get("/statistics").text, "html.parser")
    return page.select_one(".figures-table").select("tbody tr")[-1].select("data")[1]["value"]


def test_the_figures_of_the_year_are_those_of_the_alert_and_tell_no_last_sms_while_people_wait(officer, mail):
    number = sent(officer)
    modem_does(["sent"] * 3)
    reported(number, 2)
    assert in_statistics(officer.get("/statistics").text) == Four(2, 1, 3, 0)
    assert delay(officer) == "", "three wait"
    modem_does(["sent"] * 2)
    mails_are("accepted", mail)
    assert in_statistics(officer.get("/statistics").text) == Four(3, 3, 0, 0)
    assert float(delay(officer)) > 0


def test_the_report_names_kind_place_and_every_road(officer, mail):
    number = burglary(officer, "rue Haute")
    reported(number, PEOPLE)
    mails_are("accepted", mail)
    told = year(officer)
    assert re.search(r"Cambriolage en cours · rue Haute 6 6 \(5 SMS, 1 e-mail\)", told), told


def test_an_alert_with_a_question_is_no_survey(officer):
    sent(officer, text="Vol rue Haute. Vu quelque chose? Répondez 1=oui, 2=non.")
    modem_does(["sent"] * PEOPLE)
    assert "Aucune question n'a été posée par SMS." in year(officer)

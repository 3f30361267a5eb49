"""One count by all roads wherever an alert is shown: map, figures, table by neighbourhood, list of people and calls."""

import html
import re

import pytest

from db.alerts.incidents.left_out import people_left_out
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Part
from db.models.mail import Mail
from db.models.people import Member
from db.models.zone import Modem
from tests.console.alerts.scene import FAR, NEAR, PEOPLE, mails_are, modem_does, reported, sent
from tests.console.conftest import words
from tests.support.four_states import Four, from_afar, on_home, on_map
from tests.support.people import person

# One without a mobile: one mail; the others are called.
EVERYBODY = PEOPLE + 1
ALL_TOLD = Four(EVERYBODY, 0, 0, 0)


@pytest.fixture
def without_modem(officer, mail):
    """An alert that no SMS told: one was mailed, the others were called."""
    with connected():
        Modem.delete().execute()
    number = sent(officer, no_sms="yes")
    mails_are("accepted", mail)
    with connected():
        called = [one.member_id for one in people_left_out(number) if not one.way]
    for member in called:
        officer.post(f"/alerts/{number}/called", {"member": member})
    return number


def test_who_was_mailed_or_called_is_missing_on_no_map_and_in_no_figure(officer, without_modem):
    for address in (f"/alerts/{without_modem}", "/", "/wall"):
        page = officer.get(address)
        assert on_map(page.text) == (EVERYBODY, EVERYBODY), address
        for tone in ("arrival-waiting", "arrival-partly", "arrival-missing", "plp-far-otherwise", "plp-badge-failed"):
            assert tone not in page.text, (address, tone)
    assert from_afar(officer.get("/wall").text) == [ALL_TOLD]
    assert [*on_home(officer.get("/").text).values()] == [ALL_TOLD]
    assert f"{EVERYBODY} reçus sur {EVERYBODY} (1 e-mail, {PEOPLE} appels)" in words(
        officer.get(f"/alerts/{without_modem}")
    )
    officer.post(f"/alerts/{without_modem}/cancel")
    account = words(officer.get(f"/alerts/{without_modem}/dossier"))
    assert f"{NEAR} 4 4 0 0 0" in account
    assert f"{FAR} 2 2 0 0 0" in account
    assert "plp-far-otherwise" not in officer.get(f"/alerts/{without_modem}").text


def test_a_neighbourhood_whose_people_without_a_mobile_were_not_told_is_not_green(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    for address in (f"/alerts/{number}", "/", "/wall"):
        page = officer.get(address)
        assert "1 à prévenir autrement" in words(page) or from_afar(page.text) == [Four(0, 5, 0, 1)], address
        assert "0 / 4" in words(page), address
        assert "arrival-partly" in page.text, address


def test_a_map_that_was_shown_changes_with_the_counts_and_with_the_reader(officer, sign_in):
    number = sent(officer)
    modem_does(["sent", "sent"])
    assert "0 / 4" in words(officer.get("/wall"))
    reported(number, 3)
    assert "2 / 4" in words(officer.get("/wall"))
    colleague = sign_in("admin")
    colleague.post("/language", {"language": "nl"})
    for address in ("/wall", f"/alerts/{number}"):
        for client, spoken in ((officer, "en attente"), (colleague, "in de wachtrij")):
            assert spoken in words(client.get(address)), (address, spoken)
    assert f"/alerts/{number}/people?place=" not in officer.get("/wall").text


def test_who_joins_without_a_mobile_counts_on_pages_that_were_shown_before(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    addresses = ("/", "/alerts/", f"/alerts/{number}")
    for address in addresses:
        assert "1 à prévenir autrement" in words(officer.get(address)), address
    with connected():
        person(11, utc_now(), FAR, mobile="", email="nom11@example.org")
    for address in addresses:
        assert "2 à prévenir autrement" in words(officer.get(address)), address


def test_the_people_of_an_alert_are_those_of_every_road(officer, without_modem):
    page = officer.get(f"/alerts/{without_modem}/people")
    assert f"toutes {EVERYBODY}" in words(page)
    assert page.text.count('<th scope="row">') == EVERYBODY
    assert words(page).count("appel par Test officer") == PEOPLE
    for told, number in (("received", EVERYBODY), ("sent", 0), ("waiting", 0), ("otherwise", 0)):
        some = officer.get(f"/alerts/{without_modem}/people?told={told}")
        assert some.text.count('<th scope="row">') == number, told


def test_nobody_without_a_number_is_to_be_called(officer):
    number = sent(officer)
    with connected():
        Member.update(email="").where(Member.last_name == "Nom009").execute()
    page = officer.get(f"/alerts/{number}")
    assert "1 personne sans aucun numéro connu." in words(page)
    assert "à appeler" not in words(page)
    assert "Noter comme appelé" not in words(page)


def test_a_mail_that_waits_is_not_said_to_have_gone(officer, mail):
    number = sent(officer)
    mails_are("queued", mail)
    assert "E-mails envoyés : 0 sur 1." in words(officer.get(f"/alerts/{number}"))
    mails_are("accepted", mail)
    assert "1 e-mail à la place." in words(officer.get(f"/alerts/{number}"))


def test_call_sheets_leave_out_those_whose_mail_is_on_its_way(officer, mail):
    with connected():
        Modem.delete().execute()
        Member.update(email="nom0@example.org").where(Member.last_name == "Nom000").execute()
    number = sent(officer, no_sms="yes")
    mails_are("queued", mail)
    with connected():
        assert Mail.select().count() == 2
        to_call = [one for one in people_left_out(number, utc_now()) if one.by_phone]
    assert len(to_call) == PEOPLE - 1
    sheets = words(officer.get(f"/plan-b/alert/{number}"))
    assert f"{NEAR} (2 personnes à appeler)" in sheets
    assert f"{FAR} (2 personnes à appeler)" in sheets


def test_sms_to_people_already_told_are_cancelled_only_after_their_number_was_confirmed(officer, without_modem):
    page, number = officer.get(f"/alerts/{without_modem}"), without_modem
    assert f"Pas de SMS aux {PEOPLE} personnes déjà alertées…" in words(page)
    assert page.text.rindex('name="member"') < page.text.index("personnes déjà alertées…"), "no row moves below it"
    confirm = officer.get(f"/alerts/{number}/skip")
    assert f"Ne pas envoyer {PEOPLE} SMS ?" in words(confirm)
    with connected():
        assert Part.select().where(Part.state == "cancelled").count() == 0
    officer.post(f"/alerts/{number}/skip")
    after = officer.get(f"/alerts/{number}")
    with connected():
        assert Part.select().where(Part.state == "cancelled").count() == PEOPLE
    assert f"SMS annulés aux personnes déjà alertées {PEOPLE} SMS, par Test officer" in words(after)
    assert "personnes déjà alertées…" not in words(after)
    assert officer.get(f"/alerts/{number}/skip").status_code == 303
    assert on_map(after.text) == (EVERYBODY, EVERYBODY)
    assert "plp-far-otherwise" not in after.text


def test_the_call_list_keeps_its_rows_while_sms_leave(officer, mail, ready_modem):
    with connected():
        Modem.delete().execute()
    number = sent(officer, no_sms="yes")
    modem_does([])  # its undo seconds are over
    page = officer.get(f"/alerts/{number}")
    before = re.findall(r'name="member" value="(\d+)"', page.text)
    assert len(before) == PEOPLE
    asking = html.unescape(re.search(r'hx-get="(/alerts/\d+/live[^"]*)"', page.text)[1])
    ready_modem()
    modem_does(["sent", "sent"])
    live = officer.get(asking)
    badge = 'plp-badge-proven">SMS envoyé<'
    assert live.text.count(badge) == 2
    assert "3 personnes à appeler." in words(live)
    names = re.compile(r"<li><span><strong>([^<]*)")
    assert names.findall(live.text) == names.findall(page.text)
    reloaded = officer.get(f"/alerts/{number}")
    assert badge not in reloaded.text
    assert len(names.findall(reloaded.text)) == len(before) - 2 + 1  # and one who is mailed

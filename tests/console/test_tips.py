"""Signalements: from a member's message to a report with its outcome and one answer; an alert and its reports."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from base.settings.values import MailSettings
from db.alerts.templates import outcome_words
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.answers import owed_replies
from db.inbound.replies.leaving import apply_stop
from db.inbound.tips import TipDraft, tip, tips_about
from db.mail.enqueue import send_as
from db.models.mail import Mail
from db.models.tips import Tip
from modem.sms.alphabet import forcing
from plp.jobs.imap.replying import send_replies
from plp.services.people.care import restrict_member
from plp.services.texts import with_emergency
from plp.services.tips import decide, make_tip, save_tip
from rules.languages import LANGUAGES
from rules.refusals import Overtaken
from tests.console.conftest import words
from tests.console.inbox_scene import address, comes, mail, sent, standing
from tests.plp.jobs.answering import SETTINGS
from tests.support.crawler import PAYLOADS, Visit
from tests.support.inbox import text
from tests.support.people import mobile, order, person, ready_modem

MAIL = MailSettings(sender="plp@example.org")
THANKS = "Merci pour votre signalement: il a été utile à une intervention de la police. Urgence: 101."


@pytest.fixture
def member():
    with connected():
        return person(1, utc_now() - timedelta(days=1))


@pytest.fixture
def reported(officer, member):
    """The tip that an officer made of a member's text by one press."""
    ref = comes(mobile(1), "Deux hommes regardent dans les voitures")
    page = officer.post(f"/tips/from/sms/{ref.id}", {}, page=address(ref), follow_redirects=True)
    assert "Signalement créé." in words(page)
    with connected():
        return Tip.get().id


def decides(officer, tip_id, outcome, **fields):
    page = f"/tips?tip={tip_id}"
    return words(
        officer.post(f"/tips/{tip_id}/outcome", {"outcome": outcome} | fields, page=page, follow_redirects=True)
    )


def shown(tip_id):
    with connected():
        return tip(tip_id)


def test_a_message_becomes_a_tip_by_one_press_and_its_outcome_is_answered_once(officer, reported):
    card = shown(reported)
    assert (card.teller, card.told_by, card.neighbourhood) == ("Prénom1 Nom001", "member", "Plainevaux")
    assert not standing(card.ref).is_open
    page = words(officer.get(f"/tips?tip={reported}"))
    assert THANKS in page
    assert "Deux hommes regardent" in page
    assert "réponse en cours d'envoi" in decides(officer, reported, "intervention", seen="", answer="yes")
    decides(officer, reported, "intervention", seen="", answer="yes")
    assert sent() == [(mobile(1), THANKS)]
    assert shown(reported).outcome == "intervention"
    again = words(officer.get(address(card.ref)))
    assert "Voir le signalement utile à une intervention" in again
    assert "Créer un signalement" not in again


def test_the_second_of_two_officers_reads_what_the_first_decided(officer, reported):
    with connected():
        decide(reported, "known", "", True, MAIL, "Bert", utc_now())
        with pytest.raises(Overtaken):
            decide(reported, "intervention", "", True, MAIL, "Anne", utc_now())
    assert "Bert a déjà indiqué une suite." in decides(officer, reported, "nothing", seen="", answer="yes")
    assert len(sent()) == 1


def test_a_crash_between_outcome_and_answer_leaves_neither(officer, reported, monkeypatch):
    def crash(*_args, **_values):
        raise RuntimeError("power")

    with connected(), monkeypatch.context() as patch:
        patch.setattr("plp.services.tips.answer_once", crash)
        with pytest.raises(RuntimeError):
            decide(reported, "known", "", True, MAIL, "Anne", utc_now())
        assert tip(reported).outcome == ""
    decides(officer, reported, "known", seen="", answer="yes")
    assert len(sent()) == 1


def test_who_wrote_by_mail_is_answered_by_mail_in_the_words_of_the_zone(officer, sign_in, app):
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=MAIL)
    send_as(MAIL)
    with connected():
        person(2, utc_now(), email="luc@example.org", language="nl")
    ref = mail("luc@example.org", "Iemand belt aan")
    admin = sign_in("admin")
    admin.post("/ready-made/outcomes", {"known_nl": "Dank u, de politie wist het."}, page="/ready-made")
    officer.post(f"/tips/from/mail/{ref.id}", {}, page=address(ref))
    with connected():
        made = Tip.get().id
    assert "Dank u, de politie wist het." in words(officer.get(f"/tips?tip={made}"))
    decides(officer, made, "known", seen="", answer="yes")
    with connected():
        send_replies(replace(SETTINGS, mail=MAIL), utc_now())
        assert ["Dank u, de politie wist het." in row.text for row in Mail.select()] == [True]
    send_as(None)


def test_an_answer_of_more_than_one_sms_is_refused(sign_in):
    admin = sign_in("admin")
    page = admin.post("/ready-made/outcomes", {"known_fr": "x" * 161}, page="/ready-made")
    assert "dépasse un SMS" in words(page)


def test_not_for_the_partnership_points_to_the_station(officer, reported):
    decides(officer, reported, "elsewhere", seen="", answer="yes")
    with connected():
        assert [owed.kind for owed in owed_replies()] == ["station"]


@pytest.mark.parametrize("leaves", ["STOP", "restricted"])
def test_who_wants_no_messages_gets_none(officer, member, leaves):
    ref = comes(mobile(1), "Une voiture sans plaque")
    with connected():
        if leaves == "STOP":
            apply_stop(mobile(1), utc_now(), utc_now(), utc_now())
        else:
            restrict_member(member, "anne", utc_now())
        made = make_tip(ref, "anne", utc_now())
        card = tip(made)
        assert (card.teller == "") is (leaves == "restricted")
    page = decides(officer, made, "known", seen="", answer="yes")
    assert "Suite enregistrée." in page
    assert sent() == []


def called(**changes):
    now = utc_now().astimezone() - timedelta(minutes=5)
    fields = {"day": f"{now:%Y-%m-%d}", "hour": f"{now:%H:%M}", "told_by": "other", "nonce": "n" * 20}
    return fields | changes


def test_a_call_is_written_down_once_and_never_with_a_name(officer, member):
    page = officer.post("/tips/save", called(words="Jean Dupont rôde rue Haute."), page="/tips")
    assert page.status_code == 400
    assert "« Jean Dupont » désigne une personne : à supprimer" in words(page)
    typed = called(words="Un homme rôde rue Haute.", contact="0470 00 00 01", pv="LI.12.L1.001234/2026")
    for _press in range(2):
        page = officer.post("/tips/save", typed, page="/tips", follow_redirects=True)
    assert "Prénom1 Nom001 (membre)" in words(page)
    with connected():
        (row,) = Tip.select()
        assert (row.told_by, row.neighbourhood.name, row.words) == ("member", "Plainevaux", "Un homme rôde rue Haute.")
    officer.post("/tips/save", called(tip=row.id, street="rue Haute", told_by="member"), page=f"/tips?tip={row.id}")
    assert (shown(row.id).street, shown(row.id).teller) == ("rue Haute", "Prénom1 Nom001")
    officer.post(f"/tips/{row.id}/teller", {}, page=f"/tips?tip={row.id}")
    assert (shown(row.id).teller, shown(row.id).told_by) == ("", "member")


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact": "0470 99 99 99"},
        {"contact": "personne"},
        {"pv": "1-ABC-123"},
        {"street": "1-ABC-123"},
        {"kind": "999"},
        {"neighbourhood": "999"},
        {"told_by": "president"},
        {"day": "2099-01-01"},
        {"day": "hier"},
        {"words": "x" * 501},
    ],
)
def test_a_wrong_field_is_said_and_the_rest_is_kept(officer, wrong):
    page = officer.post("/tips/save", called(**{"words": "Porte forcée", **wrong}), page="/tips")
    assert page.status_code == 400
    assert "plp-notice-failed" in page.text
    if "words" not in wrong:
        assert "Porte forcée" in page.text
    with connected():
        assert Tip.select().count() == 0


def test_an_alert_shows_its_tips_once_an_officer_confirmed_them(officer, sign_in, member):
    with connected():
        ready_modem("a", utc_now())
        alert = order(utc_now() - timedelta(minutes=20)).id
    refs = [comes(mobile(1), "Vu"), comes("+32470000099", "Vu aussi")]
    with connected():
        first, _stranger = (make_tip(ref, "anne", utc_now()) for ref in refs)
        decide(first, "inquiry", "", False, MAIL, "anne", utc_now())
    page = words(officer.get(f"/alerts/{alert}"))
    assert "ces signalements concernent-ils cette alerte ?" in page
    assert "Vu aussi" in page  # what they wrote, for the officer to judge by
    assert "2 signalements" not in page
    officer.post(f"/tips/alert/{alert}", {"tip": [first, _stranger]}, page=f"/alerts/{alert}")
    told = "2 signalements en 20 min, 1 utile"
    for role in ("officer", "admin", "auditor"):
        browser = officer if role == "officer" else sign_in(role)
        assert told in words(browser.get(f"/alerts/{alert}")), role
        assert told in words(browser.get(f"/alerts/{alert}/dossier")), role
    assert "signalement" not in words(sign_in("technician").get(f"/alerts/{alert}"))
    officer.post(f"/tips/{first}/untie", {}, page=f"/tips?tip={first}")
    with connected():
        assert [card.id for card in tips_about(alert)] == [_stranger]


def test_the_feedback_begins_with_what_came_of_them(officer, member):
    with connected():
        alert = order(utc_now()).id
        made, other = (make_tip(ref, "anne", utc_now()) for ref in (comes_now(), comes("+32470000098", "Vu ailleurs")))
        for tip in (made, other):
            decide(tip, "inquiry", "", False, MAIL, "anne", utc_now())
    assert "utile à une enquête" not in officer.get(f"/bulletins/new?alert={alert}").text, "tied to no alert"
    officer.post(f"/tips/alert/{alert}", {"tip": [made]}, page=f"/alerts/{alert}")
    page = officer.get(f"/bulletins/new?alert={alert}").text
    assert "**Suite donnée aux signalements**" in page
    assert "- utile à une enquête : 1" in page.replace("\u00a0", " ").replace("\u202f", " ")


def comes_now():
    return text(utc_now(), mobile(1), "Vu")


def test_a_tip_without_an_outcome_for_two_weeks_is_a_task(officer):
    ref = comes("+32470000099", "Vu", ago=timedelta(days=20))
    with connected():
        made = make_tip(ref, "anne", utc_now() - timedelta(days=14))
    assert "1 signalement en attente d'une suite depuis 14 jours." in words(officer.get("/"))
    decides(officer, made, "nothing", seen="")
    assert "signalement en attente" not in words(officer.get("/"))


def test_the_list_shows_what_was_told(officer):
    with connected():
        make_tip(comes("+32470000099", "Une vitre brisée."), "anne", utc_now())
    assert "Une vitre brisée." in words(officer.get("/tips"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_one_sms_with_the_emergency_number(language, app):
    with connected():
        for outcome, answer in outcome_words()[language].items():
            assert forcing(answer) == (), outcome
            assert "101" in with_emergency(answer, language), outcome


def test_the_list_is_filtered(officer, reported):
    assert "Prénom1 Nom001" in words(officer.get("/tips"))
    assert "Aucun signalement." in words(officer.get("/tips?standing=late"))
    assert "Aucun signalement." in words(officer.get("/tips?standing=known"))
    assert officer.get("/tips?tip=999").status_code == 404


def test_the_person_s_rights_and_the_register_name_them(sign_in, officer, reported, member):
    admin = sign_in("admin")
    assert "Signalements de cette personne" in words(admin.get(f"/members/{member}/rights"))
    assert "Signalements enregistrés : 1." in words(admin.get("/members/register"))


@pytest.mark.slow
def test_no_hostile_input_breaks_a_page_of_tips(sign_in, officer, reported):
    mail("luc@example.org", PAYLOADS["markup"], subject=PAYLOADS["attribute"])
    with connected():
        alert = order(utc_now()).id
        hostile = save_tip(None, TipDraft(utc_now(), "other", words=PAYLOADS["markup"]), "", "fr", "n", "a", utc_now())
    visit, dice = Visit(sign_in("officer", "admin")), Random(28)
    pages = (
        f"/tips?tip={reported}",
        f"/tips?tip={hostile}",
        f"/alerts/{alert}",
        f"/alerts/{alert}/dossier",
        "/inbox/mail/1",
    )
    visit.walk(("/tips?standing=all", *pages, "/ready-made"), most=8)
    forms = [form for form in visit.forms.values() if "tips" in form.action or form.action.endswith("/outcomes")]
    assert len(forms) >= 6
    for form in forms:
        for payload in dice.sample([*PAYLOADS.values()], 4):
            visit.attack(form, payload, dice)
    for path in pages:
        visit.ask("GET", path)
    assert visit.wrong == []

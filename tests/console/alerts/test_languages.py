"""A text for each language of the people chosen, from the form to the phone."""

import re

import pytest

from db.alerts.incidents.left_out import people_left_out
from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.people import Member
from db.models.zone import AuditEntry
from db.people.zone import Policy
from plp.letters.rendering import STARTS
from plp.services.accounts.rights import add_account
from plp.services.texts import save_wordings
from plp.services.zone import save_policy
from rules.orders.warning import Wording
from tests.console.alerts.scene import FAR, NEAR, TEXT, broadcasts, draft, follow_up, modem_does, send, sent
from tests.console.conftest import PASSWORD, Browser, words

DUTCH = "Diefstal Stationsstraat, 21.40 u. Blijf binnen, bel 101."


@pytest.fixture
def mixed(officer):
    """Of the five, one near reads Dutch, one far German."""
    with connected():
        Member.update(language="nl").where(Member.mobile == "+32470000001").execute()
        Member.update(language="de").where(Member.mobile == "+32470000004").execute()
    return officer


def bodies():
    with connected():
        return {row.language: row.body for row in BroadcastText.select()}


def test_the_languages_are_counted_and_what_is_missing_is_said(mixed):
    page = words(mixed.post("/alerts/measure", draft()))
    assert "3 FR, 1 NL, 1 DE" in page
    assert "1 personne lit en néerlandais, 1 personne lit en allemand" in page
    assert "Envoyer en français à tous" in page
    near = words(mixed.post("/alerts/measure", draft(audience="some", neighbourhood=[NEAR])))
    assert "2 FR, 1 NL" in near
    assert "allemand" not in near


def test_a_missing_text_blocks_before_the_confirm_page_and_before_sending(mixed):
    page = mixed.post("/alerts/confirm", draft())
    assert page.status_code == 400
    assert "ce texte manque" in words(page)
    assert TEXT in page.text
    assert 'name="one_language" value="yes"' in page.text
    assert send(mixed).status_code == 400
    assert broadcasts() == 0


def test_one_press_sends_french_to_all_and_the_audit_keeps_it(mixed):
    page = mixed.post("/alerts/confirm", draft(one_language="yes", text_nl=DUTCH))
    assert page.status_code == 200
    assert DUTCH not in page.text.split("alert-screen")[1].split("</figure>")[0]
    sent(mixed, one_language="yes", text_nl=DUTCH)
    assert bodies() == {"fr": TEXT}
    with connected():
        detail = AuditEntry.get(AuditEntry.action == "broadcast_ordered").detail
    assert '"one_language": true' in detail


def test_each_gets_their_own_text_and_the_confirm_page_shows_them_all(mixed):
    form = draft(text_nl=DUTCH, text_de="Diebstahl am Bahnhof, 21.40 Uhr. Bleiben Sie im Haus.")
    page = words(mixed.post("/alerts/confirm", form))
    assert "Nederlands · 1 personne" in page
    assert DUTCH in page
    assert "5 SMS au total" in page
    sent(mixed, **form)
    assert set(bodies()) == {"fr", "nl", "de"}


def test_a_text_that_nobody_chosen_reads_stays_here(mixed):
    form = draft(text_nl=DUTCH, text_en="Theft.", audience="some", neighbourhood=[NEAR])
    assert "English" not in words(mixed.post("/alerts/confirm", form)).split("Tapez")[0].split("Aperçu du SMS")[1]
    sent(mixed, typed="3", **form)
    assert set(bodies()) == {"fr", "nl"}


def test_the_zone_may_ask_for_less(mixed):
    with connected():
        save_wordings([Wording("nl", "", "", False), Wording("de", "", "", False)], "test", utc_now())
    assert mixed.post("/alerts/confirm", draft()).status_code == 200
    sent(mixed)
    assert bodies() == {"fr": TEXT}


def test_a_longer_translation_is_counted_for_its_readers_alone(mixed):
    form = draft(text_nl=DUTCH * 4, audience="some", neighbourhood=[NEAR])
    page = words(mixed.post("/alerts/confirm", form))
    assert "2 SMS par personne 4 SMS au total" in page


def test_replacing_reaches_every_text(mixed):
    page = mixed.post("/alerts/new", draft(text="Forêt", text_nl="Eén reële dader", do="replace"))
    assert "Foret</textarea>" in page.text
    assert "Eén reele dader</textarea>" in page.text


def test_another_translation_is_another_alert(mixed):
    form = {"audience": "some", "neighbourhood": [NEAR], "typed": "3"}
    first = sent(mixed, text_nl=DUTCH, **form)
    assert sent(mixed, text_nl=DUTCH, **form) == first
    assert sent(mixed, text_nl="Anders.", **form) != first
    with connected():
        assert Broadcast.select().count() == 2


def test_the_far_ones_alone_need_no_dutch(mixed):
    assert "néerlandais" not in words(mixed.post("/alerts/measure", draft(audience="some", neighbourhood=[FAR])))


def test_a_text_in_dutch_alone_is_not_taken_for_french(officer):
    with connected():
        Member.update(language="nl").where(Member.mobile << ["+32470000003", "+32470000004"]).execute()
    number = sent(officer, typed=2, audience="some", neighbourhood=FAR, text_nl=DUTCH)
    assert bodies() == {"nl": DUTCH}
    page = officer.get(f"/alerts/new?from={number}").text
    assert re.search(r'<textarea[^>]* id="text"[^>]*>([^<]*)', page)[1].strip() == ""
    assert DUTCH in page
    page = officer.get(f"/drills/new?from={number}").text
    assert re.search(r'<textarea[^>]* id="text"[^>]*>([^<]*)', page)[1].strip() == ""
    assert re.search(r'<textarea[^>]* name="text_nl"[^>]*>([^<]*)', page)[1].strip() == DUTCH


GERMAN = "Diebstahl am Bahnhof, 21.40 Uhr. Bleiben Sie im Haus."


def everybody_has_it(officer, number):
    """By SMS, or called."""
    modem_does(["sent"] * 5)
    with connected():
        (landline,) = people_left_out(number)
    officer.post(f"/alerts/{number}/called", {"member": landline.member_id})


def test_a_correction_speaks_to_each_in_the_language_of_what_they_got(mixed):
    number = sent(mixed, text_nl=DUTCH, text_de=GERMAN)
    everybody_has_it(mixed, number)
    page = mixed.get(f"/alerts/{number}/follow-up?kind=correction")
    for words_first in ("CORRECTION. Ne tenez", "RECHTZETTING. Hou geen", "BERICHTIGUNG. Beachten"):
        assert words_first in words(page)
    assert "END OF" not in words(page)
    form = {"nonce": "a-nonce-of-a-correction", "kind": "correction", "text": "Rien."}
    answer = mixed.post(f"/alerts/{number}/follow-up", {**form, "text_nl": "RECHTZETTING. Niets.", "text_de": "  "})
    assert answer.status_code == 303
    corrected = int(answer.location.rsplit("/", 1)[1])
    with connected():
        rows = BroadcastText.select().where(BroadcastText.broadcast == corrected)
        assert {row.language: row.body for row in rows} == {
            "fr": "Police Seraing/Neupré: CORRECTION. Rien.",
            "nl": "Politie Seraing/Neupré: RECHTZETTING. Niets.",
        }
        german = Message.get(Message.broadcast == corrected, Message.msisdn == "+32470000004")
        assert german.text.language == "fr"


def test_a_translation_that_was_left_as_proposed_is_asked_about_once(mixed):
    number = sent(mixed, text_nl=DUTCH, text_de=GERMAN)
    everybody_has_it(mixed, number)
    proposed = {"text_nl": STARTS["nl"]["correction"], "text_de": "Es ist nichts."}
    page = mixed.get(f"/alerts/{number}/follow-up?kind=correction")
    form = follow_up(page, "C'était rue Haute.", **proposed)
    asked = mixed.post(f"/alerts/{number}/follow-up", form)
    assert asked.status_code == 409
    assert "Vous avez modifié un texte, mais pas celui-ci : néerlandais." in words(asked)
    assert 'name="kept" value="nl"' in asked.text
    assert mixed.post(f"/alerts/{number}/follow-up", {**form, "kept": "nl"}).status_code == 303


def test_what_is_proposed_in_every_language_goes_out_at_once(mixed):
    number = sent(mixed, text_nl=DUTCH, text_de=GERMAN)
    modem_does(["sent"] * 5)
    end = {language: words["end"] for language, words in STARTS.items()}
    others = {"text_nl": end["nl"], "text_de": end["de"]}
    form = {"nonce": "a-nonce-of-an-end-here", "kind": "end", "text": end["fr"], **others}
    assert mixed.post(f"/alerts/{number}/follow-up", form).status_code == 303


def test_a_correction_passes_the_guard_too(officer):
    number = sent(officer)
    modem_does(["sent"] * 5)
    form = {"nonce": "a-nonce-of-a-correction", "kind": "end", "text": "FIN. La Golf 1-ABC-123 est retrouvée."}
    told = officer.post(f"/alerts/{number}/follow-up", form)
    assert told.status_code == 400
    assert "1-ABC-123" in words(told)
    assert officer.post(f"/alerts/{number}/follow-up", {**form, "guarded": "yes"}).status_code == 303


def test_a_correction_may_say_that_it_was_a_drill(officer):
    number = sent(officer)
    modem_does(["sent"] * 5)
    form = {"nonce": "a-nonce-of-a-correction", "kind": "correction", "text": "CORRECTION. C'était un exercice."}
    assert officer.post(f"/alerts/{number}/follow-up", form).status_code == 303


def test_who_confirms_and_who_approves_reads_what_is_said_to_a_quarter_of_another_language(mixed, app):
    with connected():
        Member.update(language="nl").execute()
        add_account("Benoît", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(approval="second"), "test", utc_now())
        card = next(card for card in templates() if card.title == "Inondation")
    answers = {f"answer_{field.name}": "rue Haute" for field in card.fields}
    shown = words(mixed.post("/alerts/confirm", draft(template=card.id, **answers)))
    french = "Pour vous, non envoyé · français Police Seraing/Neupré: Inondation"
    assert "Nederlands · 5 personnes" in shown
    assert french in shown
    answer = send(mixed, template=card.id, **answers)
    other = Browser(app.test_client())
    other.post("/login", {"name": "Benoît", "password": PASSWORD})
    assert french in words(other.get(f"{answer.location}/approve"))
    with connected():
        Member.update(language="fr").execute()
    assert "non envoyé ·" not in words(mixed.post("/alerts/confirm", draft(template=card.id, **answers)))

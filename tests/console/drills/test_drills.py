"""A drill has its own pages and its own confirmation, and never leaves as an alert; an alert never as a drill."""

import re

import pytest

from db.alerts.templates import templates
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Member
from db.people.zone import Policy
from plp.services.drills import add_to_drill_group
from plp.services.zone import save_policy
from rules.states import PartState, Stage
from tests.console.alerts.scene import FAR, modem_does, people
from tests.console.conftest import words
from tests.console.hostile import TEXTS, check
from tests.support.people import mobile
from tests.support.sampling import sampled

TEXT = "Essai du vendredi."


def draft(**changes):
    return {"text": TEXT, "audience": "group", "nonce": "a-nonce-of-this-form", **changes}


@pytest.fixture
def officer(ready_modem, sign_in):
    """An officer; two of five people are the drill group."""
    ready_modem()
    people()
    with connected():
        for number in (1, 3):
            member = number + 1
            add_to_drill_group("member", member, "test", utc_now())
    return sign_in("officer")


def rows():
    with connected():
        return list(Broadcast.select())


def test_the_group_is_the_default_and_the_words_are_put_in(officer):
    form = officer.get("/drills/new")
    assert 'value="group" required checked' in form.text
    assert "2 personnes : Prénom1 Nom001, Prénom3 Nom003" in words(form)
    page = officer.post("/drills/confirm", draft())
    assert f"EXERCICE. {TEXT} EXERCICE." in words(page)
    assert "2 personnes le groupe d'exercice" in words(page)
    assert "alert-drill" in page.text
    assert 'class="plp-button plp-button-live' not in page.text


def test_what_was_launched_is_shown_and_never_said_not_to_have_gone(officer):
    first = officer.post("/drills/send", draft(typed="EXERCICE"))
    again = officer.post("/drills/send", draft(typed=""))
    assert (again.status_code, again.location) == (303, first.location)
    assert len(rows()) == 1


@pytest.mark.parametrize("typed", ["", "2", "5", "exercise", "EXERCICES"])
def test_without_the_word_nothing_goes_out(officer, typed):
    answer = officer.post("/drills/send", draft(typed=typed))
    assert answer.status_code == 400
    assert "Aucun SMS n'a été envoyé" in words(answer)
    assert TEXT in answer.text
    assert rows() == []


def test_with_the_word_it_goes_to_the_group_as_a_drill(officer):
    first = officer.post("/drills/send", draft(typed=" exercice "))
    assert (first.status_code, first.location) == (303, officer.post("/drills/send", draft(typed="EXERCICE")).location)
    [row] = rows()
    assert (row.kind, row.recipients) == ("drill", 2)
    with connected():
        assert {message.msisdn for message in Message.select()} == {mobile(1), mobile(3)}
        assert BroadcastText.get().body == f"EXERCICE. {TEXT} EXERCICE."
    page = officer.get(first.location)
    assert "alert-drill" in page.text
    assert "· le groupe d'exercice" in words(page)


def test_neighbourhoods_ring_more_people_and_it_is_said(officer):
    page = words(officer.post("/drills/confirm", draft(audience="some", neighbourhood=FAR)))
    assert f"2 personnes {FAR}" in page
    with connected():
        save_policy(Policy(), "test", utc_now())
    assert officer.post("/drills/send", draft(audience="some", typed="EXERCICE")).status_code == 400
    assert rows() == []


def test_an_empty_group_says_what_to_do(ready_modem, sign_in):
    ready_modem()
    people()
    officer = sign_in("officer")
    answer = officer.post("/drills/confirm", draft())
    assert answer.status_code == 400
    assert "groupe d'exercice est vide" in words(answer)
    form = officer.get("/drills/new")
    assert not re.search(r'name="audience"[^>]* checked', form.text)
    assert re.search(r'value="group"[^>]* disabled', form.text)
    assert (
        "Demandez à un administrateur de composer le groupe (« Paramètres »). Entre-temps, choisissez un quartier"
        in words(form)
    )
    assert "Choisissez les destinataires de l'exercice." in words(form)
    nobody = officer.post("/drills/confirm", {"text": TEXT, "nonce": "a-nonce-of-this-form"})
    assert "Choisissez les destinataires" in words(nobody)


def test_a_neighbourhood_that_reads_dutch_gets_its_drill_in_dutch(officer):
    with connected():
        Member.update(language="nl").where(Member.mobile == mobile(3)).execute()
    drill = {"audience": "some", "neighbourhood": FAR, "typed": "EXERCICE"}
    for path in ("/drills/confirm", "/drills/send"):
        refused = officer.post(path, draft(**drill))
        assert refused.status_code == 400
        assert "1 personne lit en néerlandais et ce texte manque" in words(refused)
        assert 'formaction="/drills/new"' in refused.text
        assert "Envoyer en français à tous" in words(refused)
    assert rows() == []
    drill |= {"text_nl": "Test van vrijdag."}
    page = officer.post("/drills/confirm", draft(**drill))
    assert "OEFENING. Test van vrijdag. OEFENING." in words(page)
    assert 'name="text_nl" value="Test van vrijdag."' in page.text
    sent = officer.post("/drills/send", draft(**drill)).location
    with connected():
        bodies = {text.language: text.body for text in BroadcastText.select()}
    assert bodies == {"fr": f"EXERCICE. {TEXT} EXERCICE.", "nl": "OEFENING. Test van vrijdag. OEFENING."}
    again = officer.get(f"/drills/new?from={sent.rsplit('/', 1)[1]}").text
    assert ">\nTest van vrijdag.</textarea>" in again


def test_one_language_for_all_is_said_and_carried(officer):
    with connected():
        Member.update(language="nl").execute()
    form = draft(one_language="yes", text_nl="Test van vrijdag.")
    assert "Tous recevront le texte français." in words(officer.post("/drills/new", form))
    assert 'name="one_language"' in officer.post("/drills/confirm", form).text
    officer.post("/drills/send", form | {"typed": "EXERCICE"})
    with connected():
        assert [text.language for text in BroadcastText.select()] == ["fr"]


def test_the_live_count_is_of_each_language_with_its_words(officer):
    counted = words(officer.post("/drills/measure", draft(text_nl="Test van vrijdag.")))
    assert "2 personnes" in counted
    assert f"{len(f'EXERCICE. {TEXT} EXERCICE.')} caractères" in counted
    assert f"{len('OEFENING. Test van vrijdag. OEFENING.')} caractères" in counted


def test_a_form_of_a_drill_cannot_send_an_alert(officer):
    """The number of people is an alert's confirmation, the word a drill's: neither opens the other's door."""
    assert officer.post("/alerts/send", {**draft(audience="all"), "typed": "EXERCICE"}).status_code == 400
    assert officer.post("/drills/send", {**draft(audience="all"), "typed": "5"}).status_code == 400
    assert rows() == []


def test_the_report_is_timed_and_names_who_missed_it(officer):
    sent = officer.post("/drills/send", draft(typed="EXERCICE")).location
    broadcast = sent.rsplit("/", 1)[1]
    assert "Non reçu ou incertain" in words(officer.get(f"/drills/{broadcast}/report"))
    modem_does(["sent", "CMS 1"])
    page = words(officer.get(f"/drills/{broadcast}/report"))
    assert re.search(r"5\d s premier SMS envoyé", page)  # a minute from the press, less the undo seconds
    assert "Prénom3 Nom003 refusé numéro inexistant" in page
    assert "0/2 SMS reçus (accusé de réception)" in page
    assert "Dernier exercice il y a moins d'un jour" in words(officer.get("/drills"))
    assert "Rapport de l'exercice" in words(officer.get(sent))


def test_who_has_no_mobile_is_not_among_those_who_got_it(officer):
    drill = draft(audience="all", typed="EXERCICE")
    assert "1 sans GSM" in words(officer.get("/drills/new"))
    assert "1 sans GSM" in words(officer.post("/drills/confirm", drill))
    broadcast = officer.post("/drills/send", drill).location.rsplit("/", 1)[1]
    with connected():
        # Counted when it was ordered: what changes later does not change the report.
        Member.update(mobile="+32470009999").where(Member.mobile.is_null()).execute()
        Part.update(state=PartState.DELIVERED).execute()
    page = words(officer.get(f"/drills/{broadcast}/report"))
    assert "Tous les destinataires l'ont reçu." in page
    assert "1 personne sans GSM : pas de SMS." in page
    group = officer.post("/drills/send", draft(text="Deuxième essai.", typed="EXERCICE")).location.rsplit("/", 1)[1]
    assert "sans GSM" not in words(officer.get(f"/drills/{group}/report"))


def test_what_is_no_drill_has_no_report(officer):
    assert officer.get("/drills/4711/report").status_code == 404
    drill = officer.post("/drills/send", draft(typed="EXERCICE")).location.rsplit("/", 1)[1]
    assert officer.get(f"/drills/{drill}/report").status_code == 200
    with connected():
        Broadcast.update(kind="alert").execute()
    assert officer.get(f"/drills/{drill}/report").status_code == 404


def test_a_drill_that_was_stopped_is_taken_up_again_as_a_drill(officer):
    sent = officer.post("/drills/send", draft(typed="EXERCICE")).location
    officer.post(f"{sent}/cancel")
    assert rows()[0].stage is Stage.CANCELLED
    again = f"/drills/new?from={rows()[0].id}"
    assert f'href="{again}"' in officer.get(sent).text
    form = officer.get(again).text
    assert f">\n{TEXT}</textarea>" in form


@pytest.mark.parametrize("path", ["/drills/confirm", "/drills/send"])
def test_a_drill_that_says_that_it_is_real_does_not_go_out(officer, path):
    with connected():
        Member.update(language="nl").where(Member.mobile == mobile(3)).execute()  # its text is missing as well
    form = {**draft(text="Ceci n'est pas un exercice."), "typed": "EXERCICE"}
    page = officer.post(path, form)
    assert page.status_code == 400
    assert "Exercice présenté comme réel" in words(page)
    with connected():
        assert Broadcast.select().count() == 0


def test_what_a_drill_should_not_say_is_told(officer):
    assert "1-ABC-123" in words(officer.post("/drills/confirm", draft(text="Golf 1-ABC-123 rue Haute, 21h40.")))


def test_a_ready_made_drill_is_written_here(officer):
    with connected():
        number = next(card.id for card in templates() if card.kind == "drill")
    page = officer.follow(officer.get(f"/alerts/new?template={number}"))
    assert "Essai du réseau d'alerte de votre quartier." in words(page)
    assert officer.get("/drills/new?template=99999").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(TEXTS, 3))
def test_hostile_text_stays_text(officer, kind):
    text = TEXTS[kind].encode("utf-8", "surrogatepass")
    for field in ("text", "typed", "neighbourhood", "audience", "nonce", "reason", "alone_because", "near"):
        for path in ("/drills/new", "/drills/send", "/alerts/confirm"):
            check(officer.post(path, draft(**{field: text})))

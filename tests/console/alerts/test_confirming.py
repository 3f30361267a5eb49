"""Confirm and send: everything said before, sent once, never by accident."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from console.alerts.writing import confirming
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.models.broadcasts import Broadcast, Message
from db.models.people import Consent
from db.models.zone import AuditEntry, Heartbeat, Modem
from tests.console.alerts.scene import FAR, NEAR, PEOPLE, TEXT, broadcasts, draft, modem_does, send, sent
from tests.console.conftest import words
from tests.support.four_states import Four, on_home


def test_the_page_says_whom_when_and_how_much(officer):
    page = words(officer.post("/alerts/confirm", draft()))
    assert TEXT in page
    assert "5 personnes tous les quartiers : Plainevaux → Bois de l'Abbé 1 sans GSM" in page
    assert "dernier SMS vers" in page
    assert "1 SMS par personne 5 SMS au total · 1 modem" in page
    assert "Envoyer à 5 personnes" in page
    assert broadcasts() == 0


def test_the_text_is_shown_as_it_will_arrive(officer):
    page = officer.post("/drills/confirm", draft(text="  Test\t\r\nfin\u200b  "))
    assert "EXERCICE. Test \nfin EXERCICE." in page.text


def test_neighbourhoods_in_the_order_of_sending(officer):
    page = words(officer.post("/alerts/confirm", draft(audience="some", neighbourhood=[FAR, NEAR])))
    assert f"{FAR} → {NEAR}" in page


def test_enter_in_the_number_presses_the_red_button(officer):
    form = officer.post("/alerts/confirm", draft()).text.split('class="alert-send"')[1]
    first_button = form[form.index("<button") :].split(">")[0]
    # The one that Enter presses, without a name of its own, as the red one of the bar.
    assert "plp-unseen" in first_button
    assert "name=" not in first_button
    assert "disabled" not in first_button
    bar = form.split('class="alert-next"')[1]
    red_button = bar[bar.index("<button") :].split(">")[0]
    assert 'form="alert-send"' in red_button
    assert "plp-button-live" in red_button
    assert "name=" not in red_button
    assert "disabled" not in red_button
    # a phone would scroll the text away that is to be read first
    assert "autofocus" not in form


def test_sending_leads_to_the_alert(officer):
    answer = send(officer)
    assert answer.status_code == 303
    with connected():
        row = Broadcast.get()
        assert (row.kind, row.recipients, row.ordered_by) == ("alert", PEOPLE, "Test officer")
        assert row.release_at - row.created_at == timedelta(seconds=10)
        assert Message.select().count() == PEOPLE
        assert AuditEntry.select().where(AuditEntry.action == "broadcast_ordered").count() == 1


@pytest.mark.parametrize("typed", ["", "4", "50", "cinq", "-5", "5.0", "²", "5" * 40, "\u0665"])
def test_a_wrong_number_sends_nothing(officer, typed):
    answer = send(officer, typed=typed)
    assert answer.status_code == 400
    assert "Aucun SMS n'a été envoyé" in words(answer)
    assert TEXT in answer.text
    assert broadcasts() == 0


def test_the_number_as_it_is_written_on_the_page_is_right(officer):
    assert send(officer, typed=" 5\u202f ").status_code == 303


def test_the_same_form_twice_sends_once(officer):
    assert send(officer).location == send(officer).location
    assert broadcasts() == 1


def at_once(app, officer, forms):
    """The status of each form, all posted in the same session at the same moment."""
    token, answers = officer.token(), []
    cookie = officer.client.get_cookie("plp").value

    def press(form: dict[str, object]) -> None:
        client = app.test_client()
        client.set_cookie("plp", cookie)
        answers.append(client.post("/alerts/send", data={"csrf_token": token, **form}).status_code)

    presses = [threading.Thread(target=press, args=(form,)) for form in forms]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    return answers


def test_a_double_click_at_the_same_moment_sends_once(app, officer):
    assert at_once(app, officer, [draft(typed=str(PEOPLE))] * 4) == [303] * 4
    assert broadcasts() == 1


def test_two_tabs_at_the_same_moment_send_once(app, officer):
    answers = at_once(app, officer, [draft(typed=str(PEOPLE), nonce=f"a-nonce-of-tab-{tab}") for tab in range(4)])
    assert broadcasts() == 1
    assert sorted(answers) == [303, 409, 409, 409]


def test_two_tabs_send_once_unless_meant(officer):
    assert send(officer).status_code == 303
    second = send(officer, nonce="a-nonce-of-another-tab")
    assert second.status_code == 409
    assert "). Confirmez pour l'envoyer une deuxième fois" in words(second)
    assert 'name="again"' in second.text
    assert broadcasts() == 1
    assert send(officer, nonce="a-nonce-of-another-tab", again="yes").status_code == 303
    assert broadcasts() == 2


def test_what_went_out_is_shown_though_the_people_have_changed(officer):
    first = sent(officer)
    modem_does(["sent"] * PEOPLE)
    with connected(), writing():
        Consent.update(given=False).where(Consent.channel == "sms", Consent.member == 1).execute()
    again = send(officer)
    assert (again.status_code, again.location) == (303, f"/alerts/{first}")


def test_the_confirm_page_says_how_far_the_same_text_is(officer):
    number = sent(officer)
    other = draft(nonce="a-nonce-of-another-tab")
    assert "Le même texte, rédigé à" in words(officer.post("/alerts/confirm", other))
    modem_does(["sent"] * 2)
    officer.post(f"/alerts/{number}/cancel")
    assert "Le même texte a déjà été envoyé à" in words(officer.post("/alerts/confirm", other))
    assert "Le même texte a été envoyé en partie aux mêmes personnes il y a" in words(
        send(officer, nonce="a-nonce-of-another-tab")
    )


def test_back_and_another_text_is_another_alert(officer):
    first = sent(officer)
    assert sent(officer, text="Fin de l'alerte.") != first


def test_the_page_warns_of_the_same_text(officer):
    sent(officer)
    assert "Le même texte, rédigé à" in words(officer.post("/alerts/confirm", draft()))


def test_over_the_ceiling_a_reason_is_asked(officer, app):
    app.config["PLP_SETTINGS"] = app.config["PLP_SETTINGS"].__class__(
        **{
            **{name: getattr(app.config["PLP_SETTINGS"], name) for name in ("path", "folder", "zone", "database")},
            "sending": app.config["PLP_SETTINGS"].sending.__class__(hourly_ceiling=3),
        }
    )
    looked_at = officer.post("/alerts/confirm", draft())  # before number and code are asked
    assert "Avec cet envoi : 5 messages en une heure ; plafond : 3." in words(looked_at)
    assert 'name="reason"' in looked_at.text
    refused = send(officer)
    assert refused.status_code == 409
    assert 'name="reason"' in refused.text
    assert broadcasts() == 0
    assert send(officer, reason="Évacuation en cours").status_code == 303
    with connected():
        assert Broadcast.get().override_reason == "Évacuation en cours"


@pytest.mark.parametrize("gone", [Modem, Heartbeat])
def test_without_a_modem_an_alert_is_taken_once_the_page_said_so(officer, gone):
    with connected():
        gone.delete().execute()
    refused = send(officer)
    assert refused.status_code == 409, "the page on which this was pressed said that modems were ready"
    assert TEXT in refused.text
    assert broadcasts() == 0
    assert (
        "Aucun modem n'est prêt : aucun SMS n'est envoyé maintenant. 6 personnes : 5 sont à appeler, 1 sans aucun"
        in words(refused)
    )
    assert "Aucun e-mail : l'envoi d'e-mails n'est pas configuré." in words(refused)
    assert 'name="no_sms" value="yes"' in refused.text
    assert "Lancer l'alerte, SMS dès que possible" in words(refused)
    assert send(officer, no_sms="yes").status_code == 303
    assert broadcasts() == 1
    page = words(officer.get("/alerts/1"))
    assert "0 reçu sur 6 · 0 envoyé, sans accusé · 5 en attente · 1 à prévenir autrement" in page
    assert "SMS dès qu'un modem est prêt" in page, "the seconds to undo promise nothing else"
    assert [*on_home(officer.get("/").text).values()] == [Four(0, 0, 5, 1)]


def test_without_a_modem_no_drill_is_taken(officer):
    with connected():
        Modem.delete().execute()
    page = officer.post("/drills/confirm", draft())
    assert "Pas prêt : aucun modem n'est branché. Prévenez le technicien." in words(page)
    assert 'data-sendable="no"' in page.text  # the style takes the button away


@pytest.mark.parametrize(("hour", "rings"), [(2, True), (12, False), (21, True)])
def test_at_night_the_phones_that_will_ring(officer, monkeypatch, hour, rings):
    monkeypatch.setattr(confirming, "utc_now", lambda: datetime(2026, 11, 24, hour, 12, tzinfo=UTC))
    said = f"Il est {hour + 1:02}:12 : 5 téléphones sonneront." in words(officer.post("/alerts/confirm", draft()))
    assert said is rings


def test_a_drill_looks_and_reads_like_one(officer):
    page = officer.post("/drills/confirm", draft())
    assert "Lancer l'exercice : 5 personnes" in words(page)
    assert 'class="alert-drill"' in page.text
    assert "plp-button-live" not in page.text
    number = sent(officer, drill="yes")
    with connected():
        assert Broadcast.get_by_id(number).kind == "drill"


def test_an_audience_of_nobody_is_refused(officer):
    page = officer.post("/alerts/confirm", draft(audience="some"))
    assert page.status_code == 400
    assert "Choisissez les destinataires de l'alerte" in words(page)


def test_an_ended_session_keeps_the_text(officer, stranger):
    answer = stranger.client.post("/alerts/confirm", data=draft())
    assert answer.status_code == 400
    assert TEXT in answer.text


def test_without_a_token_nothing_is_sent(officer):
    assert officer.client.post("/alerts/send", data=draft(typed="5")).status_code == 400
    assert broadcasts() == 0


def test_the_address_alone_leads_to_the_form(officer):
    for path in ("/alerts/confirm", "/alerts/send"):
        assert officer.follow(officer.get(path)).status_code == 200


def test_now_is_asked_of_the_clock(officer):
    before = utc_now()
    sent(officer)
    with connected():
        assert before <= Broadcast.get().created_at <= utc_now()


def test_the_map_shows_whom_it_will_reach(officer):
    page = officer.post("/alerts/confirm", draft(audience="some", neighbourhood=[NEAR])).text
    tiles = page.partition('class="alert-aimed"')[2].partition("</section>")[0]
    assert NEAR in tiles
    assert '<strong class="plp-number">3</strong>' in tiles
    assert "Bois de l" not in tiles

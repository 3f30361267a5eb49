"""Follow, stop, send again, look back: honest counts, and the way back on the same spot."""

import html
import re
from datetime import timedelta

import pytest

from console.i18n.labels import reason_words
from console.people.reached import BAR_UNITS, reach_segments
from db.alerts.incidents.reach import reach
from db.alerts.progress.progress import progress
from db.alerts.queue.recovery import recover
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast, Message, Part
from db.models.people import Neighbourhood
from db.models.zone import Modem
from db.operations.incidents import close_incident, open_incident
from plp.services.people.neighbourhoods import save_outline
from rules.sentences import coded
from tests.console.alerts.scene import NEAR, PEOPLE, TEXT, modem_does, sent
from tests.console.conftest import words
from tests.support.four_states import Four, from_afar, in_sentences

SQUARE = [(5.50, 50.50), (5.52, 50.50), (5.52, 50.52), (5.50, 50.52)]


def polls(answer):
    return "hx-trigger" in answer.text.split('id="live"')[1].split(">")[0]


def test_while_it_can_be_undone(officer):
    number = sent(officer)
    page = officer.get(f"/alerts/{number}")
    assert "Envoi dans 10 secondes" in words(page)
    assert in_sentences(page.text) == [Four(0, 0, 5, 1)]
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert polls(page)
    assert " style=" not in page.text


def test_undone_nothing_leaves_and_the_text_can_be_taken_up(officer):
    number = sent(officer)
    answer = officer.post(f"/alerts/{number}/cancel")
    assert answer.status_code == 303
    page = officer.get(answer.location)
    assert "Aucun SMS n'a été envoyé." in words(page)
    assert f"/alerts/new?from={number}" in page.text
    assert not polls(officer.get(f"/alerts/{number}/live"))


def test_honest_counts_in_words(officer):
    number = sent(officer)
    modem_does(["sent", "sent", "CMS 1", "unconfirmed"])
    page = officer.get(f"/alerts/{number}")
    assert in_sentences(page.text) == [Four(0, 2, 1, 3)]
    assert "SMS peut-être reçu par : Prénom3 Nom003" in words(page)
    assert "numéro inexistant (CMS 1)" in words(officer.get(f"/alerts/{number}/people"))
    assert "Arrêter l'envoi" in words(page)


def test_a_sim_whose_texts_are_never_reported_on(officer, now):
    """Said on the page of each alert that it took a message of, for as long as the incident lasts."""
    number = sent(officer)
    modem_does(["sent", "sent"])
    values = {"since": "24/11 à 21:40", "texts": 9, "modem": "a", "imsi": "0001"}
    said = "SMS acceptés par l'opérateur, mais aucun accusé depuis le 24/11 à 21:40 (9 SMS"
    with connected():
        imsi = Message.get(Message.imsi.is_null(False)).imsi
        open_incident("filtered", imsi, coded("filtered", **values).stored, now)
    assert said in words(officer.get(f"/alerts/{number}"))
    assert said in words(officer.get(f"/alerts/{number}/live"))
    with connected():
        close_incident("filtered", imsi, now)
        open_incident("filtered", "another", coded("filtered", **values).stored, now)
    assert said not in words(officer.get(f"/alerts/{number}"))


def test_stopped_in_the_middle(officer):
    number = sent(officer)
    modem_does(["sent", "sent"])
    officer.post(f"/alerts/{number}/cancel")
    page = officer.get(f"/alerts/{number}")
    assert "Envoi arrêté : 3 SMS non envoyés." in words(page)
    assert in_sentences(page.text) == [Four(0, 2, 0, 4)]
    assert "Aucun SMS n'a été envoyé." not in words(page)
    assert "Envoyer aux non atteints (3)…" in words(page)
    asked = officer.get(f"/alerts/{number}/resend?state=cancelled")
    assert "Envoi arrêté avant ces personnes : aucun message, ou un message incomplet" in words(asked)
    assert "Envoyer à 3 personnes" in words(asked)
    officer.post(f"/alerts/{number}/resend", {"state": "cancelled"})
    assert in_sentences(officer.get(f"/alerts/{number}").text) == [Four(0, 2, 3, 1)]


def test_stopping_what_is_over_says_so(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    officer.post(f"/alerts/{number}/cancel")
    assert "aucun SMS en attente, rien n'a été arrêté" in words(officer.get(f"/alerts/{number}"))


def test_the_poll_ends_when_nothing_can_change(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    assert polls(officer.get(f"/alerts/{number}/live"))
    with connected():
        Broadcast.update(deadline_at=utc_now() - timedelta(seconds=1)).execute()
    live = officer.get(f"/alerts/{number}/live")
    assert not polls(live)
    assert "refresh" not in officer.get(f"/alerts/{number}").text.split("</head>")[0]


def test_filtering_by_state(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 27", "sent", "sent", "sent"])
    some = officer.get(f"/alerts/{number}/people?state=failed")
    assert some.text.count("<tr id=") == 1
    assert "téléphone hors service" in words(some)
    assert officer.get(f"/alerts/{number}/people").text.count("<tr id=") == PEOPLE + 1  # one without a mobile
    assert officer.get(f"/alerts/{number}/people?state=expired").text.count("<tr id=") == 0
    for odd in ("state=<b>", "state=nothing", "page=-1", "page=99999999999", "page=2", "place=x"):
        assert officer.get(f"/alerts/{number}/people?{odd}").text.count("<tr id=") == PEOPLE + 1


def test_filtering_by_neighbourhood(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 27", "sent", "sent", "sent"])
    with connected():
        near = Neighbourhood.get(Neighbourhood.name == NEAR).id
    address = f"/alerts/{number}/people?place={near}"
    assert officer.get(address).text.count("<tr id=") == 4
    assert officer.get(f"{address}&state=failed").text.count("<tr id=") == 1
    assert f'href="{address}"' in officer.get(f"/alerts/{number}").text, "from the map"


def test_people_come_in_pages(officer, monkeypatch):
    monkeypatch.setattr("console.alerts.following.following.PER_PAGE", 2)
    number = sent(officer)
    assert officer.get(f"/alerts/{number}/people").text.count("<tr id=") == 2
    last = officer.get(f"/alerts/{number}/people?page=3")
    assert last.text.count("<tr id=") == 2
    assert "Page 3 sur 3" in words(last)


def test_only_the_refused_again(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 27", "unconfirmed", "sent", "sent"])
    page = officer.get(f"/alerts/{number}/resend?state=failed")
    assert "Renvoyer à 1 personne" in words(page)
    assert "Prénom1 Nom001" in words(page)
    assert officer.post(f"/alerts/{number}/resend", {"state": "failed"}).status_code == 303
    assert in_sentences(officer.get(f"/alerts/{number}").text) == [Four(0, 3, 1, 2)]
    officer.post(f"/alerts/{number}/resend", {"state": "failed"})
    with connected():
        assert Part.select().where(Part.state == "queued").count() == 1


def test_the_unconfirmed_again_with_the_risk_said(officer):
    number = sent(officer)
    modem_does(["unconfirmed", "sent", "sent", "sent", "sent"])
    page = officer.get(f"/alerts/{number}/resend?state=unconfirmed")
    assert "SMS peut-être déjà reçu par cette personne : elle risque de le recevoir deux fois" in words(page)
    officer.post(f"/alerts/{number}/resend", {"state": "unconfirmed"})
    assert in_sentences(officer.get(f"/alerts/{number}").text) == [Four(0, 4, 1, 1)]


def test_resending_to_nobody_leads_back(officer):
    number = sent(officer)
    answer = officer.get(f"/alerts/{number}/resend?state=failed")
    assert answer.status_code == 303
    assert officer.get(f"/alerts/{number}/resend?state=everything").status_code == 400
    assert officer.get(f"/alerts/{number}/resend").status_code == 400


@pytest.mark.parametrize(("decision", "said"), [("release", "envoi imminent"), ("expire", "6 à prévenir autrement")])
def test_held_work_waits_for_a_person(officer, decision, said):
    number = sent(officer)
    with connected():
        recover(utc_now() + timedelta(hours=2), timedelta(minutes=30))
    assert "attend votre décision" in words(officer.get(f"/alerts/{number}"))
    officer.post(f"/alerts/{number}/{decision}")
    assert said in words(officer.get(f"/alerts/{number}"))
    officer.post(f"/alerts/{number}/{decision}")
    assert "n'est pas bloqué" in words(officer.get(f"/alerts/{number}"))


def test_readers_see_and_touch_nothing(officer, sign_in):
    number = sent(officer)
    technician = sign_in("technician")
    page = technician.get(f"/alerts/{number}")
    assert "<button" not in page.text.split("<main")[1]
    people = technician.get(f"/alerts/{number}/people")
    assert "+324•••••00" in words(people)
    for answer in (page, people):
        assert "0470" not in answer.text.split("<main")[1].replace("0470…", "")
    assert technician.post(f"/alerts/{number}/cancel").status_code == 403
    assert "0470" in sign_in("admin").get(f"/alerts/{number}/people").text


def test_history(officer):
    assert "Aucune alerte" in words(officer.get("/alerts/"))
    number = sent(officer)
    modem_does(["sent", "CMS 1"])
    page = words(officer.get("/alerts/"))
    assert TEXT in page
    assert in_sentences(officer.get("/alerts/").text) == [Four(0, 1, 3, 2)]
    assert f'href="/alerts/{number}"' in officer.get("/alerts/").text


@pytest.mark.parametrize("path", ["/alerts/999", "/alerts/999/live", f"/alerts/{10**30}"])
def test_what_does_not_exist(officer, path):
    assert officer.get(path).status_code == 404


def test_the_bar_is_always_exactly_full(officer):
    number = sent(officer)
    modem_does(["sent", "CMS 1", "unconfirmed"])
    with connected():
        segments = reach_segments(reach(progress(number, utc_now()), utc_now()))
    assert [segment.state for segment in segments] == ["sent", "waiting", "otherwise"]
    assert sum(segment.width for segment in segments) == BAR_UNITS
    assert [segment.start for segment in segments[1:]] == [before.start + before.width for before in segments[:-1]]


def test_an_unknown_code_is_still_told_in_words(app):
    with app.test_request_context():
        assert reason_words("CMS 77") == "refusé par le réseau"
        assert reason_words("") == ""


def test_a_pause_is_time_to_think(officer):
    number = sent(officer)
    modem_does(["sent"])
    assert "Mettre l'envoi en pause" in words(officer.get(f"/alerts/{number}"))
    page = officer.get(officer.post(f"/alerts/{number}/pause").location)
    assert "En pause : 4 en attente Aucun SMS n'est envoyé avant la reprise." in words(page)
    assert words(page).index("Reprendre l'envoi") < words(page).index("Arrêter l'envoi")
    status = officer.get("/status")
    assert "En pause : 4 en attente" in words(status)
    assert f'href="/alerts/{number}"' in status.text
    home = words(officer.get("/"))
    assert "4 SMS en attente : envoi en pause" in home
    assert "Aucun SMS en attente" not in home
    assert "Alerte en cours" not in home
    page = officer.get(officer.post(f"/alerts/{number}/resume").location)
    assert "Mettre l'envoi en pause" in words(page)
    page = officer.get(officer.post(f"/alerts/{number}/resume").location)
    assert "Mettre l'envoi en pause" in words(page)
    assert "n'est pas en pause" not in words(page)  # « Envoyer maintenant » as the undo seconds ended: it is so


def test_a_message_cut_in_the_middle_is_put_before_the_officer(officer):
    number = sent(officer, text=TEXT * 3)
    modem_does(["sent"])
    with connected():
        Modem.update(state="absent").execute()
        Part.update(changed_at=utc_now() - timedelta(minutes=6)).execute()
    page = officer.get(f"/alerts/{number}")
    assert "Message incomplet pour 1 personne" in words(page)
    assert f"/alerts/{number}/resend?state=incomplete" in page.text
    asked = officer.get(f"/alerts/{number}/resend?state=incomplete")
    assert "Message incomplet pour cette personne : la carte SIM" in words(asked)
    done = officer.post(f"/alerts/{number}/resend", {"state": "incomplete"})
    assert "Renvoyé à 1 personne." in words(officer.get(done.location))
    assert "Message incomplet pour ces personnes : la carte SIM" not in words(officer.get(f"/alerts/{number}"))


def test_nobody_moves_in_the_list_while_somebody_reads_it(officer):
    number = sent(officer)
    before = re.findall(r'<tr id="(message-\d+)"', officer.get(f"/alerts/{number}/people").text)
    modem_does(["sent", "CMS 1", "unconfirmed"])
    assert re.findall(r'<tr id="(message-\d+)"', officer.get(f"/alerts/{number}/people").text) == before
    assert len(before) == PEOPLE


def test_who_got_no_sms_is_to_be_called_and_the_phone_tree_is_there(officer):
    page = officer.get(f"/alerts/{sent(officer)}")
    assert "1 personne sans GSM : pas de SMS." in words(page)
    modem_does(["sent", "CMS 1", "sent", "sent", "sent"])
    page = officer.get("/alerts/1")
    assert from_afar(page.text) == [Four(0, 4, 0, 2)]
    names = officer.get("/alerts/1/people?told=otherwise")
    assert "/alerts/1/people?told=otherwise" in page.text
    assert names.text.count("<tr id=") == 2
    assert 'href="/plan-b"' in officer.get("/alerts/1/people?state=failed").text


def test_the_map_comes_with_the_count_and_of_the_same_moment(officer):
    number = sent(officer)
    page = officer.get(f"/alerts/{number}")
    address = html.unescape(re.search(r'hx-get="(/alerts/\d+/live[^"]*)"', page.text)[1])
    assert 'id="arrived"' not in officer.get(address).text, "nothing has changed"
    modem_does(["sent"])
    changed = officer.get(address)
    assert 'id="arrived" class="plp-card alert-arrived" hx-swap-oob="outerMorph"' in changed.text
    assert "0 / 4" in words(changed)
    assert in_sentences(changed.text) == from_afar(changed.text) == [Four(0, 1, 4, 1)]
    assert 'id="arrived"' not in officer.get(html.unescape(re.search(r'hx-get="([^"]*)"', changed.text)[1])).text


@pytest.mark.parametrize(
    ("happens", "stands_out"),
    [
        (["sent"] * PEOPLE, "Envoyer la fin d'alerte…"),
        (["sent", "CMS 1", "sent", "sent", "sent"], "Renvoyer aux refusés (1)"),
        (["sent", "stop"], "Envoyer une correction…"),
        (["stop"], "Réutiliser ce texte"),
    ],
)
def test_what_to_do_next_is_the_one_button_that_stands_out(officer, happens, stands_out):
    number = sent(officer)
    modem_does([outcome for outcome in happens if outcome != "stop"])
    if "stop" in happens:
        officer.post(f"/alerts/{number}/cancel")
    page = officer.get(f"/alerts/{number}").text.split("<main")[1]
    primary = re.findall(r'plp-button-primary".*?<span[^>]*>([^<]*)<', page)
    assert [html.unescape(words) for words in primary] == [stands_out]


def test_the_map_has_the_outlines_each_with_its_words(officer):
    with connected():
        near = Neighbourhood.get(Neighbourhood.name == NEAR).id
        save_outline(near, SQUARE, "test", utc_now())
    number = sent(officer)
    modem_does(["sent", "sent"])
    page = officer.get(f"/alerts/{number}").text
    told = "0 reçu sur 4 · 2 envoyés, sans accusé · 1 en attente · 1 à prévenir autrement"
    assert f'<a href="/alerts/{number}/people?place={near}" aria-label="{NEAR}\xa0: {told}">' in page
    assert 'class="arrival-waiting" d="M' in page
    assert '<li class="arrival-waiting">' in page, "a tile for the one without an outline"


def test_who_has_no_mobile_is_named_to_officers_only(officer, sign_in):
    number = sent(officer)
    assert "Prénom9 Nom009" in words(officer.get(f"/alerts/{number}"))
    assert "Prénom9 Nom009" not in words(sign_in("technician").get(f"/alerts/{number}"))


def test_a_colleague_s_stop_has_a_name_on_the_alert_and_in_its_line_of_time(officer):
    number = sent(officer)
    officer.post(f"/alerts/{number}/cancel")
    page = words(officer.get(f"/alerts/{number}"))
    assert "arrêté par Test officer à" in page
    assert "Envoi arrêté par Test officer" in page

"""The page of the queue: masked, by views, and acted on by a technician alone."""

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.listing import message_parts
from db.alerts.queue.marks import mark_pdu_started, mark_released, mark_retry, mark_unconfirmed
from db.alerts.values import Sender
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Message
from db.models.zone import Modem
from tests.console.conftest import words
from tests.support.people import mobile, order, person

A, B = "206010000000001", "206010000000002"


@pytest.fixture
def queue(plug):
    """Three people: one message waits after a refusal, one is in modem b, one got no answer."""
    plug("a", imsi=A)
    plug("b", imsi=B)
    now = utc_now()
    a, b = Sender("box", "a", A, False), Sender("box", "b", B, False)
    with connected():
        for number in (1, 2, 3):
            person(number, now)
        order(now)
        mark_retry(claim_part(a, now), "CMS 38", now, now)
        unclear = claim_part(a, now)
        mark_pdu_started(unclear, now)
        mark_unconfirmed(unclear, "no_answer", a, now)
        claim_part(b, now)
    return {"waiting": 1, "unclear": unclear.message_id}


def states(message):
    with connected():
        return [part.state for part in message_parts(message)]


def test_the_page_opens_with_what_a_person_must_decide_and_shows_no_number(technician, queue):
    page = technician.get("/queue")
    text = words(page)
    assert "1 Non confirmés 1 En cours d'envoi 1 En attente" in text
    assert "Pas de réponse du réseau : envoi incertain. Aucun SMS n'est" in text
    assert "+324•••••02" in text
    assert "1 pas de réponse du modem : envoi incertain" in text
    assert "no_answer" not in text  # found_14: a code of ours is no word
    assert not any(mobile(number) in page.text or "0470" in text for number in (1, 2, 3))


def test_each_view_and_filter_has_its_rows(technician, queue):
    waiting = words(technician.get("/queue?view=queued"))
    assert "CMS 38 (panne de réseau ou numéro hors service)" in waiting
    assert "premier modem libre" in waiting
    assert "+324•••••03" in words(technician.get("/queue/live?view=sending&modem=box/b"))
    assert "Aucun envoi en cours." in words(technician.get("/queue/live?view=sending&modem=box/a"))
    assert "File d'attente vide." in words(technician.get("/queue/live?view=queued&broadcast=7"))
    assert technician.get("/queue?view=x&page=999999999&broadcast=x&modem=x").status_code == 200


def test_the_queue_says_when_it_ends_or_why_it_does_not(technician, queue):
    assert "dernier SMS vers " in words(technician.get("/queue?view=queued"))
    with connected():
        Modem.update(state="not_registered").execute()
    assert "Pas prêt (modem a)" in main_words(technician.get("/queue?view=queued"))


def main_words(page):
    """Without the header, whose light says it too."""
    return words(page).partition("En attente")[2]


def test_what_a_modem_gave_back_is_told_in_words_and_leads_to_it(technician, queue):
    with connected():
        order(utc_now(), again=True)
        given_back = claim_part(Sender("box", "b", B, False), utc_now())
        mark_released(given_back, "overtaken", utc_now())
    page = technician.get(f"/queue/{given_back.message_id}")
    assert "non envoyé, remis en attente un autre SMS est passé avant" in words(page)
    assert '<a href="/modems/box/b">b</a>' in page.text


def test_a_technician_cancels_a_message(technician, queue):
    page = words(technician.get(f"/queue/{queue['waiting']}"))
    assert "État du message à +324•••••01" in page
    assert "Cette personne ne recevra rien de cet envoi." in page
    answer = technician.post(f"/queue/{queue['waiting']}/cancel")
    assert "Message annulé." in words(technician.get(answer.location))
    assert states(queue["waiting"]) == ["cancelled"]


def test_a_technician_hands_a_message_to_another_modem(technician, queue):
    answer = technician.post(f"/queue/{queue['waiting']}/hand-over", {"modem": "box/b"})
    page = words(technician.get(answer.location))
    assert "Message attribué au modem box/b." in page
    assert "Modem b IMSI 20•••••0002" in page
    with connected():
        assert Message.get_by_id(queue["waiting"]).modem == "box/b"


def test_an_unconfirmed_message_goes_out_again_only_with_the_tick(technician, queue):
    address = f"/queue/{queue['unclear']}"
    page = words(technician.get(address))
    assert "Cette personne peut recevoir le SMS deux fois" in page
    assert "Annuler le SMS à cette personne" not in page
    answer = technician.post(f"{address}/resend")
    assert "Aucun SMS n'a été envoyé : confirmez d'abord que cette personne peut le recevoir deux fois" in words(
        technician.get(answer.location)
    )
    assert states(queue["unclear"]) == ["unconfirmed"]
    technician.post(f"{address}/resend", {"twice": "yes"})
    assert states(queue["unclear"]) == ["queued"]


def test_what_a_modem_has_offers_nothing_and_takes_nothing(technician, queue):
    page = words(technician.get("/queue/3"))
    assert "Renvoyer" not in page
    assert "Annuler le SMS à cette personne" not in page
    answer = technician.post("/queue/3/cancel")
    assert "Ce message est en cours d'envoi : aucune modification. Réessayez dans une minute" in words(
        technician.get(answer.location)
    )
    assert states(3) == ["sending"]


def test_an_admin_reads_and_changes_nothing(admin, queue):
    page = words(admin.get(f"/queue/{queue['waiting']}"))
    assert "CMS 38" in page
    assert "Confier" not in page
    assert admin.post(f"/queue/{queue['waiting']}/cancel").status_code == 403
    assert "Renvoyer" not in words(admin.get(f"/queue/{queue['unclear']}"))

"""A second officer: sees it at once, reads it, types the number; nobody approves their own."""

import re

import pytest

from db.alerts.orders.approval import approval_of
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from rules.states import Stage
from tests.console.alerts.scene import PEOPLE, TEXT, broadcasts, draft, send, sent
from tests.console.api.scene import program
from tests.console.conftest import PASSWORD, Browser, words
from tests.console.inbox_scene import rings
from tests.support.people import person

ALONE = {"do": "alone", "alone_because": "Seule de garde, vol en cours"}


@pytest.fixture
def other(app, officer):
    """A second officer, and the policy that wants one."""
    with connected():
        add_account("Benoît", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(approval="second"), "test", utc_now())
    browser = Browser(app.test_client())
    browser.post("/login", {"name": "Benoît", "password": PASSWORD})
    return browser


def stage(broadcast_id):
    with connected():
        return Broadcast.get_by_id(broadcast_id).stage


def test_nobody_is_called_before_the_approval_and_the_end_of_its_undo_seconds(officer, other):
    with connected():
        caller = person(20, utc_now(), mobile="", landline="+3242001122")
    broadcast = sent(officer)
    assert "sans GSM" in words(officer.get(f"/alerts/{broadcast}"))
    assert "Noter comme appelé" not in words(officer.get(f"/alerts/{broadcast}"))
    other.post(f"/alerts/{broadcast}/approve", {"typed": str(PEOPLE)})
    assert stage(broadcast) is Stage.SCHEDULED
    assert "Noter comme appelé" not in words(officer.get(f"/alerts/{broadcast}")), "it can be undone"
    refused = officer.post(f"/alerts/{broadcast}/called", {"member": caller})
    assert "n'a pas commencé : n'appelez personne" in words(officer.get(refused.location))
    officer.post(f"/alerts/{broadcast}/resume")
    assert "Noter comme appelé" in words(officer.get(f"/alerts/{broadcast}"))


@pytest.mark.parametrize("how", ["withdrawn", "refused"])
def test_nobody_is_called_about_an_alert_without_the_agreement_that_it_needed(officer, other, how):
    with connected():
        caller = person(20, utc_now(), mobile="", landline="+3242001122")
    broadcast = sent(officer)
    if how == "refused":
        other.post(f"/alerts/{broadcast}/approve", {"do": "refuse", "reason": "Mauvaise rue"})
    else:
        officer.post(f"/alerts/{broadcast}/cancel")
    assert stage(broadcast) is Stage.CANCELLED
    for door in ("", "/live?seen=", "/calls"):
        page = words(officer.get(f"/alerts/{broadcast}{door}"))
        assert "Noter comme appelé" not in page
        assert "Appelez par quartier" not in page
    refused = officer.post(f"/alerts/{broadcast}/called", {"member": caller})
    assert "non validé" in words(officer.get(refused.location))
    sheet = officer.get(f"/plan-b/alert/{broadcast}")
    assert sheet.location == f"/alerts/{broadcast}"
    assert "non validé" in words(officer.get(sheet.location))


def test_without_that_policy_nothing_is_asked(officer):
    page = words(officer.post("/alerts/confirm", draft()))
    assert "Envoyer à 5 personnes" in page
    assert "validation par un collègue" not in page


def test_where_nobody_confirms_no_number_is_asked(officer):
    with connected():
        save_policy(Policy(approval="none"), "test", utc_now())
    assert 'name="typed"' not in officer.post("/alerts/confirm", draft()).text
    assert send(officer, typed="").status_code == 303


def test_it_waits_and_the_other_sees_it_on_every_page(officer, other):
    assert "Demander la validation d'un collègue" in words(officer.post("/alerts/confirm", draft()))
    broadcast = sent(officer)
    assert stage(broadcast) is Stage.AWAITING_APPROVAL
    strip = "Vol rue de la Station, 21h40 Validation demandée par Test officer : SMS à 5 personnes."
    assert strip in words(other.get("/status")), "which alert it is"
    assert "Vol rue de la Station, 21h40 Validation en attente jusqu'à" in words(officer.get("/"))
    for page in (other, officer):
        home = words(page.get("/ready"))
        assert "demandée par Test officer, expire à" in home, "an open alert"
    assert f'<a href="/alerts/{broadcast}/approve">Relire' in other.get("/ready").text
    assert "Relire et décider" in words(other.get("/"))
    assert "Relire et décider" not in words(officer.get("/"))
    page = words(officer.get(f"/alerts/{broadcast}"))
    assert "Aucun SMS n'a encore été envoyé" in page
    assert "Retirer la demande de validation" in page
    assert "Relire et décider" not in page
    assert "Relire et décider" in words(other.get(f"/alerts/{broadcast}"))


def test_back_from_asking_with_a_reason_goes_out_alone(officer, other):
    asked = sent(officer)
    answer = send(officer, **ALONE)
    assert answer.location.endswith(f"/alerts/{asked}")
    assert stage(asked) is Stage.SCHEDULED
    assert "Seule de garde, vol en cours" in words(officer.get(answer.location))
    assert broadcasts() == 1


def test_what_ones_own_program_ordered_is_ones_own(officer, other, client):
    asked = program(client, name="Test officer").order().json["id"]
    assert "Validation en attente jusqu'à" in words(officer.get("/"))
    assert "Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte" in words(
        officer.get(f"/alerts/{asked}/approve")
    )
    assert "Relire et décider" not in words(officer.get(f"/alerts/{asked}"))
    assert officer.post(f"/alerts/{asked}/approve", {"typed": str(PEOPLE)}).status_code == 409
    assert "Relire et décider" in words(other.get(f"/alerts/{asked}"))
    assert other.post(f"/alerts/{asked}/approve", {"typed": str(PEOPLE)}).status_code == 303


def test_the_other_reads_it_all_and_types_the_number(officer, other):
    broadcast = sent(officer)
    page = words(other.get(f"/alerts/{broadcast}/approve"))
    assert TEXT in page
    assert "5 personnes tous les membres 1 sans GSM" in page
    assert "Valider cette alerte ? Vol rue de la Station, 21h40" in page
    wrong = other.post(f"/alerts/{broadcast}/approve", {"typed": "4"})
    assert wrong.status_code == 409
    assert "Aucun SMS n'a été envoyé" in words(wrong)
    assert stage(broadcast) is Stage.AWAITING_APPROVAL
    assert other.post(f"/alerts/{broadcast}/approve", {"typed": str(PEOPLE)}).status_code == 303
    assert stage(broadcast) is Stage.SCHEDULED
    assert "Validée par Benoît" in words(officer.get(f"/alerts/{broadcast}"))
    # pressed twice, or by a third one a moment later
    again = other.post(f"/alerts/{broadcast}/approve", {"typed": str(PEOPLE)})
    assert again.status_code == 303
    assert "déjà décidé" in words(other.get(again.location))


def test_nobody_approves_their_own(officer, other):
    broadcast = sent(officer)
    assert 'name="typed"' not in officer.get(f"/alerts/{broadcast}/approve").text
    answer = officer.post(f"/alerts/{broadcast}/approve", {"typed": str(PEOPLE)})
    assert answer.status_code == 409
    assert "Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte" in words(answer)
    assert stage(broadcast) is Stage.AWAITING_APPROVAL


def test_refused_it_stops_and_says_why(officer, other):
    broadcast = sent(officer)
    assert other.post(f"/alerts/{broadcast}/approve", {"do": "refuse", "reason": ""}).status_code == 409
    assert other.post(f"/alerts/{broadcast}/approve", {"do": "refuse", "reason": "Mauvaise rue"}).status_code == 303
    assert stage(broadcast) is Stage.CANCELLED
    page = words(officer.get(f"/alerts/{broadcast}"))
    assert "Refusée par Benoît" in page
    assert "Mauvaise rue" in page
    assert "Réutiliser ce texte" in page


def test_alone_at_once_with_a_reason(officer, other):
    refused = send(officer, **(ALONE | {"alone_because": ""}))
    assert refused.status_code == 409
    assert "Indiquez un motif : il reste dans l'historique" in words(refused)
    assert broadcasts() == 0
    broadcast = sent(officer, **ALONE)
    assert stage(broadcast) is Stage.SCHEDULED
    page = words(other.get(f"/alerts/{broadcast}"))
    assert "Envoyée sans validation par Test officer" in page
    assert "Seule de garde, vol en cours" in page


def test_alone_after_having_waited(officer, other):
    broadcast = sent(officer)
    assert "sans validation à 5 personnes" in words(officer.get(f"/alerts/{broadcast}/alone"))
    assert officer.post(f"/alerts/{broadcast}/alone", {"alone_because": "x"}).status_code == 409
    alone = {"alone_because": "Personne ne répond"}
    assert officer.post(f"/alerts/{broadcast}/alone", alone).status_code == 409
    assert stage(broadcast) is Stage.AWAITING_APPROVAL
    assert officer.post(f"/alerts/{broadcast}/alone", alone | {"typed": str(PEOPLE)}).status_code == 303
    assert stage(broadcast) is Stage.SCHEDULED
    with connected():
        assert approval_of(broadcast).outcome == "alone"
    assert officer.get(f"/alerts/{broadcast}/alone").status_code == 303


def test_the_same_form_twice_asks_once(officer, other):
    assert send(officer).location == send(officer).location
    assert broadcasts() == 1


def test_a_request_stays_in_view_beside_an_urgent_text_and_among_three_open_alerts(officer, other):
    with connected():
        save_policy(Policy(approval="typed"), "test", utc_now())
    for number in range(3):
        sent(officer, text=f"Fait numéro {number}, rue Haute.", nonce=f"open-{number}")
    with connected():
        save_policy(Policy(approval="second"), "test", utc_now())
    broadcast = sent(officer, nonce="asks")
    rings()
    page = other.get("/")
    address = f"/alerts/{broadcast}/approve"
    strip = page.text.partition('class="plp-strip"')[2].partition("<details")[0]
    assert f'href="{address}"' in strip, "not behind « 1 autre message »"
    assert "À valider : 1" in words(page)
    tasks = page.text.partition('class="plp-card home-tasks"')[2].partition("</section>")[0]
    assert f'href="{address}"' in tasks
    opened = re.findall(r'home-incident-title"><a href="/alerts/(\d+)"', page.text)
    assert opened[0] == str(broadcast)
    assert f'href="{address}"' not in officer.get("/").text, "nobody approves their own"

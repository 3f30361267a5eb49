"""A person's rights, dead numbers and the yearly renewal, as the admin uses them."""

import json
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.received import apply_inbound
from db.journal import audit
from db.models.broadcasts import AlertCall, Broadcast
from db.models.people import DeadNumber, Member, Renewal
from db.people.members.dead_numbers import dead_numbers
from db.people.members.listing import member
from db.people.members.renewal import open_renewal
from db.people.proposals import keep_registration
from plp.services.people.care import answer_by_hand, begin_renewal
from plp.services.people.groups import put_into_group, save_group
from plp.services.people.proposals import confirm_registration, propose_corrections
from rules.members import MemberDraft
from tests.console.conftest import words
from tests.support.inbox import CARD, Text
from tests.support.people import mobile, order, person
from tests.support.people import ready_modem as modem_ready


@pytest.fixture
def her(app):
    with connected():
        number = person(7, utc_now(), email="odile@example.org", mail_group=True, street="Clos du Bois")
        modem_ready("a", utc_now())
        order(utc_now())
        apply_inbound(CARD, Text(mobile(7), "Merci bien", utc_now()), False, utc_now())
    return number


def test_all_that_is_held_of_a_person_is_on_one_page(admin, her):
    page = words(admin.get(f"/members/{her}/rights"))
    for held in ("Prénom7 Nom007", "odile@example.org", "Clos du Bois", "Vol avec violence", "Merci bien", "12 mois"):
        assert held in page
    assert "membre ajouté" in page
    assert 'href="/members" aria-current="page"' in admin.get(f"/members/{her}/rights").text
    assert admin.get("/members/999999/rights").status_code == 404


def test_the_same_as_json_is_noted(admin, her):
    answer = admin.post(f"/members/{her}/rights.json")
    whole = json.loads(answer.text)
    assert (whole["card"]["mobile"], whole["received"][0]["words"]) == (mobile(7), "Merci bien")
    assert whole["texts"][0]["words"].startswith("Vol avec violence")
    assert "attachment" in answer.headers["Content-Disposition"]
    with connected():
        assert audit.newest("member_consulted").subject == str(her)


def test_a_proposal_of_their_own_that_waits_is_held_of_them_too(admin, her):
    with connected():
        for name, number in (("Odile", mobile(7)), ("Wilfried", mobile(8))):
            draft = MemberDraft(name, "Proposée", number, f"{name}@example.net", "nl", 0, sms=True, street="Rue Neuve")
            keep_registration(name, draft, number, "123456", 1, utc_now())
            assert confirm_registration(name, "123456", utc_now())
    page = words(admin.get(f"/members/{her}/rights"))
    for held in ("Inscription en ligne à valider", "Odile Proposée", "Odile@example.net", "Nederlands", "Rue Neuve"):
        assert held in page
    assert "Wilfried" not in page
    (whole,) = json.loads(admin.post(f"/members/{her}/rights.json").text)["proposed"]
    assert (whole["draft"]["first_name"], whole["twins"]) == ("Odile", [])


def test_what_a_coordinator_proposed_and_no_admin_decided_is_held_of_them_too(admin, her):
    with connected():
        now = utc_now()
        other = person(8, now)
        for number, street in ((her, "Rue Zwingelberg"), (other, "Rue d'une autre")):
            place = member(number).neighbourhood_id
            assert propose_corrections(number, [place], {"street": street, "mobile": "0470 99 88 77"}, "Ida", now) == 2
    page = words(admin.get(f"/members/{her}/rights"))
    for held in ("Corrections proposées", "Clos du Bois", "Rue Zwingelberg", "0470 99 88 77", "Ida"):
        assert held in page
    assert "Rue d'une autre" not in page
    assert "correction proposée" in page
    proposed = json.loads(admin.post(f"/members/{her}/rights.json").text)["corrections"]
    assert [(each["field"], each["before"], each["value"], each["proposed_by"]) for each in proposed] == [
        ("street", "Clos du Bois", "Rue Zwingelberg", "Ida"),
        ("mobile", mobile(7), "0470 99 88 77", "Ida"),
    ]
    for correction in proposed:
        admin.post(f"/corrections/{correction['id']}", {"do": "refuse"})
    assert "Zwingelberg" not in words(admin.get(f"/members/{her}/rights"))


def test_groups_calls_a_dead_number_and_the_yearly_question_are_held_of_them_too(admin, her):
    before = words(admin.get(f"/members/{her}/rights"))
    with connected():
        now = utc_now()
        for name, inside in (("Commerçants", [her]), ("Écoles", [])):
            put_into_group(save_group(None, name, None, "test", now), inside, "test", now)
        DeadNumber.create(member=her, mobile=mobile(7), why="unassigned", broadcast=1, seen_at=now)
        begin_renewal(now + timedelta(days=9), "anne", now)
        answer_by_hand(her, "yes", "anne", now)
        AlertCall.create(broadcast=Broadcast.get().id, member=her, called_at=now, called_by="Bernard")
    page = words(admin.get(f"/members/{her}/rights"))
    for held in ("Commerçants", "numéro inexistant", "Renouvellement des inscri", "Appel téléphonique", "Bernard"):
        assert (held in page, held in before) == (True, False)
    assert "Écoles" not in page
    whole = json.loads(admin.post(f"/members/{her}/rights.json").text)
    assert (whole["groups"], whole["dead_number"], whole["renewals"][0][1]) == (["Commerçants"], "unassigned", "yes")
    assert whole["calls"][0][1] == "Bernard"


def test_processing_is_restricted_and_restored(admin, her):
    page = words(admin.follow(admin.post(f"/members/{her}/restrict")))
    assert "Traitement limité depuis" in page
    assert admin.post(f"/members/{her}/restrict").status_code == 409
    page = words(admin.follow(admin.post(f"/members/{her}/restrict", {"do": "lift"})))
    assert "Traitement limité depuis" not in page
    with connected():
        assert member(her).sms


def test_the_admin_sees_who_was_erased_on_whose_demand_and_what_is_gone(admin, her):
    page = words(admin.get(f"/members/{her}/delete"))
    assert "la personne elle-même" in page
    page = words(admin.follow(admin.post(f"/members/{her}/delete", {"asked": "relative"})))
    assert "demandé par : un proche · messages : 1" in page.replace("\u00a0", " ")
    assert "nettoyage en attente" in page
    assert "Nom007" not in words(admin.get("/members/erased"))
    assert admin.get("/members/erased?before=x").status_code == 200


def test_dead_numbers_are_corrected_or_confirmed(admin, her):
    with connected():
        DeadNumber.create(member=her, mobile=mobile(7), why="unassigned", broadcast=1, seen_at=utc_now())
    page = admin.get("/members/dead-numbers")
    assert "numéro inexistant" in words(page)
    assert f'href="/members/{her}"' in page.text
    assert "Aucun numéro à corriger." in words(admin.follow(admin.post(f"/members/{her}/number-is-right")))
    with connected():
        assert dead_numbers() == []


def test_a_renewal_from_first_to_last(admin, her):
    assert "répondez OUI pour rester" in words(admin.get("/members/renewal"))
    for wrong in ("", "2001-01-01", "x"):
        assert admin.post("/members/renewal", {"until": wrong}).status_code == 400
    until = f"{utc_now() + timedelta(days=40):%Y-%m-%d}"
    page = words(admin.follow(admin.post("/members/renewal", {"until": until})))
    assert "1 question encore à envoyer." in page
    assert "Prénom7 Nom007" in page
    assert "Supprimer définitivement" not in page
    admin.post("/members/renewal/answer", {"member": her, "answer": "leave"})
    page = words(admin.get("/members/renewal?list=leave"))
    assert "Prénom7 Nom007" in page
    assert "Supprimer définitivement 1 personne" in page
    with connected():
        assert Member.select().count() == 1
    admin.post("/members/renewal/leave")
    with connected():
        assert Member.select().count() == 0
    admin.post("/members/renewal/end")
    with connected():
        assert open_renewal() is None
    assert admin.post("/members/renewal/answer", {"member": her, "answer": "stay"}).status_code == 409


def test_who_said_nothing_is_offered_after_the_last_day_only(admin, her):
    now = utc_now()
    with connected():
        other = person(8, now)
        begin_renewal(now + timedelta(days=1), "anne", now)
        answer_by_hand(other, "yes", "anne", now)
    assert "Supprimer définitivement" not in words(admin.get("/members/renewal"))
    with connected():
        answer_by_hand(her, "", "anne", now)
        Renewal.update(until_at=now - timedelta(minutes=1)).execute()
    assert "Supprimer définitivement 1 personne" in words(admin.get("/members/renewal"))
    admin.post("/members/renewal/leave")
    with connected():
        assert [row.id for row in Member.select()] == [other]

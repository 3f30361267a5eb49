"""A coordinator's own pages: members who agreed, corrections, relays, and the Google Group's probe."""

from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from db.bulletins.groups import apply_probe, last_probe
from db.bulletins.relay import relays, signed
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.journal.audit import entries
from db.mail.enqueue import send_as
from db.models.accounts import Account
from db.models.bulletins import GroupProbe
from db.models.mail import Mail, MailLetter
from db.models.people import DeadNumber, Member
from db.people.accounts.accounts import accounts
from db.people.members.listing import member
from db.people.proposals import corrections
from plp.services.bulletins.relaying import save_relaying
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import mail, officer, people
from tests.console.conftest import words
from tests.support.people import later, mobile, person, place

__all__ = ["mail", "officer", "people"]


@pytest.fixture
def coordinator(sign_in, people):
    """Signed in, with the mobile of Plainevaux's coordinator; two members who agreed, of whom one lives elsewhere."""
    reader = sign_in("coordinator")
    with connected():
        account = next(card for card in accounts() if card.name == "Test coordinator")
        Account.update(mobile=mobile(1)).where(Account.id == account.id).execute()
        now = utc_now()
        agreed = {"mail_group": True}
        person(21, now, "Plainevaux", email="vingt@example.org", street="Rue Haute", **agreed)
        person(22, now, "Plainevaux", email="sans@example.org")
        person(23, now, "Rotheux", email="loin@example.org", **agreed)
    return reader


def of(name):
    with connected():
        return next(card for n in range(1, 60) if (card := member(n)) and card.first_name == name)


def test_only_the_members_who_agreed_and_no_number(coordinator):
    page = coordinator.get("/my-neighbourhood/members")
    assert "Nom021" in words(page)
    assert "vingt@example.org" in words(page)
    for hidden in ("Nom022", "Nom023", "0470"):
        assert hidden not in words(page)
    for closed in (of("Prénom22").id, of("Prénom23").id, 999):
        assert coordinator.get(f"/my-neighbourhood/members/{closed}").status_code == 404
        assert coordinator.post(f"/my-neighbourhood/members/{closed}", {"note": "x"}).status_code == 404


def test_dead_numbers_of_those_who_agreed_are_told_masked(coordinator):
    now = utc_now()
    with connected(), writing():
        for number in (21, 22, 23):
            who = Member.get(Member.mobile == mobile(number))
            DeadNumber.create(member=who, mobile=mobile(number), why="unassigned", broadcast=1, seen_at=now)
    page = coordinator.get("/my-neighbourhood")
    assert "Prénom21 Nom021 (" in words(page)
    for hidden in ("Nom022", "Nom023", mobile(21), "0470 00 00 21"):
        assert hidden not in words(page)
    address = f"/my-neighbourhood/members/{of('Prénom21').id}"
    assert address in page.text
    coordinator.post(address, {"mobile": "0470 00 00 98"})
    assert ("proposée" in words(page), "proposée" in words(coordinator.get("/my-neighbourhood"))) == (False, True)


def test_a_correction_is_proposed_and_an_admin_decides(coordinator, sign_in):
    card = of("Prénom21")
    address = f"/my-neighbourhood/members/{card.id}"
    wrong = coordinator.post(address, {"mobile": "12"})
    assert wrong.status_code == 400
    wrong_words = words(coordinator.post(address, {"mobile": "04 330 11"}))
    assert "Ce n'est pas un numéro de GSM belge valable." in wrong_words
    assert 'value="12"' in wrong.text
    answer = coordinator.post(address, {"mobile": "0470 00 00 99", "street": "Rue Haute", "note": "A déménagé"})
    assert "2 corrections proposées" in words(coordinator.follow(answer))
    assert "Déjà proposé : GSM, Remarque" in words(coordinator.get(address))
    assert of("Prénom21").mobile == mobile(21), "nothing is changed yet"
    admin = sign_in("admin")
    assert "2 corrections proposées par des coordinateurs" in words(admin.get("/"))
    assert "0470 00 00 99" in words(admin.get("/corrections"))
    with connected():
        number, note = sorted(corrections(), key=lambda each: each.field)
    assert "La correction est enregistrée." in words(
        admin.follow(admin.post(f"/corrections/{number.id}", {"do": "accept"}))
    )
    assert of("Prénom21").mobile == mobile(99)
    admin.post(f"/corrections/{note.id}", {"do": "refuse"})
    assert "Aucune correction proposée" in words(admin.get("/corrections"))
    assert admin.post(f"/corrections/{note.id}", {"do": "accept"}).status_code == 404
    with connected():
        told = [entry for entry in entries() if entry.action.startswith("correction_")]
    assert [entry.action for entry in told] == ["correction_refused", "correction_accepted", "correction_proposed"]
    assert "0470" not in str([entry.detail for entry in told])


def test_a_coordinator_says_there_that_a_bulletin_is_relayed(coordinator, officer):
    with connected():
        here, there = place("Plainevaux", utc_now()), place("Rotheux", utc_now())
    mine = scene.sent(officer, audience="some", neighbourhood=[str(here)])
    other = scene.sent(officer, audience="some", neighbourhood=[str(there)], nonce="a-nonce-of-another")
    assert "1 bulletin à relayer" in words(coordinator.get("/"))
    pages = ("/my-neighbourhood", f"/my-neighbourhood/{mine}")
    assert all("J'ai relayé" in words(coordinator.get(page)) for page in pages)
    coordinator.post(f"/my-neighbourhood/{mine}/relayed")
    assert not any("J'ai relayé" in words(coordinator.get(page)) for page in pages)
    assert coordinator.post(f"/my-neighbourhood/{other}/relayed").status_code == 404
    with connected():
        assert {each.relayed_how for each in relays(mine) if each.relayed_at} == {"console"}
        assert not [each for each in relays(other) if each.relayed_at]
    assert "dans la console" in words(officer.get(f"/bulletins/{mine}"))


def test_a_probe_goes_to_the_group_and_comes_back(app, coordinator, admin):
    with connected():
        here = place("Plainevaux", utc_now())
        save_relaying(here, None, "plp-plainevaux@googlegroups.com", "anne", utc_now())
    send = f"/my-neighbourhood/groups/{here}/probe"
    assert "lire la boîte de la zone" in words(coordinator.follow(coordinator.post(send)))
    both = MailSettings(sender="plp@example.org", imap_host="imap.example.org")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=both)
    send_as(both)
    coordinator.post(send)
    just_sent = words(coordinator.get("/my-neighbourhood"))
    assert "n'est pas encore revenu" in just_sent
    assert "n'a pas abouti" not in just_sent
    assert "moins d'une heure" in words(coordinator.follow(coordinator.post(send)))
    with connected():
        probe = last_probe(here)
        assert probe is not None
        letter = MailLetter.select().join(Mail).where(Mail.address == "plp-plainevaux@googlegroups.com").get()
        GroupProbe.update(asked_at=later(utc_now(), -16 * 60)).execute()
    assert "n'a pas abouti" in words(coordinator.get("/my-neighbourhood"))
    with connected():
        assert f"[PLP-P:{signed('probe', probe.id)}]" in letter.subject
        assert not apply_probe(signed("probe", probe.id) + "x", utc_now())
        assert apply_probe(signed("probe", probe.id), utc_now())
    for page in (coordinator.get("/my-neighbourhood"), admin.get(f"/groups/{here}")):
        assert "le groupe distribue les e-mails" in words(page)
    assert coordinator.post("/my-neighbourhood/groups/999/probe").status_code == 404

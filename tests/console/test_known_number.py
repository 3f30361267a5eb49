"""The number that alerts come from is known: as a contact on paper, page and phone; and a new one is told."""

import re
from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from console.people import joining
from db.bulletins.drafts import bulletin
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.judging import apply_own_numbers, untold_numbers
from db.journal.audit import entries
from db.models.broadcasts import BroadcastText, Message
from modem.sms.composition import count
from plp.services.bulletins.relaying import new_number_texts
from rules.languages import LANGUAGES
from tests.console.alerts import scene
from tests.console.conftest import Browser, words
from tests.support.people import mobile, place

OLD, OTHER, NEW = mobile(901), mobile(902), mobile(903)
PAGE = "/alert-numbers"


@pytest.fixture
def known(app):
    """Two SIMs from the first day on."""
    with connected():
        apply_own_numbers("box", {"a": OLD, "b": OTHER})


def changed():
    with connected():
        apply_own_numbers("box", {"a": NEW, "b": OTHER})


def test_the_first_numbers_are_told_by_the_welcome_and_a_later_one_is_not(known):
    with connected():
        assert untold_numbers() == []
        apply_own_numbers("south", {"c": OTHER})
        assert untold_numbers() == [], "one that another machine has already"
    changed()
    with connected():
        assert untold_numbers() == [NEW]
        apply_own_numbers("box", {"a": OTHER, "b": NEW})
        assert untold_numbers() == [NEW], "moved to another modem"


def test_the_page_has_all_numbers_their_code_and_their_file(officer, known):
    page = officer.get(PAGE)
    assert "0470 00 09 01 · 0470 00 09 02" in words(page)
    assert "<svg" in page.text
    assert "Nouveau numéro" not in words(page)
    file = officer.get(f"{PAGE}/plp.vcf")
    assert (file.mimetype, file.headers["Content-Disposition"]) == ("text/vcard", "attachment; filename=plp.vcf")
    assert [line for line in file.text.splitlines() if line.startswith("TEL")] == [
        "TEL:043304000",
        f"TEL;TYPE=CELL:{OLD}",
        f"TEL;TYPE=CELL:{OTHER}",
    ]


def test_without_a_number_the_page_says_who_gives_it(officer):
    assert "un technicien doit l'indiquer pour chaque modem" in words(officer.get(PAGE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_to_hand_out_and_the_registration_form_have_the_code(admin, known, language):
    for path in (f"{PAGE}/{language}", f"/members/registration/{language}"):
        paper = admin.get(path)
        assert (paper.status_code, paper.text.count("<svg viewBox=")) == (200, 1), "whole at any size"
        assert "img-src" not in paper.headers["Content-Security-Policy"]
    assert "0470 00 09 01" in words(admin.get(f"{PAGE}/{language}")).replace("\u00a0", " ")
    assert admin.get(f"{PAGE}/xx").status_code == 404


def test_a_new_number_is_a_task_until_members_are_told(officer, known):
    assert "inconnu des membres" not in words(officer.get("/"))
    changed()
    assert "Nouveau numéro d'alerte, inconnu des membres : 0470 00 09 03" in words(officer.get("/"))
    page = officer.get(PAGE)
    assert "Nouveau numéro, inconnu des membres : 0470 00 09 03." in words(page)
    officer.post(f"{PAGE}/told")
    assert "inconnu des membres" not in words(officer.get("/"))
    with connected():
        assert [entry.detail for entry in entries() if entry.action == "alert_numbers_told"] == [{"numbers": 1}]


def test_the_sms_is_a_draft_for_all_in_each_language_that_wakes_nobody(officer, known, ready_modem):
    ready_modem()
    scene.people()
    changed()
    page = officer.get("/alerts/new?about=number")
    assert "nouveau numéro d&#39;alerte 0470 00 09 03" in page.text
    assert "nieuw alarmnummer 0470 00 09 03" in page.text
    assert 'name="quiet" value="spare"' in page.text
    with connected():
        texts = new_number_texts([NEW])
        assert [count(texts[language]).parts for language in LANGUAGES] == [1, 1, 1, 1]
    assert scene.send(officer, text=texts["fr"], quiet="spare").status_code in (303, 400)
    with connected():
        assert all(row.body == texts["fr"] for row in BroadcastText.select())


def test_the_bulletin_is_a_draft_to_all_coordinators_made_once(officer, known):
    changed()
    nonce = re.search(r'name="nonce" value="([^"]+)"', officer.get(PAGE).text)[1]
    first, second = (officer.post(f"{PAGE}/bulletin", {"nonce": nonce}) for _press in range(2))
    assert first.status_code == 303
    assert first.location == second.location
    with connected():
        card = bulletin(int(re.search(r"\d+", first.location)[0]))
    assert (card.sent_at, card.everywhere, [text.language for text in card.texts]) == (None, True, [*LANGUAGES])
    assert "0470 00 09 03" in card.texts[0].body


def test_a_technician_does_not_tell_members(sign_in, known):
    technician = sign_in("technician")
    assert technician.get(PAGE).status_code == 403
    assert technician.post(f"{PAGE}/told").status_code == 403


def test_who_has_registered_gets_the_contact_and_nobody_else(app, ready_modem, known, monkeypatch):
    ready_modem()
    monkeypatch.setattr(joining, "FASTEST_S", 0)
    mail = MailSettings(public_url="https://plp.example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    visitor = Browser(app.test_client())
    visitor.get("/register")
    assert visitor.get("/register/plp.vcf").status_code == 404
    with connected():
        place("Plainevaux", utc_now())
    visitor.post(
        "/register", {"last_name": "D", "first_name": "L", "mobile": "0470000007", "language": "nl", "sms": "yes"}
    )
    with connected():
        (text,) = [row.text.body for row in Message.select()]
    done = visitor.post("/register/code", {"code": text[:6]})
    assert "0470 00 09 01 · 0470 00 09 02" in words(done)
    assert "<svg" in done.text
    assert visitor.get("/register/plp.vcf").mimetype == "text/vcard"

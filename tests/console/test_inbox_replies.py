"""What an officer does with what came in: takes it, calls, replies, and is done with it."""

import re
from datetime import timedelta

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.answers import mark_reply_refused, mark_reply_sent, owed_replies
from db.mail.enqueue import enqueue_letter
from db.mail.values import Copy, Letter
from db.models.mail import InboxAnswer
from db.models.zone import DirectoryEntry
from plp.services.bulletins.relaying import save_relaying
from plp.services.people.neighbourhoods import save_neighbourhood
from rules.sentences import CodedRefusal
from tests.console.conftest import words
from tests.console.inbox_scene import STRANGER, address, comes, mail, presses, standing
from tests.support.people import mobile, person


def test_i_take_it_and_the_others_know(officer, sign_in):
    ref = mail()
    assert "1 message à traiter" in words(officer.get("/status"))
    assert "1 conversation à traiter" in words(officer.get("/"))
    assert presses(officer, ref, "take").status_code == 303
    assert "Vous traitez ce message. Ensuite" in words(officer.get(address(ref)))
    assert "plp-count" not in officer.get("/").text
    other = sign_in("officer", "admin")
    assert "en traitement : Test officer" in words(other.get("/inbox"))
    presses(other, ref, "take")
    assert "Vous reprenez ce message, traité jusqu'ici par Test officer." in words(other.get(address(ref)))
    assert standing(ref).taken_by == "Test officer admin"


def test_whoever_left_a_number_can_be_called(officer):
    with connected():
        person(1, utc_now(), email="luc@example.org")
    assert f'href="tel:{mobile(1)}"' in officer.get(address(mail())).text
    assert f'href="tel:{STRANGER}"' in officer.get(address(comes(STRANGER))).text
    for ref in (comes("Proximus"), mail("anne@example.org")):
        assert "tel:" not in officer.get(address(ref)).text.split('id="inbox-todo"')[1]


def test_done_means_what_the_page_showed(officer):
    first = comes(STRANGER, "un", ago=timedelta(minutes=1))
    page = officer.get(address(first))
    second = comes(STRANGER, "deux")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)[1]
    answer = officer.post(f"{address(first)}/done", {"seen": seen}, page=address(first))
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert not standing(first).is_open
    assert standing(second).is_open
    assert presses(officer, second, "done").status_code == 303
    assert "Traité par Test officer" in words(officer.get(address(second)))
    assert "Aucun message à traiter" in words(officer.get("/inbox"))
    assert "traité par Test officer" in words(officer.get("/inbox?filter=handled"))
    presses(officer, second, "reopen")
    assert standing(first).is_open
    assert standing(second).is_open


def test_a_reply_is_written_once_and_what_became_of_it_is_shown(officer, posting):
    ref = mail(subject="Rue du Bois", message_id="<1@example.org>")
    page = officer.get(address(ref))
    assert "Réponse à luc@example.org" in words(page)
    nonce = re.search(r'name="nonce" value="([^"]+)"', page.text)[1]
    for _press in range(2):
        answer = officer.post(
            f"{address(ref)}/reply",
            {"reply": "Merci, nous passons.", "nonce": nonce, "seen": f"mail-{ref.id}"},
            page=address(ref),
        )
        assert answer.status_code == 303
    with connected():
        (owed,) = owed_replies()
    assert (owed.body, owed.by, owed.item.ref) == ("Merci, nous passons.", "Test officer", ref)
    assert not standing(ref).is_open
    page = words(officer.get(address(ref)))
    assert "Test officer a répondu en attente" in page
    with connected():
        (letter,) = enqueue_letter(
            Letter("answer", "Re: Rue du Bois"), [Copy(owed.key, "luc@example.org", "", owed.body)], utc_now()
        )
        mark_reply_sent(owed.id, owed.body, letter=letter)
    assert "Test officer a répondu envoi imminent" in words(officer.get(address(ref)))


def test_an_answer_to_an_address_that_many_read_is_warned_of(officer, posting):
    with connected():
        save_neighbourhood(None, "Rotheux", "rotheux@example.org", "test", utc_now())
    page = words(officer.get(address(mail("rotheux@example.org"))))
    assert "Adresse du quartier Rotheux : toutes les personnes qui y ont accès verront votre réponse." in page
    page = words(officer.get(address(mail("rotheux@example.org", reply_to="anne@example.org"))))
    assert "Réponse à anne@example.org" in page
    assert "verront votre réponse" not in page


def test_the_station_and_the_officer_are_those_of_the_writer_s_neighbourhood(officer, sign_in, posting):
    with connected():
        place = save_neighbourhood(None, "Jemeppe", "", "test", utc_now())
        person(1, utc_now(), "Jemeppe", email="luc@example.org")
        station = DirectoryEntry.create(position=90, service="Commissariat de Jemeppe", purpose="", contact="04/1").id
        agent = DirectoryEntry.create(position=91, service="Inspecteur", purpose="", contact="0475 00 00 07").id
    admin, form = sign_in("admin"), {"name": "Jemeppe", "reference_address": ""}
    admin.post(f"/neighbourhoods/{place}", form | {"station": str(station), "officer": str(agent)})
    chosen = re.findall(r'<option value="(\d+)" selected>', admin.get(f"/neighbourhoods/{place}").text)
    assert chosen == [str(station), str(agent)]
    page = words(officer.get(address(mail())))
    assert "réponse type renvoyant vers « Commissariat de Jemeppe », 04/1" in page
    assert "Agent de quartier (Jemeppe) : Inspecteur, 0475 00 00 07" in page


def test_what_would_go_to_a_whole_group_says_so_or_does_not_go(officer, posting):
    with connected():
        number = save_neighbourhood(None, "Rotheux", "rotheux@example.org", "test", utc_now())
        save_relaying(number, None, "membres@example.org", "test", utc_now())
    page = words(officer.get(address(mail(reply_to="membres@example.org"))))
    assert "La réponse sera envoyée à luc@example.org." in page
    assert "verront votre réponse. Réponse à membres@example.org" in page, (
        "the letter's form warns, the station's need not"
    )
    assert page.count("verront votre réponse") == 1
    page = words(officer.get(address(mail("rotheux@example.org"))))
    assert page.count("verront votre réponse") == 2
    ref = mail("x@googlegroups.com")
    page = words(officer.get(address(ref)))
    assert "Adresse d'un groupe : tous ses membres verront votre réponse." in page
    assert "Cet e-mail ne porte que l'adresse d'un groupe" in page
    assert "Renvoyer vers le commissariat" not in page
    answer = officer.post(f"{address(ref)}/station", {"seen": f"mail-{ref.id}"}, page=address(ref))
    assert answer.status_code == 400
    assert standing(ref).is_open
    sms = comes(STRANGER)
    assert "La réponse sera envoyée à 0470 00 00 99." in words(officer.get(address(sms)))


def test_a_refused_reply_keeps_its_words(officer):
    ref = mail()
    assert "Envoi d'e-mails non configuré" in words(officer.get(address(ref)))
    answer = officer.post(f"{address(ref)}/reply", {"reply": "Des mots à garder", "nonce": "n"}, page=address(ref))
    assert answer.status_code == 400
    assert "configuré : prévenez le technicien." in words(answer)
    assert standing(ref).is_open


def test_an_empty_reply_is_refused_with_its_form(officer, posting):
    ref = mail()
    answer = officer.post(f"{address(ref)}/reply", {"reply": " ", "nonce": "n"}, page=address(ref))
    assert answer.status_code == 400
    assert "Rédigez la réponse avant de l'envoyer." in words(answer)
    sms = comes(STRANGER)
    answer = officer.post(f"{address(sms)}/reply", {"reply": "Merci", "nonce": "n"}, page=address(sms))
    assert answer.status_code == 400


def test_not_about_security_answers_once_and_is_done(officer, posting):
    for ref in (comes(STRANGER, "Mon voisin fait du bruit"), mail()):
        page = words(officer.get(address(ref)))
        assert "« Commissariat de proximité de Neupré (Service Proximité) », 04/330 58 71" in page
        for _press in range(2):
            answer = officer.post(f"{address(ref)}/station", {"seen": f"{ref.channel}-{ref.id}"}, page=address(ref))
            assert answer.status_code == 303
        assert not standing(ref).is_open
        assert "Renvoyer vers le commissariat" not in words(officer.get(address(ref)))
    with connected():
        assert [each.kind for each in owed_replies()] == ["station", "station"]
        owed = next(each for each in owed_replies() if each.item.ref.channel == "sms")
        mark_reply_refused(owed.id, CodedRefusal("reply_not_mobile"))
        assert InboxAnswer.select().count() == 2
    ref = comes(STRANGER, "encore")
    assert "non envoyée Seul un GSM belge peut recevoir une réponse." in words(officer.get(address(ref)))

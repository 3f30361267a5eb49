"""Boîte de réception: what people wrote by SMS and by e-mail, for the officer alone."""

from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.items import Ref
from db.inbound.inbox.threads import newest_item
from db.inbound.mailbox import mark_mailbox_trouble
from db.inbound.received import PATIENCE, apply_inbound, give_up_incomplete, mark_handled
from db.inbound.replies.judging import mark_answered, save_verdict
from db.models.broadcasts import Broadcast, Part
from modem.sms.incoming import decode_incoming
from plp.jobs.autoreply import answer_texts
from rules.replies.values import Answer, Meaning, Silence
from rules.sentences import CodedRefusal
from rules.states import PartState
from tests.console.conftest import words
from tests.console.inbox_scene import STRANGER, address, comes, mail, standing
from tests.plp.jobs import answering
from tests.support.inbox import CARD, Concatenated, Text
from tests.support.mms import notice_from
from tests.support.people import mobile, person, ready_modem

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "{{ config }}", "\u202eevil", "x" * 2000]


def test_nobody_wrote(officer):
    page = words(officer.get("/inbox"))
    assert "Aucun message à traiter." in page
    assert "En cas d'urgence, les citoyens appellent le 101 ou le 04/330 40 00." in page
    assert "Aucun message entrant." in words(officer.get("/inbox?filter=all"))


def test_newest_first_with_names_where_they_are_known(officer):
    with connected():
        person(1, utc_now(), role="coordinator")
    comes(mobile(1), "Merci, bien reçu", ago=timedelta(minutes=3))
    comes(STRANGER, "Qui êtes-vous ?", ago=timedelta(minutes=2))
    comes("Proximus", "Votre crédit est épuisé.", ago=timedelta(minutes=1))
    mail("anne@example.org", "Une voiture sans plaque.", sender_name="Anne Petit", subject="Rue du Bois")
    page = words(officer.get("/inbox"))
    assert "Prénom1 Nom001 coordinateur · Plainevaux · 0470 00 00 01" in page
    assert "0470 00 00 99 absent de la liste des membres" in page
    assert "Proximus absent de la liste des membres" in page
    assert "Anne Petit absent de la liste des membres · anne@example.org" in page
    assert page.index("Rue du Bois") < page.index("crédit") < page.index("Qui êtes-vous") < page.index("bien reçu")


def test_a_photo_is_shown_as_what_it_is(officer):
    now = utc_now()
    with connected():
        person(1, now, role="coordinator")
        apply_inbound(CARD, decode_incoming(notice_from(mobile(1), now)), False, now)
    notice = "Photo, vidéo ou son (30 ko) : ces messages n'arrivent pas ici."
    page = words(officer.get("/inbox"))
    assert notice in page
    assert "Prénom1 Nom001" in page
    ref = newest_item()
    assert notice in words(officer.get(f"/inbox/sms/{ref.id}"))


@pytest.mark.parametrize(
    ("there", "total", "told"),
    [
        ((1, 3), 3, "Il manque la partie 2 sur 3 ; elle peut encore arriver."),
        ((2,), 4, "Il manque les parties 1, 3 et 4 sur 4 ; elles peuvent encore arriver."),
        ((2, 3), 4, "Il manque les parties 1 et 4 sur 4 ; elles peuvent encore arriver."),
    ],
)
def test_a_text_with_a_gap_says_so(officer, there, total, told):
    for seq in there:
        ref = comes(STRANGER, f"partie {seq} ", seq, total)
    assert told in words(officer.get("/inbox"))
    assert told in words(officer.get(address(ref)))


def test_a_part_that_nobody_waits_for_any_longer(officer):
    comes(STRANGER, "début ", 1, 2, ago=PATIENCE + timedelta(minutes=1))
    with connected():
        give_up_incomplete(utc_now())
    page = words(officer.get("/inbox"))
    assert "début […]" in page
    assert "Il manque la partie 2 sur 2 ; elle n'est pas arrivée dans les 24 heures." in page


def test_a_whole_text_says_nothing_of_parts(officer):
    comes(STRANGER, "un ", 1, 2)
    comes(STRANGER, "deux", 2, 2)
    page = words(officer.get("/inbox"))
    assert "un deux" in page
    assert "Il manque" not in page


def test_pages_and_the_list_that_stays_as_it_is(officer, monkeypatch):
    monkeypatch.setattr("console.inbox.pages.PER_PAGE", 2)
    for number in range(5):
        newest = comes(f"+3247000020{number}", f"numéro {number}", ago=timedelta(minutes=9 - number))
    page = officer.get("/inbox?page=2")
    assert "Page 2 sur 3" in words(page)
    assert "numéro 2" in words(page)
    assert "Page 3 sur 3" in words(officer.get("/inbox?page=999"))
    live = f"/inbox/live?filter=open&newest=sms-{newest.id}"
    assert live.replace("&", "&amp;") in page.text
    fragment = officer.get(live)
    assert "<html" not in fragment.text
    assert "Nouveau message : afficher" not in fragment.text
    assert "numéro" not in fragment.text
    comes(STRANGER, "plus tard")
    fragment = officer.get(live)
    assert "Nouveau message : afficher" in words(fragment)
    assert 'hx-get="/inbox' not in fragment.text, "it was told, and is not asked again"


def test_a_conversation_that_goes_on_says_so_and_stays(officer):
    ref = comes(STRANGER, "un", ago=timedelta(minutes=1))
    live = f"{address(ref)}/live?newest=sms-{ref.id}"
    assert live in officer.get(address(ref)).text
    assert "Nouveau message de cette personne : afficher" not in officer.get(live).text
    comes(STRANGER, "deux")
    assert "Nouveau message de cette personne : afficher" in words(officer.get(live))


def test_what_one_person_wrote_stands_together_oldest_first(officer):
    with connected():
        person(1, utc_now(), email="luc@example.org")
    first = comes(mobile(1), "par sms", ago=timedelta(minutes=2))
    second = mail(text="par e-mail", quoted="ce qui est cité", enclosures=("photo.jpg",), is_shortened=True)
    for ref in (first, second):
        page = words(officer.get(address(ref)))
        assert page.index("par sms") < page.index("par e-mail") < page.index("ce qui est cité")
        assert "Prénom1 Nom001" in page
        assert "Pièce jointe, à ouvrir dans la messagerie de la zone : photo.jpg" in page
        assert "ko au total). La suite est dans la messagerie de la zone" in page


def test_what_was_answered_by_itself(officer):
    ref = comes(STRANGER, "Qui êtes-vous ?")
    with connected():
        save_verdict(ref.id, utc_now(), Meaning.OTHER, "fr", Answer.NOT_READ)
    assert "Réponse automatique en attente : message « numéro non suivi" in words(officer.get(address(ref)))
    with connected():
        mark_answered(ref.id, utc_now())
    assert "Réponse automatique de" in words(officer.get(address(ref)))
    with connected():
        save_verdict(comes(STRANGER, "Et ?").id, utc_now(), Meaning.OTHER, "fr", Answer.NOT_READ, Silence.REPEATED)
    assert "ce numéro en a déjà reçu une dans les 24 heures" in words(officer.get(address(ref)))
    with connected():
        stop = comes(STRANGER, "STOP")
        save_verdict(stop.id, utc_now(), Meaning.STOP, "fr", Answer.STOPPED)
        mark_handled(stop.id, utc_now())
    assert "compris : ne plus recevoir de SMS" in words(officer.get(address(ref)))


@pytest.mark.parametrize(("state", "told"), [(PartState.EXPIRED, "expiré"), (PartState.DELIVERED, "reçu")])
def test_an_automatic_answer_shows_what_became_of_it(officer, state, told):
    with connected():
        ready_modem("a", utc_now())
        ref = Ref("sms", answering.comes("Qui êtes-vous ?", STRANGER, utc_now()))
        answer_texts(answering.SETTINGS, utc_now())
    assert "message « numéro non suivi en permanence ». en attente" in words(officer.get(address(ref)))
    with connected():
        Part.update(state=state).execute()
    assert f"message « numéro non suivi en permanence ». {told}" in words(officer.get(address(ref)))
    with connected():
        Broadcast.delete().execute()
    assert f"message « numéro non suivi en permanence ». {told}" not in words(officer.get(address(ref))), (
        "nothing is known of it"
    )


def test_every_word_of_the_answers_has_words(app):
    from console.inbox.blueprint import _ANSWERS, _SILENCES

    assert set(_ANSWERS) == set(Answer) - {Answer.NONE}
    assert set(_SILENCES) == set(Silence) - {Silence.NONE} | {"automatic_alarm"}


def test_a_mailbox_that_cannot_be_read_is_told(officer):
    silent = CodedRefusal("mailbox_silent", host="imap.example.be", port=993, why="x")
    with connected():
        mark_mailbox_trouble("plp@imap.example.be:993", silent.stored)
    page = words(officer.get("/inbox"))
    assert "Les e-mails ne sont pas relevés actuellement." in page
    assert "imap.example.be:993 ne répond pas (x)." in page
    assert "Prévenez le technicien." in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(officer, text):
    with connected():
        apply_inbound(CARD, Text(text[:20], text, utc_now(), Concatenated(1, 1, 2)), True, utc_now())
        sms = newest_item()
    letter = mail(text, text, subject=text, sender_name=text, quoted=text, enclosures=(text,), message_id=text)
    for path in ("/inbox?filter=all", address(sms), address(letter)):
        page = officer.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "SECRET_KEY" not in page.text
    assert "simulé" in words(officer.get(address(sms)))


@pytest.mark.parametrize(
    "path", ["/inbox/sms/1", "/inbox/mail/1", "/inbox/fax/1", "/inbox/sms/99999999999", "/inbox/sms/1/live"]
)
def test_what_is_not_there(officer, path):
    assert officer.get(path).status_code == 404


def test_what_a_machine_wrote_is_folded_and_not_answered(officer, posting):
    ref = mail(kind="automatic", text="Je suis en congé.", subject="Absence")
    assert "Aucun message à traiter" in words(officer.get("/inbox"))
    assert "Je suis en congé" not in words(officer.get("/inbox?filter=all"))
    page = officer.get(address(ref))
    assert "Je suis en congé" in words(page)
    assert "/reply" not in page.text
    assert "/station" not in page.text


def test_what_nothing_can_read_says_where_it_lies(officer):
    ref = mail(kind="unreadable")
    assert "E-mail illisible." in words(officer.get("/inbox"))
    assert "E-mail illisible. Ouvrez-le dans la messagerie de la zone" in words(officer.get(address(ref)))


@pytest.mark.parametrize("role", ["technician", "admin", "coordinator"])
def test_it_is_the_officer_s_alone(sign_in, role):
    ref = comes(STRANGER, "un secret")
    person = sign_in(role)
    for path in ("/inbox", "/inbox/live", address(ref), f"{address(ref)}/live"):
        answer = person.get(path)
        assert answer.status_code == 403
        assert "un secret" not in answer.text
    for what in ("take", "done", "reopen", "reply", "station"):
        assert person.post(f"{address(ref)}/{what}").status_code == 403
    page = person.get("/").text
    assert 'href="/inbox"' not in page
    assert "plp-count" not in page
    assert standing(ref).is_open

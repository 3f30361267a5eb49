"""Messages reçus: what people wrote by SMS and by e-mail, for the officer alone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from db.bulletins.groups import save_relaying
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.answers import mark_reply_refused, mark_reply_sent, owed_replies
from db.inbound.inbox.items import items_of
from db.inbound.inbox.threads import newest_item
from db.inbound.inbox.values import Ref
from db.inbound.mailbox.position import mark_mailbox_trouble
from db.inbound.received import PATIENCE, apply_inbound, give_up_incomplete, mark_handled
from db.inbound.replies.judging import save_verdict
from db.inbound.replies.owed import mark_answered
from db.mail.enqueue import enqueue_letter
from db.mail.sender import send_as
from db.mail.values import Copy, Letter
from db.models.broadcasts import Broadcast, Part
from db.models.mailbox import InboxAnswer
from db.people.members.saving import save_neighbourhood
from db.settings.values import MailSettings
from plp.jobs.autoreply.judging import answer_texts
from plp.rules.replies.values import Answer, Interpretation, Meaning, Silence
from plp.rules.sentences import CodedRefusal
from plp.rules.states import PartState
from tests.console.conftest import words
from tests.db.inbound.test_inbox import CARD, Concatenated, Text
from tests.db.inbound.test_inbox import comes as comes_in
from tests.db.inbound.test_inbox import mail as mail_in
from tests.plp.jobs import answering
from tests.support.people import mobile, person, ready_modem

STRANGER = "+32470000099"
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "{{ config }}", "\u202eevil", "x" * 2000]


@pytest.fixture
def officer(sign_in):
    return sign_in("officer")


@pytest.fixture
def posting(app):
    """Mail leaves this box."""
    mail = MailSettings(sender="plp@example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    send_as(mail)
    yield
    send_as(None)


def comes(sender, text="Merci", seq=1, total=1, ago=timedelta()):
    with connected():
        comes_in(utc_now() - ago, sender, text, seq, total)
        return newest_item()


def mail(sender="luc@example.org", text="Bonjour", ago=timedelta(), **changes):
    with connected():
        return mail_in(utc_now() - ago, sender, text, **changes)


def address(ref):
    return f"/inbox/{ref.channel}/{ref.id}"


def presses(officer, ref, what, **fields):
    """The button of the conversation's page, with what that page shows."""
    page = officer.get(address(ref)).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    data = {"seen": seen, **fields}
    return officer.post(f"{address(ref)}/{what}", data, page=address(ref))


def standing(ref):
    with connected():
        return items_of([ref])[0]


def test_nobody_wrote(officer):
    page = words(officer.get("/inbox"))
    assert "Rien à lire : tout est traité." in page
    assert "Une urgence ne s'écrit pas : elle s'appelle, au 101 ou au 04/330 40 00." in page
    assert "Personne n'a encore écrit." in words(officer.get("/inbox?filter=all"))


def test_newest_first_with_names_where_they_are_known(officer):
    with connected():
        person(1, utc_now(), role="coordinator")
    comes(mobile(1), "Merci, bien reçu", ago=timedelta(minutes=3))
    comes(STRANGER, "Qui êtes-vous ?", ago=timedelta(minutes=2))
    comes("Proximus", "Votre crédit est épuisé.", ago=timedelta(minutes=1))
    mail("anne@example.org", "Une voiture sans plaque.", sender_name="Anne Petit", subject="Rue du Bois")
    page = words(officer.get("/inbox"))
    assert "Prénom1 Nom001 coordinateur · Plainevaux · 0470 00 00 01" in page
    assert "0470 00 00 99 pas dans la liste des membres" in page
    assert "Proximus pas dans la liste des membres" in page
    assert "Anne Petit pas dans la liste des membres · anne@example.org" in page
    assert page.index("Rue du Bois") < page.index("crédit") < page.index("Qui êtes-vous") < page.index("bien reçu")


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
    assert "Il manque la partie 2 sur 2 ; elle n'est pas venue en un jour." in page


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
    assert "nouveau message" not in fragment.text
    assert "numéro" not in fragment.text
    comes(STRANGER, "plus tard")
    fragment = officer.get(live)
    assert "Un nouveau message est arrivé : l'afficher" in words(fragment)
    assert "hx-get" not in fragment.text, "it was told, and is not asked again"


def test_a_conversation_that_goes_on_says_so_and_stays(officer):
    ref = comes(STRANGER, "un", ago=timedelta(minutes=1))
    live = f"{address(ref)}/live?newest=sms-{ref.id}"
    assert live in officer.get(address(ref)).text
    assert "vient d'écrire" not in officer.get(live).text
    comes(STRANGER, "deux")
    assert "Cette personne vient d'écrire de nouveau" in words(officer.get(live))


def test_what_one_person_wrote_stands_together_oldest_first(officer):
    with connected():
        person(1, utc_now(), email="luc@example.org")
    first = comes(mobile(1), "par sms", ago=timedelta(minutes=2))
    second = mail(text="par e-mail", quoted="ce qui est cité", enclosures=("photo.jpg",), is_shortened=True)
    for ref in (first, second):
        page = words(officer.get(address(ref)))
        assert page.index("par sms") < page.index("par e-mail") < page.index("ce qui est cité")
        assert "Prénom1 Nom001" in page
        assert "Pièce jointe, à ouvrir dans la boîte aux lettres de la zone : photo.jpg" in page
        assert "Seul le début est montré" in page


def test_what_was_answered_by_itself(officer):
    ref = comes(STRANGER, "Qui êtes-vous ?")
    with connected():
        save_verdict(ref.id, Interpretation(Meaning.OTHER, "fr", Answer.NOT_READ), utc_now())
    assert "Une réponse automatique va partir : les SMS ne sont pas lus" in words(officer.get(address(ref)))
    with connected():
        mark_answered(ref.id, utc_now())
    assert "Réponse automatique de" in words(officer.get(address(ref)))
    with connected():
        save_verdict(
            comes(STRANGER, "Et ?").id,
            Interpretation(Meaning.OTHER, "fr", Answer.NOT_READ, Silence.REPEATED),
            utc_now(),
        )
    assert "ce numéro en a déjà reçu une dans les 24 heures" in words(officer.get(address(ref)))
    with connected():
        stop = comes(STRANGER, "STOP")
        save_verdict(stop.id, Interpretation(Meaning.STOP, "fr", Answer.STOPPED), utc_now())
        mark_handled(stop.id, utc_now())
    assert "compris comme : ne plus recevoir de SMS" in words(officer.get(address(ref)))


@pytest.mark.parametrize(("state", "told"), [(PartState.EXPIRED, "expiré"), (PartState.DELIVERED, "remis")])
def test_an_automatic_answer_shows_what_became_of_it(officer, state, told):
    with connected():
        ready_modem("a", utc_now())
        ref = Ref("sms", answering.comes("Qui êtes-vous ?", STRANGER, utc_now()))
        answer_texts(answering.SETTINGS, utc_now())
    assert "voici les numéros à appeler. en attente" in words(officer.get(address(ref)))
    with connected():
        Part.update(state=state).execute()
    assert f"voici les numéros à appeler. {told}" in words(officer.get(address(ref)))
    with connected():
        Broadcast.delete().execute()
    assert f"voici les numéros à appeler. {told}" not in words(officer.get(address(ref))), "nothing is known of it"


def test_every_word_of_the_answers_has_words(app):
    from console.inbox.words import _ANSWERS, _SILENCES

    assert set(_ANSWERS) == set(Answer) - {Answer.NONE}
    assert set(_SILENCES) == set(Silence) - {Silence.NONE}


def test_i_take_it_and_the_others_know(officer, sign_in):
    ref = mail()
    assert "1 message reçu à lire" in words(officer.get("/status"))
    assert "1 conversation à lire" in words(officer.get("/"))
    assert presses(officer, ref, "take").status_code == 303
    assert "Vous vous en occupez. Quand c'est fait, dites-le" in words(officer.get(address(ref)))
    assert "plp-count" not in officer.get("/").text
    other = sign_in("officer", "admin")
    assert "Test officer s'en occupe" in words(other.get("/inbox"))
    presses(other, ref, "take")
    assert "Vous reprenez ce message ; Test officer s'en occupait." in words(other.get(address(ref)))
    assert standing(ref).taken_by == "Test officer admin"


def test_whoever_left_a_number_can_be_called(officer):
    with connected():
        person(1, utc_now(), email="luc@example.org")
    assert f'href="tel:{mobile(1)}"' in officer.get(address(mail())).text
    assert f'href="tel:{STRANGER}"' in officer.get(address(comes(STRANGER))).text
    for ref in (comes("Proximus"), mail("anne@example.org")):
        assert "tel:" not in officer.get(address(ref)).text.split("Que faire")[1]


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
    assert "Rien à lire" in words(officer.get("/inbox"))
    assert "traité par Test officer" in words(officer.get("/inbox?filter=handled"))
    presses(officer, second, "reopen")
    assert standing(first).is_open
    assert standing(second).is_open


def test_a_reply_is_written_once_and_what_became_of_it_is_shown(officer, posting):
    ref = mail(subject="Rue du Bois", message_id="<1@example.org>")
    page = officer.get(address(ref))
    assert "À luc@example.org" in words(page)
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
    assert "Test officer a répondu part bientôt" in words(officer.get(address(ref)))


def test_an_answer_to_an_address_that_many_read_is_warned_of(officer, posting):
    with connected():
        save_neighbourhood(None, "Rotheux", "rotheux@example.org", "test", utc_now())
    page = words(officer.get(address(mail("rotheux@example.org"))))
    assert "C'est l'adresse du quartier Rotheux : tous ceux qui la lisent verront votre réponse." in page
    page = words(officer.get(address(mail("rotheux@example.org", reply_to="anne@example.org"))))
    assert "À anne@example.org" in page
    assert "verront votre réponse" not in page


def test_what_would_go_to_a_whole_group_says_so_or_does_not_go(officer, posting):
    with connected():
        number = save_neighbourhood(None, "Rotheux", "rotheux@example.org", "test", utc_now())
        save_relaying(number, None, "membres@example.org", "test", utc_now())
    page = words(officer.get(address(mail(reply_to="membres@example.org"))))
    assert "La réponse ira à luc@example.org." in page
    assert "verront votre réponse. À membres@example.org" in page, "the letter's form warns, the station's need not"
    assert page.count("verront votre réponse") == 1
    page = words(officer.get(address(mail("rotheux@example.org"))))
    assert page.count("verront votre réponse") == 2
    ref = mail("x@googlegroups.com")
    page = words(officer.get(address(ref)))
    assert "C'est l'adresse d'un groupe : tous ses membres verront votre réponse." in page
    assert "Cet e-mail ne porte que l'adresse d'un groupe" in page
    assert "Pas une question de sécurité" not in page
    answer = officer.post(f"{address(ref)}/station", {"seen": f"mail-{ref.id}"}, page=address(ref))
    assert answer.status_code == 400
    assert standing(ref).is_open
    sms = comes(STRANGER)
    assert "La réponse ira à 0470 00 00 99." in words(officer.get(address(sms)))


def test_a_mailbox_that_cannot_be_read_is_told(officer):
    silent = CodedRefusal("mailbox_silent", host="imap.example.be", port=993, why="x")
    with connected():
        mark_mailbox_trouble("plp@imap.example.be:993", silent.stored)
    page = words(officer.get("/inbox"))
    assert "Les e-mails ne sont pas lus pour l'instant." in page
    assert "imap.example.be:993 ne répond pas (x)." in page
    assert "Prévenez le technicien." in page


def test_a_refused_reply_keeps_its_words(officer):
    ref = mail()
    assert "Aucun mail ne part de cette machine" in words(officer.get(address(ref)))
    answer = officer.post(f"{address(ref)}/reply", {"reply": "Des mots à garder", "nonce": "n"}, page=address(ref))
    assert answer.status_code == 400
    assert "[mail] from est vide" in words(answer)
    assert standing(ref).is_open


def test_an_empty_reply_is_refused_with_its_form(officer, posting):
    ref = mail()
    answer = officer.post(f"{address(ref)}/reply", {"reply": " ", "nonce": "n"}, page=address(ref))
    assert answer.status_code == 400
    assert "Écrivez la réponse avant de l'envoyer." in words(answer)
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
        assert "Pas une question de sécurité" not in words(officer.get(address(ref)))
    with connected():
        assert [each.kind for each in owed_replies()] == ["station", "station"]
        owed = next(each for each in owed_replies() if each.item.ref.channel == "sms")
        mark_reply_refused(owed.id, CodedRefusal("reply_not_mobile"))
        assert InboxAnswer.select().count() == 2
    ref = comes(STRANGER, "encore")
    assert "n'est pas partie On ne peut répondre qu'à un gsm belge." in words(officer.get(address(ref)))


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
    assert "Rien à lire" in words(officer.get("/inbox"))
    assert "Je suis en congé" not in words(officer.get("/inbox?filter=all"))
    page = officer.get(address(ref))
    assert "Je suis en congé" in words(page)
    assert "/reply" not in page.text
    assert "/station" not in page.text


def test_what_nothing_can_read_says_where_it_lies(officer):
    ref = mail(kind="unreadable")
    assert "Un e-mail que la machine ne sait pas lire." in words(officer.get("/inbox"))
    assert "boîte aux lettres de la zone : ouvrez-le là" in words(officer.get(address(ref)))


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

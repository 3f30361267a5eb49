"""What officers answered leaves, once, in the writer's language; and what cannot leave says why."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings, SendingSettings, Settings
from db.engine.connection import writing
from db.inbound.inbox.answers import answers_of
from db.inbound.replies.judging import save_verdict
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, BroadcastText, Message
from db.models.mail import InboundMail, InboxAnswer, Mail, MailLetter
from db.models.modem_records import InboundMessage
from db.models.zone import DirectoryEntry
from plp.jobs.imap import replying
from plp.jobs.imap.replying import send_replies
from plp.letters.rendering import REPLY, SMS
from rules.replies.values import Meaning
from rules.sentences import NOTHING, stored_sentence
from tests.plp.jobs.answering import cut_while_placing
from tests.support.inbox import STRANGER, mail, pointed_to_station, replied, text
from tests.support.people import later, mobile, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "c.ini", tmp_path, sending=SendingSettings(), mail=MailSettings(sender="plp@example.be"))


def sent_texts():
    return [(row.msisdn, row.text.body) for row in Message.select(Message, BroadcastText).join(BroadcastText)]


def test_a_reply_leaves_as_a_mail_that_answers_theirs(now, settings, posting):
    person(1, now, email="luc@example.org", language="de")
    ref = mail(now, words="Eine Frage.", subject="Hallo", message_id="<1@example.org>", sender_name="Luc")
    replied(ref, "Guten Tag,\n\ndanke.", "nonce", "Anne", now)
    assert send_replies(settings, now)
    assert not send_replies(settings, now)
    (row,) = Mail.select(Mail, MailLetter).join(MailLetter)
    assert (row.letter.kind, row.letter.subject, row.letter.in_reply_to) == ("answer", "Re: Hallo", "<1@example.org>")
    assert (row.address, row.name, row.key) == ("luc@example.org", "Prénom1 Nom001", "reply:nonce")
    for body in (row.text, row.html):
        assert "Guten Tag" in body
        assert "Prénom1 Nom001 schrieb:" in body
        assert "Eine Frage." in body
        assert "101 oder 04/330 40 00" in body.replace("\u00a0", " ")
    assert [each.letter for each in answers_of([ref])] == [row.id]


@pytest.mark.parametrize("subject", ["Re: Hallo", "RE : Hallo", ""])
def test_its_subject(now, settings, posting, subject):
    replied(mail(now, subject=subject), "Merci.", "nonce", "Anne", now)
    send_replies(settings, now)
    assert MailLetter.get().subject == (subject or "Votre message")


@pytest.mark.parametrize("language", sorted(REPLY))
def test_the_station_by_mail(now, settings, posting, language):
    person(1, now, email="luc@example.org", language=language)
    ref = mail(now)
    pointed_to_station(ref, "Anne", now)
    send_replies(settings, now)
    row = Mail.get()
    assert "04/330 58 71" in row.text
    assert REPLY[language]["station"].split(",", maxsplit=1)[0] in row.text
    assert answers_of([ref])[0].body.splitlines()[0] in row.text


def test_the_station_s_answer_goes_to_the_writer_and_not_to_the_group_of_their_reply_to(now, settings, posting):
    pointed_to_station(mail(now, reply_to="plainevaux@googlegroups.com"), "Anne", now)
    hidden = mail(now, "plainevaux@googlegroups.com", reply_to="anne@example.org")
    pointed_to_station(hidden, "Anne", now)
    InboundMail.update(reply_to="").where(InboundMail.id == hidden.id).execute()
    send_replies(settings, now)
    assert [row.address for row in Mail.select()] == ["luc@example.org"]
    assert "tous ses membres liraient la réponse" in str(answers_of([hidden])[0].refusal)


@pytest.mark.parametrize("language", sorted(SMS))
def test_the_station_by_sms_is_one_part_and_goes_to_a_member_in_their_language(now, settings, language):
    ready_modem("a", now)
    person(1, now, language=language)
    ref = text(now, mobile(1), "Mon voisin fait du bruit")
    pointed_to_station(ref, "Anne", now)
    assert send_replies(settings, now)
    assert not send_replies(settings, now)
    ((number, body),) = sent_texts()
    assert number == mobile(1)
    assert "04/330 58 71" in body
    assert "101" in body
    assert len(body) <= 160
    assert body.split(" ", maxsplit=1)[0] == SMS[language]["station"].split(" ", maxsplit=1)[0]
    assert (Broadcast.get().kind, answers_of([ref])[0].body) == ("answer", body)


def test_a_stranger_is_answered_in_the_language_that_they_wrote(now, settings):
    ready_modem("a", now)
    ref = text(now, STRANGER, "Mein Nachbar")
    save_verdict(ref.id, now, Meaning.OTHER, "de")
    pointed_to_station(ref, "Anne", now)
    send_replies(settings, now)
    ((number, body),) = sent_texts()
    assert number == STRANGER
    assert body.startswith("Ihre Nachricht")


def test_an_entry_that_is_too_long_takes_the_shorter_words(now, settings):
    ready_modem("a", now)
    DirectoryEntry.update(contact="04/330 58 71, du lundi au vendredi de 8:30 à 12:15 et l'après-midi").where(
        DirectoryEntry.service.contains("proximité")
    ).execute()
    pointed_to_station(text(now), "Anne", now)
    send_replies(settings, now)
    ((_number, body),) = sent_texts()
    assert body.startswith("Hors PLP.")


def test_without_a_modem_it_waits_for_a_day(now, settings):
    ref = text(now)
    pointed_to_station(ref, "Anne", now)
    assert not send_replies(settings, now)
    assert answers_of([ref])[0].refusal == NOTHING
    assert send_replies(settings, now + timedelta(hours=25))
    assert str(answers_of([ref])[0].refusal) == "Aucun modem n'a pu envoyer cette réponse en 24 heures."


def test_what_cannot_leave_says_why_and_keeps_no_other(now, settings, posting):
    DirectoryEntry.delete().where(DirectoryEntry.service.contains("proximité")).execute()
    first, second = mail(now), mail(now)
    pointed_to_station(first, "Anne", now)
    replied(second, "Merci.", "nonce", "Anne", now)
    assert send_replies(settings, now)
    assert "Les numéros utiles ne contiennent pas de commissariat" in str(answers_of([first])[0].refusal)
    assert answers_of([second])[0].letter


def test_where_no_mail_leaves_it_is_said(now, settings):
    send_as(None)
    ref = mail(now)
    replied(ref, "Merci.", "nonce", "Anne", now)
    send_replies(settings, now)
    assert "non configuré : prévenez le technicien" in str(answers_of([ref])[0].refusal)


def test_killed_in_between_it_is_sent_once(now, settings, posting, monkeypatch):
    replied(mail(now), "Merci.", "nonce", "Anne", now)

    def killed(*_arguments, **_named):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(replying, "mark_reply_sent", killed)
        with pytest.raises(ZeroDivisionError):
            send_replies(settings, now)
    assert Mail.select().count() == 0
    send_replies(settings, now)
    assert Mail.select().count() == 1
    with writing():
        InboxAnswer.update(letter=None).execute()
    send_replies(settings, now)
    assert Mail.select().count() == 1


def test_the_answer_goes_where_its_reader_wants_it(now, settings, posting):
    ref = mail(now, sender="plainevaux@googlegroups.com", reply_to="anne@example.org", sender_name="Anne via PLP")
    replied(ref, "Merci.", "nonce", "Anne", now)
    send_replies(settings, now)
    assert Mail.get().address == "anne@example.org"


def test_an_answer_that_a_power_cut_left_half_written_is_written_anew(now, settings, monkeypatch):
    ready_modem("a", now)
    pointed_to_station(text(now), "Anne", now)
    with cut_while_placing(monkeypatch):
        send_replies(settings, now)
    assert not send_replies(settings, later(now, 5))
    ready_modem("a", later(now, 66))
    assert send_replies(settings, later(now, 66))
    assert [number for number, _body in sent_texts()] == [STRANGER]


@pytest.mark.parametrize("comes", [mail, text])
def test_a_message_that_has_the_number_of_a_forgotten_one_is_answered(now, settings, posting, comes):
    ready_modem("a", now)
    first = comes(now)
    pointed_to_station(first, "Anne", now)
    send_replies(settings, now)
    table = InboundMail if first.channel == "mail" else InboundMessage
    table.delete().execute()
    second = comes(later(now, 9))
    if second != first:
        pytest.skip("PostgreSQL counts on")
    pointed_to_station(second, "Anne", later(now, 9))
    send_replies(settings, later(now, 9))
    assert len(sent_texts()) + Mail.select().count() == 2


def test_what_was_asked_before_a_backup_was_put_back_is_not_sent_again(now, settings, posting):
    replied(mail(now), "Merci.", "nonce", "Anne", now)
    audit.record(later(now, 60), "test", "backup_restored")
    assert not send_replies(settings, later(now, 61))
    assert "peut-être déjà été envoyée" in str(stored_sentence(InboxAnswer.get().refused))
    replied(mail(later(now, 90), subject="Autre"), "Merci.", "other", "Anne", later(now, 90))
    assert send_replies(settings, later(now, 91))
    assert Mail.select().count() == 1

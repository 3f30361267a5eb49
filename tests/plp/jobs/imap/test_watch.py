"""The zone's mailbox on a real IMAP server: watched, lost, found again, and never changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from base.settings.values import MailSettings, Settings
from db.inbound.mailbox import mailbox_position, mailbox_troubles, mark_mailbox_trouble
from db.mail.enqueue import enqueue_letter
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from db.models.mail import InboundMail, Mail, Mailbox
from db.operations.incidents import open_incident, open_incidents
from plp.jobs.imap import session as sessions
from plp.jobs.imap import watch as watching
from plp.jobs.imap.session import Session
from plp.jobs.imap.watch import MailboxWatch
from rules.mail import MailState
from rules.sentences import coded
from tests.plp.jobs.imap.mails import report, with_picture, written
from tests.plp.jobs.imap.server import PASSWORD, USER

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def stored():
    return [(row.kind, row.text) for row in InboundMail.select().order_by(InboundMail.id)]


def mail(number, **headers):
    return written(f"texte {number}", Message_ID=f"<{number}@mail.example.be>", **headers)


def test_what_comes_is_stored_and_the_mailbox_stays_as_it_was(imap, watch_of, now):
    for number in range(3):
        imap.append(mail(number), now)
    watch = watch_of(imap)
    watch.step(now)
    assert stored() == [("message", f"texte {number}") for number in range(3)]
    assert imap.flags() == [set(), set(), set()]
    imap.append(mail(3), now)
    watch.step(now)
    watch.step(now)
    assert len(stored()) == 4
    assert InboundMail.get().received_at == now


def test_not_even_a_server_that_opens_it_for_writing_marks_anything(imap, watch_of, now, monkeypatch):
    select = IMAPClient.select_folder
    monkeypatch.setattr(IMAPClient, "select_folder", lambda self, folder, readonly: select(self, folder))
    imap.append(mail(1), now)
    watch_of(imap).step(now)
    assert len(stored()) == 1
    assert imap.flags() == [set()]


def test_a_mailbox_that_was_never_read_gives_its_last_days_only(imap, watch_of, now):
    imap.append(mail(1), now - timedelta(days=30))
    imap.append(mail(2), now - timedelta(days=3))
    watch_of(imap).step(now)
    assert stored() == [("message", "texte 2")]
    assert InboundMail.get().received_at == now - timedelta(days=3)


def test_another_numbering_brings_nothing_twice_and_loses_nothing(imap, watch_of, now):
    for number in range(3):
        imap.append(mail(number), now)
    watch = watch_of(imap)
    watch.step(now)
    before = mailbox_position(Mailbox.get().account)
    imap.stop()
    imap.renumber()
    imap.append(mail(3), now)
    imap.start()
    watch.step(now)
    after = mailbox_position(Mailbox.get().account)
    assert after.uidvalidity == before.uidvalidity + 1
    assert stored() == [("message", f"texte {number}") for number in range(4)]


def test_a_stopped_server_is_told_after_a_moment_and_found_again(imap, watch_of, now):
    watch = watch_of(imap)
    watch.step(now)
    imap.stop()
    watch.step(now)
    assert open_incidents() == [], "a restart is no incident"
    watch.step(now + timedelta(minutes=1))
    (incident,) = open_incidents()
    assert incident.kind == "mailbox"
    assert "ne répond pas" in incident.sentence
    assert "ne répond pas" in str(mailbox_troubles()[0])
    imap.start()
    imap.append(mail(1), now)
    watch.step(now + timedelta(hours=1))
    assert stored() == [("message", "texte 1")]
    assert open_incidents() == []
    assert mailbox_troubles() == []


def test_a_wrong_password_is_told_at_once_and_not_tried_again_soon(imap, watch_of, now, monkeypatch):
    watch = watch_of(imap, password="un autre")
    watch.step(now)
    (incident,) = open_incidents()
    assert "refuse l'utilisateur ou son mot de passe" in incident.sentence
    opened = []

    def away(account):
        opened.append(account)
        raise OSError

    monkeypatch.setattr(watching, "open_session", away)
    watch.step(now + timedelta(minutes=10))
    assert opened == []
    watch.step(now - timedelta(hours=2))  # the clock was set back: the pause is no longer than it was
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("answer", "words", "tries"),
    [
        ("[EXPIRED] user or password", "son mot de passe", 1),
        ("[LIMIT] too many", "trop de connexions", 1),
        ("[inuse]", "Réponse inattendue", 2),
    ],
)
def test_the_code_of_a_refused_sign_in_says_why(imap, watch_of, now, monkeypatch, answer, words, tries):
    tried = []

    def refused(self, user, password):
        tried.append(user)
        raise LoginError(answer)

    monkeypatch.setattr(IMAPClient, "plain_login", refused)
    monkeypatch.setattr(IMAPClient, "login", refused)
    watch = watch_of(imap)
    for minute in range(2):
        watch.step(now + timedelta(minutes=minute))
    (incident,) = open_incidents()
    assert (words in incident.sentence, len(tried)) == (True, tries)


def test_killed_between_fetch_and_store_it_is_read_again(imap, watch_of, now, monkeypatch):
    imap.append(mail(1), now)

    class Killed(BaseException):
        pass

    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(watching, "take_in", killed)
        first = watch_of(imap)
        with pytest.raises(Killed):
            first.step(now)
    assert stored() == []
    watch_of(imap).step(now)
    assert stored() == [("message", "texte 1")]


def test_a_mail_that_ends_the_connection_each_time_is_left_alone(imap, watch_of, now, monkeypatch):
    imap.append(mail(1), now)
    imap.append(mail(2), now)
    fetch = Session.fetch

    def poisoned(self, uid):
        if uid == min(self.new_uids(0)):
            raise ConnectionResetError("gone")
        return fetch(self, uid)

    monkeypatch.setattr(Session, "fetch", poisoned)
    watch = watch_of(imap)
    for hour in range(5):
        watch.step(now + timedelta(hours=hour))
    assert stored() == [("unreadable", ""), ("message", "texte 2")]


def test_a_mail_that_nothing_can_read_does_not_stop_the_others(imap, watch_of, now, monkeypatch):
    imap.append(mail(1), now)
    imap.append(mail(2), now)
    read = watching.take_in.__globals__["letter_of"]

    def defective(raw, *arguments):
        if b"texte 1" in raw:
            raise RecursionError
        return read(raw, *arguments)

    monkeypatch.setitem(watching.take_in.__globals__, "letter_of", defective)
    watch_of(imap).step(now)
    assert stored() == [("unreadable", ""), ("message", "texte 2")]
    assert InboundMail.get().sender == "luc@example.be"


def test_our_own_mails_are_passed_over(imap, watch_of, now):
    imap.append(mail(1, From="Zone <PLP@example.be>"), now)
    watch_of(imap).step(now)
    assert stored() == []


@pytest.mark.parametrize("first", [False, True], ids=["text first", "picture first"])
def test_of_a_huge_mail_the_words_are_read_and_it_is_said(imap, watch_of, now, monkeypatch, first):
    monkeypatch.setattr(sessions, "READ_BYTES", 10_000)
    raw = with_picture("Voici la plaque.", 60_000, first)
    imap.append(raw, now)
    watch_of(imap).step(now)
    row = InboundMail.get()
    assert (row.text, row.is_shortened, row.size_bytes) == ("Voici la plaque.", True, len(raw))


def test_a_bounce_shows_at_the_mail_and_not_in_the_inbox(imap, watch_of, now, posting):
    letter = Letter("bulletin", "Bulletin")
    ours, other = enqueue_letter(letter, [Copy(key, f"{key}@example.org", key, "…") for key in ("anne", "bert")], now)
    Mail.update(state=MailState.ACCEPTED).execute()
    cards = mail_cards([ours, other])
    imap.append(report(cards[ours].message_id), now)
    later = report(cards[other].message_id, "4.4.1", "delayed", "smtp; 421 later")
    imap.append(later.replace(b"anne@", b"bert@"), now)
    imap.append(report("<nobody@example.org>", "5.0.0"), now)
    watch_of(imap).step(now)
    assert [row.kind for row in InboundMail.select().order_by(InboundMail.id)] == ["bounce", "bounce", "automatic"]
    cards = mail_cards([ours, other])
    assert cards[ours].state == "bounced"
    assert cards[other].state == "accepted"


def test_an_answer_is_tied_to_the_mail_that_it_answers(imap, watch_of, now, posting):
    (ours,) = enqueue_letter(Letter("bulletin", "Bulletin"), [Copy("anne", "anne@example.org", "Anne", "…")], now)
    imap.append(mail(1, References=f"<a@b.example> {mail_cards([ours])[ours].message_id}"), now)
    watch_of(imap).step(now)
    assert InboundMail.get().answers_mail == ours


def test_without_a_mailbox_the_errand_rests_and_no_trouble_is_left(now, tmp_path):
    open_incident("mailbox", "imap.example.be", "Rien.", now)
    open_incident("mail_down", "smtp.example.be", "Rien.", now)
    watch = MailboxWatch()
    watch.step(Settings(tmp_path, tmp_path), now)
    assert [incident.kind for incident in open_incidents()] == ["mail_down"]
    open_incident("mailbox", "imap.example.be", "Rien.", now)
    watch.step(Settings(tmp_path, tmp_path), now + timedelta(minutes=1))
    assert len(open_incidents()) == 2, "what another host, which reads one, says of it"


def test_another_mailbox_ends_what_is_told_of_the_one_before(imap, watch_of, now):
    mark_mailbox_trouble("anne@typo.example:993", coded("mailbox_lost", why="Rien").stored)
    for subject in ("typo.example", "typo.example:993 #1"):
        open_incident("mailbox", subject, "Rien.", now)
    watch_of(imap).step(now)
    assert mailbox_troubles() == []
    assert [incident.subject for incident in open_incidents()] == ["typo.example:993 #1"]


def test_a_mailbox_without_a_password_is_told_until_it_has_one(imap, now, tmp_path):
    file = tmp_path / "password"
    mail_settings = MailSettings(imap_host="127.0.0.1", imap_port=imap.port, imap_user=USER)
    watch = MailboxWatch()
    watch.step(Settings(tmp_path, tmp_path, mail=mail_settings), now)
    (incident,) = open_incidents()
    assert "imap_password_file" in incident.sentence
    imap.append(mail(1), now)
    file.write_text(PASSWORD, encoding="utf-8")
    settings = Settings(tmp_path, tmp_path, mail=replace(mail_settings, imap_password_file=file))
    watch.step(settings, now + timedelta(minutes=10))
    assert stored() == []
    watch.step(settings, now + timedelta(minutes=15))
    assert stored() == [("message", "texte 1")]
    assert open_incidents() == []


def test_a_mail_that_comes_while_others_are_fetched_is_not_forgotten(imap, watch_of, now, monkeypatch):
    imap.append(mail(1), now)
    watch, fetch = watch_of(imap), Session.fetch

    def meanwhile(self, uid):
        monkeypatch.setattr(Session, "fetch", fetch)
        imap.append(mail(2), now)
        return fetch(self, uid)

    monkeypatch.setattr(Session, "fetch", meanwhile)
    watch.step(now)
    watch.step(now)
    assert stored() == [("message", "texte 1"), ("message", "texte 2")]

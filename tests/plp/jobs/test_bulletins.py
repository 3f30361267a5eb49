"""Bulletins become mails: each reader's own, in their language, once, with what they need to pass it on."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from base.settings.values import MailSettings
from db.bulletins.drafts import bulletin
from db.bulletins.relay import owed_mails, relays, signed
from db.bulletins.values import Words
from db.engine.base import database
from db.mail.enqueue import send_as
from db.mail.listing import mail_cards
from db.mail.values import Enclosure
from db.models.mail import Mail, MailEnclosure, MailLetter
from db.models.people import Member
from plp.jobs.bulletins import send_bulletins
from plp.letters.letters import bulletin_letter
from plp.letters.rendering import BULLETIN, as_html
from plp.services.bulletins.drafts import enclose, save_draft
from plp.services.bulletins.relaying import apply_relay, enqueue_nudge, mark_relayed, save_relaying, send_bulletin
from plp.services.texts import Answers
from tests.support.bulletins import FRENCH, coordinator, draft
from tests.support.people import later, person, place

pytestmark = pytest.mark.usefixtures("database")

MAIL = MailSettings(sender="plp@example.org")
PUBLIC = MailSettings(sender="plp@example.org", public_url="https://plp.example.be/")


@pytest.fixture(autouse=True)
def mail_on():
    send_as(MAIL)
    yield
    send_as(None)


def sent(now, **changes):
    made = save_draft(None, draft(**changes), "n", "anne", now)
    enclose(made, Enclosure("photo.jpg", "image/jpeg", b"x"), now)
    assert send_bulletin(made, bulletin(made).seen, "anne", now, Answers(True, "pour essayer"))
    return made


def mails():
    return list(Mail.select().order_by(Mail.id))


def test_one_mail_per_coordinator_in_their_language(now):
    coordinator(1, now, "A")
    coordinator(2, now, "B", language="de")
    coordinator(3, now, "C", language="nl")
    sent(now, texts=(FRENCH, Words("de", "Falsche Boten", "Zwei Männer.")))
    assert send_bulletins(MAIL, now)
    assert not send_bulletins(MAIL, now)
    french, german, dutch = mails()
    assert (french.address, german.address, dutch.address) == ("c1@example.org", "c2@example.org", "c3@example.org")
    assert "Faux livreurs" in french.text
    assert "Bonjour Prénom1 Nom001," in french.text
    assert "Falsche Boten" in german.text
    assert "Guten Tag" in german.text
    assert "Faux livreurs" in dutch.text, "no Dutch version: the first one"
    assert "Dag Prénom3" in dutch.text
    for mail in mails():
        others = {f"c{n}@example.org" for n in (1, 2, 3)} - {mail.address}
        assert not [other for other in others if other in mail.text + mail.html]
    assert {letter.reply_to for letter in MailLetter.select()} == {"plp@example.org"}
    assert MailEnclosure.select().count() == 3


def test_readers_of_one_language_share_a_letter_and_its_files(now):
    for number in range(1, 4):
        coordinator(number, now, f"Q{number}")
    sent(now)
    send_bulletins(MAIL, now)
    assert len(mails()) == 3
    assert MailLetter.select().count() == 1
    assert MailEnclosure.select().count() == 1


def test_without_mail_it_waits(now):
    coordinator(1, now, "A")
    sent(now)
    assert not send_bulletins(MailSettings(), now)
    assert len(owed_mails()) == 1
    assert send_bulletins(MAIL, now)


def links(html):
    return [unescape(each) for each in re.findall(r'href="([^"]+)"', html)]


def test_the_answer_by_mail_carries_the_token_and_goes_to_the_zone(now):
    coordinator(1, now, "A")
    made = sent(now)
    send_bulletins(MAIL, now)
    (mail,), (relay,) = mails(), relays(made)
    (address,) = [link for link in links(mail.html) if link.startswith("mailto:plp@example.org")]
    parts = urlsplit(address)
    assert parts.path == "plp@example.org"
    subject = parse_qs(parts.query)["subject"][0]
    token = re.match(r"\[PLP-R:([^\]]+)\] ", subject)[1]
    assert token == signed("relay", relay.id)
    assert "\r\n" not in subject
    assert subject in mail.text, "for whoever reads plain text and writes the mail themselves"
    assert "/relay/" not in mail.text + mail.html
    assert apply_relay(token, "mail", now).relayed_at is None


def test_the_page_where_the_zone_has_one(now):
    coordinator(1, now, "A")
    made = sent(now)
    send_bulletins(PUBLIC, now)
    (mail,), (relay,) = mails(), relays(made)
    page = f"https://plp.example.be/relay/{signed('relay', relay.id)}"
    assert page in links(mail.html)
    assert f"<{page}>" in mail.text
    assert f"[PLP-R:{signed('relay', relay.id)}] relayé" in mail.text, "the way that works without the page stays"


def test_what_is_passed_on_names_nobody_and_holds_no_token(now):
    coordinator(1, now, "A")
    save_relaying(place("A", now), None, "groupe-a@example.org", "test", now)
    made = sent(now)
    send_bulletins(PUBLIC, now)
    (mail,) = mails()
    token = signed("relay", relays(made)[0].id)
    frame = mail.text.split("À RELAYER AU GROUPE")[1].split("FIN")[0]
    boxed = mail.html.split("À RELAYER AU GROUPE")[1].split("</div>")[0]
    (group,) = [unquote(link) for link in links(mail.html) if link.startswith("mailto:groupe-a@example.org")]
    for passed_on in (frame, boxed, group):
        assert "Faux livreurs" in passed_on
        assert "101 ou 04/330 40 00" in passed_on.replace("\u00a0", " ")
        for private in (token, "Nom001", "c1@example.org", "/relay/"):
            assert private not in passed_on
    assert "photo.jpg" in mail.text


def test_a_reminder_answers_the_first_mail(now):
    coordinator(1, now, "A")
    made = sent(now)
    send_bulletins(MAIL, now)
    enqueue_nudge(relays(made)[0].id, "anne", later(now, 5 * 3600))
    assert send_bulletins(MAIL, later(now, 5 * 3600))
    first, reminder = mails()
    letter = MailLetter.get_by_id(reminder.letter_id)
    assert letter.subject == "Rappel – Mode opératoire – Faux livreurs"
    assert letter.in_reply_to == first.message_id
    assert "Nous ne savons pas encore" in " ".join(reminder.text.split())
    assert relays(made)[0].mail_id == reminder.id


def test_the_deputy_is_told_why(now):
    coordinator(1, now, "A")
    save_relaying(place("A", now), person(2, now, "A", email="d@example.org"), "", "test", now)
    made = sent(now)
    send_bulletins(MAIL, now)
    assert send_bulletins(MAIL, now + timedelta(hours=24))
    assert not send_bulletins(MAIL, now + timedelta(hours=30))
    _, mail = mails()
    assert mail.address == "d@example.org"
    assert "où vous êtes suppléant" in " ".join(mail.text.split())
    assert [row.deputy for row in relays(made)] == [False, True]


def test_a_reader_without_an_address_keeps_no_other_waiting(now, caplog):
    lost = coordinator(1, now, "A")
    coordinator(2, now, "B")
    sent(now)
    Member.update(email=None).where(Member.id == lost).execute()
    assert send_bulletins(MAIL, now)
    assert [mail.address for mail in mails()] == ["c2@example.org"]
    assert owed_mails() == []
    assert "no address left" in caplog.text


def test_mails_are_written_before_anybody_is_kept_waiting(now, monkeypatch):
    for number in range(1, 4):
        coordinator(number, now, f"Q{number}")
    sent(now)
    depths = []
    monkeypatch.setattr("plp.jobs.bulletins.bulletin_letter", lambda *a: depths.append(_depth()) or bulletin_letter(*a))
    as_html.cache_clear()
    assert send_bulletins(MAIL, now)
    assert depths == [0, 0, 0]
    assert as_html.cache_info().misses == 1, "formatted once for all its readers"
    assert len(mails()) == 3


def _depth():
    return database.transaction_depth()


@pytest.mark.slow
def test_many_readers_have_one_letter(now):
    for number in range(1, 24):
        coordinator(number, now, f"Q{number}")
    sent(now)
    send_bulletins(MAIL, now)
    assert len(mails()) == 23
    assert (MailLetter.select().count(), MailEnclosure.select().count()) == (1, 1)
    assert owed_mails() == []


def test_what_a_kill_left_owed_is_written_with_a_letter_of_its_own(now, monkeypatch):
    for number in range(1, 4):
        coordinator(number, now, f"Q{number}")
    sent(now)
    with monkeypatch.context() as first:
        first.setattr("plp.jobs.bulletins.owed_mails", lambda: owed_mails(1))
        send_bulletins(MAIL, now)
    with monkeypatch.context() as second:
        second.setattr("plp.jobs.bulletins.mark_written", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_bulletins(MAIL, later(now, 30))
    assert (len(mails()), len(owed_mails())) == (1, 2)
    send_bulletins(MAIL, later(now, 60))
    assert sorted(mail.address for mail in mails()) == ["c1@example.org", "c2@example.org", "c3@example.org"]
    assert MailEnclosure.select().count() == MailLetter.select().count() == 2


def test_what_was_called_off_while_it_was_written_does_not_go(now, monkeypatch):
    coordinator(1, now, "A")
    (relay,) = relays(sent(now))
    send_bulletins(MAIL, now)
    enqueue_nudge(relay.id, "anne", later(now, 5 * 3600))

    def relayed_meanwhile(*values):
        mark_relayed(relay.id, "link", "", later(now, 5 * 3600))
        return bulletin_letter(*values)

    monkeypatch.setattr("plp.jobs.bulletins.bulletin_letter", relayed_meanwhile)
    send_bulletins(MAIL, later(now, 5 * 3600))
    assert len(mails()) == 1
    assert owed_mails() == []


def test_hostile_words_stay_words(now):
    coordinator(1, now, "A", first_name="<img src=x>", last_name="{{7*7}}")
    sent(now, texts=(Words("fr", "<b>x</b>\r\nBcc: y@example.org", "<script>x</script> [y](javascript:z)"),))
    send_bulletins(PUBLIC, now)
    (mail,) = mails()
    assert not re.search(r"<(script|img|b)\b", mail.html)
    assert not [link for link in links(mail.html) if link.startswith("javascript")]
    assert "49" not in mail.text.split("{{7*7}}")[0][-20:]
    assert "\n" not in next(iter(mail_cards([mail.id]).values())).letter.subject


def test_every_language_says_everything():
    assert {tuple(words) for words in BULLETIN.values()} == {tuple(BULLETIN["fr"])}
    assert set(BULLETIN) == {"fr", "nl", "de", "en"}


@pytest.mark.parametrize(
    ("category", "title", "subject"),
    [
        ("feedback", "Feedback sur l'alerte du 25 novembre", "Feedback sur l'alerte du 25 novembre"),
        (
            "operational",
            "Personnes ou véhicules recherchés : un fourgon",
            "Personnes ou véhicules recherchés : un fourgon",
        ),
        ("tactical", "Faux livreurs", "Mode opératoire – Faux livreurs"),
        ("prevention", "« Prévention » en novembre", "Prévention – « Prévention » en novembre"),
    ],
)
def test_a_subject_does_not_say_its_category_twice(now, category, title, subject):
    coordinator(1, now, "A")
    sent(now, category=category, texts=(Words("fr", title, "Un texte."),))
    send_bulletins(MAIL, now)
    assert MailLetter.get().subject == subject

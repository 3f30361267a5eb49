"""Registration by the public: only proposed, proved by SMS, told to nobody, and no gun for texts at strangers."""

import re
from dataclasses import replace

import pytest

from base.settings.values import MailSettings
from console.people import joining
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from db.models.broadcasts import BroadcastText, Message
from db.models.people import Registration
from db.people.members.listing import members
from plp.services.orders.automatic import CODES_PER_HOUR, CODES_PER_NUMBER
from plp.services.people.neighbourhoods import import_streets
from tests.console.conftest import Browser, words
from tests.support.people import mobile, person, place

HOSTILE = '"><script>alert(1)</script>\u202e{{7*7}}'
TYPED = {"last_name": "Dupont", "first_name": "Luc", "mobile": "0470 00 00 07", "language": "nl", "sms": "yes"}


@pytest.fixture
def open_to_all(app, ready_modem, monkeypatch):
    """The zone has a public address, a modem can send, and nobody here waits three seconds."""
    ready_modem()
    monkeypatch.setattr(joining, "FASTEST_S", 0)
    mail = MailSettings(public_url="https://plp.example.be")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    return app


def visitor(app):
    browser = Browser(app.test_client())
    browser.get("/register")
    return browser


def texts():
    """(number, body) of each code, in order."""
    with connected():
        rows = Message.select(Message, BroadcastText).join(BroadcastText).order_by(Message.id)
        return [(row.msisdn, row.text.body) for row in rows]


def code():
    return re.match(r"[0-9]{6}", texts()[-1][1])[0]


def test_only_where_the_zone_says_so(app, stranger):
    for path in ("/register", "/register/code"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, TYPED).status_code == 404


def test_from_the_sheet_to_a_member(open_to_all, admin):
    with connected():
        station = place("Plainevaux", utc_now())
    browser = visitor(open_to_all)
    answer = browser.post("/register", TYPED | {"email": "luc@example.org", "street": "Clos du Bois"})
    assert answer.location == "/register/code"
    ((number, text),) = texts()
    assert number == mobile(7)
    assert "uw code om u in te schrijven" in text
    assert "Inscriptions en ligne" not in words(admin.get("/corrections"))
    assert "Votre GSM est confirmé" in words(browser.post("/register/code", {"code": f" {code()[:3]} {code()[3:]}"}))
    with connected():
        assert members().total == 0
    assert "1 inscription en ligne à valider" in words(admin.get("/"))
    page = words(admin.get("/corrections"))
    for fact in ("Luc Dupont", "0470 00 00 07", "luc@example.org", "Clos du Bois", "Nederlands"):
        assert fact.casefold() in page.casefold()
    chosen = f'<option value="{station}" selected>'
    assert chosen not in admin.get("/corrections").text
    with connected():
        import_streets(b"rue;quartier\nClos du Bois;Plainevaux\n", "rues.csv", "anne", utc_now())
        waiting = Registration.get().id
    assert chosen in admin.get("/corrections").text
    decide = f"/corrections/registrations/{waiting}"
    # Nobody is put into a neighbourhood by chance.
    assert "Choisissez un quartier de la liste." in words(admin.follow(admin.post(decide, {"do": "accept"})))
    done = admin.follow(admin.post(decide, {"do": "accept", f"neighbourhood_{waiting}": station}))
    assert "L'inscription est acceptée" in words(done)
    assert admin.post(decide, {"do": "accept", f"neighbourhood_{waiting}": station}).status_code == 404
    with connected():
        (card,) = members().rows
        assert (card.mobile, card.sms, card.mail_group, card.language) == (mobile(7), True, False, "nl")
        assert {consent.how for consent in card.consents} == {"online"}


def test_one_that_is_refused_leaves_nothing_on_the_page(open_to_all, admin):
    browser = visitor(open_to_all)
    browser.post("/register", TYPED)
    browser.post("/register/code", {"code": code()})
    with connected():
        waiting = Registration.get().id
    page = admin.follow(admin.post(f"/corrections/registrations/{waiting}", {"do": "refuse"}))
    assert "L'inscription est refusée" in words(page)
    assert "Dupont" not in page.text
    with connected():
        assert (members().total, Registration.get().draft) == (0, "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mobile": "04 372 11 77"}, "GSM"),
        ({"mobile": "", "email": "luc@example.org", "mail_group": "yes"}, "Indiquez un GSM"),
        ({"sms": ""}, "Cochez au moins un consentement"),
        ({"sms": "", "mail_group": "yes"}, "Cochez au moins un consentement"),
        ({"last_name": "", "first_name": ""}, "Il manque le nom"),
        ({"email": "non"}, "adresse e-mail"),
    ],
)
def test_what_cannot_be_taken_is_said_and_no_code_leaves(open_to_all, changes, sentence):
    answer = visitor(open_to_all).post("/register", TYPED | {"street": "Clos du Bois"} | changes)
    assert (answer.status_code, texts()) == (400, [])
    assert sentence in words(answer)
    assert 'value="Clos du Bois"' in answer.text


@pytest.mark.parametrize(("language", "title"), [("nl", "Inschrijving"), ("de", "Anmeldung"), ("en", "Registration")])
def test_in_the_language_of_the_visitor(open_to_all, language, title):
    browser = Browser(open_to_all.test_client())
    page = browser.get(f"/register?language={language}")
    assert title in words(page)
    assert f'lang="{language}"' in page.text
    assert f'lang="{language}"' in browser.get("/register/code").text


def test_a_member_s_number_is_answered_as_any_other(open_to_all):
    with connected():
        person(7, utc_now())
    answers = []
    for number in ("0470 00 00 07", "0470 00 00 08"):
        browser = visitor(open_to_all)
        sent = browser.post("/register", TYPED | {"mobile": number})
        wrong = browser.post("/register/code", {"code": "abc"})
        right = browser.post("/register/code", {"code": code()})
        answers.append([(each.status_code, each.location, words(each)) for each in (sent, wrong, right)])
    assert answers[0] == answers[1]
    assert "Prénom7" not in str(answers)


def test_one_number_gets_three_codes_a_day_and_nobody_learns_of_it(open_to_all):
    for _ in range(CODES_PER_NUMBER + 2):
        browser = visitor(open_to_all)
        assert browser.post("/register", TYPED).location == "/register/code"
    assert len(texts()) == CODES_PER_NUMBER
    # What was asked for last has no code of its own: that of another browser does not confirm it.
    assert browser.post("/register/code", {"code": code()}).status_code == 400


@pytest.mark.slow
def test_all_numbers_together_get_twenty_in_an_hour(open_to_all):
    answers = [
        visitor(open_to_all).post("/register", TYPED | {"mobile": f"0470 00 01 {number:02}"})
        for number in range(CODES_PER_HOUR + 3)
    ]
    assert len(texts()) == CODES_PER_HOUR
    assert [each.status_code for each in answers[CODES_PER_HOUR:]] == [400] * 3
    assert "Inscription impossible pour le moment" in words(answers[-1])


@pytest.mark.slow
def test_one_address_asks_ten_times_in_an_hour_and_a_proxy_for_all(open_to_all):
    def asks(number, address):
        browser = Browser(open_to_all.test_client())
        browser.get("/register", environ_overrides={"REMOTE_ADDR": address})
        typed = TYPED | {"mobile": f"0470 00 01 {number:02}"}
        return browser.post("/register", typed, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [asks(number, "198.51.100.7") for number in range(11)] == [302] * 10 + [429]
    assert asks(12, "198.51.100.8") == 302
    assert asks(13, "127.0.0.1") == 302


def test_five_guesses_and_the_code_is_worth_nothing(open_to_all):
    browser = visitor(open_to_all)
    browser.post("/register", TYPED)
    wrong = f"{(int(code()) + 1) % 10**6:06}"
    for _ in range(5):
        assert browser.post("/register/code", {"code": wrong}).status_code == 400
    assert browser.post("/register/code", {"code": code()}).status_code == 400
    with connected():
        assert Registration.get().confirmed_at is None


def test_another_browser_cannot_confirm_it(open_to_all):
    visitor(open_to_all).post("/register", TYPED)
    assert visitor(open_to_all).post("/register/code", {"code": code()}).status_code == 400


def test_a_program_that_fills_in_every_field_sends_nothing(open_to_all):
    answer = visitor(open_to_all).post("/register", TYPED | {"subject": "casino"})
    assert (answer.location, texts()) == ("/register/code", [])


def test_a_program_that_is_too_fast_or_never_saw_the_page_sends_nothing(open_to_all, monkeypatch):
    monkeypatch.setattr(joining, "FASTEST_S", 3)
    for browser in (visitor(open_to_all), Browser(open_to_all.test_client())):
        answer = browser.post("/register", TYPED)
        assert answer.status_code == 400
        assert "Relisez vos données" in words(answer)
    assert open_to_all.test_client().post("/register", data=TYPED).status_code == 400
    assert texts() == []


def test_without_a_modem_it_says_no_more_than_that_it_cannot(app, monkeypatch, open_to_all):
    from db.models.zone import Modem

    with connected():
        Modem.delete().execute()
    answer = visitor(open_to_all).post("/register", TYPED)
    assert "Inscription impossible pour le moment" in words(answer)
    assert "modem" not in words(answer).casefold()


def test_a_demonstration_says_so_to_strangers_too(open_to_all):
    open_to_all.config["PLP_DEMO"] = True
    for path in ("/register", "/register/code"):
        assert "aucun SMS n'est réellement envoyé" in words(Browser(open_to_all.test_client()).get(path))


def test_hostile_words_stay_words_and_the_journal_has_no_number(open_to_all, admin):
    browser = visitor(open_to_all)
    typed = TYPED | {"last_name": HOSTILE, "street": HOSTILE, "house_number": HOSTILE, "mobile": "0470 00 00 07"}
    browser.post("/register", typed)
    browser.post("/register/code", {"code": code()})
    page = admin.get("/corrections")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    assert "{{7*7}}" in page.text
    with connected():
        assert not any("470000007" in str(entry) for entry in entries())

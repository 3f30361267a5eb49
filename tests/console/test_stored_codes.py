"""A stored code is read in the reader's language from its own sentence: no stored French is matched by pattern."""

from string import Formatter

import pytest
from flask_babel import force_locale

from console.i18n.labels import deed
from console.i18n.translate import said
from console.mail.mail import mail_why
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.mailbox import mailbox_troubles, mark_mailbox_trouble
from db.journal.audit import Entry
from db.models.accounts import Account
from rules.mail import MAIL_REASONS
from rules.people import MACHINE
from rules.sentences import TEMPLATES, CodedRefusal, coded, stored_sentence, together
from tests.support.rosters import rows, take

LANGUAGES = ("fr", "nl", "de", "en")
# These say little beside their values, and some of that is written alike in two languages.
NEARLY_VALUES = ("together", "audience_places", "modem_named", "modem_trouble", "not_ready_modem", "backup_server")
# These are another sentence, which has its own translation.
NEARLY_VALUES += ("config_odd.meaning", "database_away_because.meaning", "database_unusable.advice")


@pytest.fixture
def in_four(app):
    """What a function says in each language."""

    def spoken(say):
        with app.test_request_context():
            found = []
            for language in LANGUAGES:
                with force_locale(language):
                    found.append(str(say()))
        return found

    return spoken


def test_a_stored_sentence_in_four_languages(in_four):
    for code, template in TEMPLATES.items():
        names = {name for _text, name, _form, _conversion in Formatter().parse(template) if name}
        sentence = coded(code, **{name: f"<{name}>" for name in names})
        found = in_four(lambda stored=sentence.stored: said(stored_sentence(stored)))
        assert found[0] == str(sentence)
        assert len(set(found)) == 4 or code in NEARLY_VALUES, code
        assert [name for name in names for each in found if f"<{name}>" not in each] == [], code
        assert not any("{" in each for each in found), code


def test_what_is_inside_a_stored_sentence_is_translated_with_it(in_four):
    silent = coded("restarts_in_vain", sentence=coded("modem_silent", stage="AT+CPIN?"))
    full = [coded("memory_full", place=coded(f"memory_{place}"), used=9, total=10) for place in ("SM", "ME")]
    modem = coded("modem_trouble", name="a", host="box", why=together(silent, *full))
    found = in_four(lambda: said(stored_sentence(modem.stored)))
    assert found[0] == str(modem)
    for each, words in zip(
        found,
        (
            ("ne répond pas (AT+CPIN?)", "Le redémarrage", "de la carte SIM", "du modem est presque pleine (9 sur"),
            ("antwoordt niet (AT+CPIN?)", "Herstarten", "simkaart", "(9 van 10)"),
            ("antwortet nicht (AT+CPIN?)", "Neustart", "SIM-Karte", "(9 von 10)"),
            ("does not answer (AT+CPIN?)", "Restarting", "SIM card", "(9 of 10)"),
        ),
        strict=True,
    ):
        assert [part for part in words if part not in each] == []
    assert not any("redémarr" in each or "presque" in each for each in found[1:])


def test_why_a_row_of_a_list_is_refused_in_four_languages(in_four, now):
    with connected():
        report = take(rows("A,Un,0470123456,,fr,Aval,", "B,Deux,0470123456,,fr,Aval,"), now, dry_run=True)
    (row,) = report.refused
    found = in_four(lambda: said(row.sentence))
    assert found[0] == row.reason
    assert len(set(found)) == 4
    assert not any("numéro" in each for each in found[1:])


@pytest.mark.parametrize("reason", sorted(MAIL_REASONS))
def test_a_mail_s_verdict_in_four_languages(in_four, reason):
    found = in_four(lambda: mail_why(reason, "550 5.1.1 e-mail refusé par le serveur : non"))
    assert len(set(found)) == 4
    assert all(each.endswith("550 5.1.1 e-mail refusé par le serveur : non") for each in found)


def test_a_journal_line_in_four_languages(in_four):
    entry = Entry(
        utc_now(), MACHINE, "consent_changed", "7", {"channel": "mail_group", "given": False, "how": "inbound"}
    )
    found = in_four(lambda: deed(entry).action + deed(entry).detail)
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    "words", ["Le courrier dort.", '{"code": "gone with an older version"}', '{"host": "x"}', "[1]", "{x} %(y)s", "7"]
)
def test_what_no_code_stands_for_is_shown_as_it_was(app, words):
    with app.test_request_context(), force_locale("de"):
        assert said(stored_sentence(words)) == words
    assert str(stored_sentence(words)) == words


def test_the_inbox_says_in_german_why_the_mailbox_is_not_read(sign_in):
    officer = sign_in("officer")
    with connected():
        Account.update(language="de").execute()
        mark_mailbox_trouble("plp@x:993", CodedRefusal("mailbox_login", host="imap.example.be").stored)
        assert str(mailbox_troubles()[0]).startswith("La boîte e-mail imap.example.be refuse")
    page = officer.get("/inbox").text
    assert "imap.example.be" in page
    assert "refuse l" not in page

"""A stored code is read in the reader's language from its own sentence: no stored French is matched by pattern."""

import pytest
from flask_babel import force_locale

from console.i18n import translate
from console.i18n.audit_labels import deed
from console.i18n.translate import said
from console.mail.mail import mail_why
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.mailbox.position import mark_mailbox_trouble
from db.inbound.mailbox.standing import mailboxes
from db.journal.audit import Entry
from db.models.accounts import Account
from plp.rules.mail_verdicts import MAIL_REASONS
from plp.rules.sentences import TEMPLATES, CodedRefusal, stored_sentence

LANGUAGES = ("fr", "nl", "de", "en")
VALUES = {"host": "imap.example.be", "port": 993, "why": "ECONNREFUSED", "hours": 24}


@pytest.fixture
def in_four(app, monkeypatch):
    """What a function says in each language, where matching a sentence by pattern is a failure."""

    def by_pattern(*_args):
        raise AssertionError("a stored sentence was matched by pattern")

    monkeypatch.setattr(translate, "_reworded", by_pattern)

    def spoken(say):
        with app.test_request_context():
            found = []
            for language in LANGUAGES:
                with force_locale(language):
                    found.append(str(say()))
        return found

    return spoken


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_stored_sentence_in_four_languages(in_four, code):
    refusal = CodedRefusal(code, **{name: value for name, value in VALUES.items() if f"{{{name}" in TEMPLATES[code]})
    found = in_four(lambda: said(stored_sentence(refusal.stored)))
    assert found[0] == str(refusal)
    assert len(set(found)) == 4
    assert not any("{" in each for each in found)


@pytest.mark.parametrize("reason", sorted(MAIL_REASONS))
def test_a_mail_s_verdict_in_four_languages(in_four, reason):
    found = in_four(lambda: mail_why(reason, "550 5.1.1 le serveur refuse ce mail : non"))
    assert len(set(found)) == 4
    assert all(each.endswith("550 5.1.1 le serveur refuse ce mail : non") for each in found)


def test_a_journal_line_in_four_languages(in_four):
    entry = Entry(utc_now(), "plp", "consent_changed", "7", {"channel": "mail_group", "given": False, "how": "inbound"})
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
        assert str(mailboxes()[0].trouble).startswith("La boîte aux lettres imap.example.be refuse")
    page = officer.get("/inbox").text
    assert "imap.example.be" in page
    assert "refuse l" not in page

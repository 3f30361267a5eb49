"""Signing in: with what, over what, and what is said when it does not work."""

import pytest

from base.settings.values import MailSettings
from plp.jobs.imap import session as sessions
from plp.jobs.imap.session import MailboxLogin, WrongPassword, first_text, mailbox_account, open_session
from plp.jobs.imap.watch import check_mailbox
from rules.refusals import Refusal
from tests.plp.jobs.imap.conftest import CERTIFICATE
from tests.plp.jobs.imap.server import PASSWORD, USER, ImapServer


def test_what_is_not_set_is_not_read():
    assert mailbox_account(MailSettings()) is None
    assert "pas configurée" in str(check_mailbox(MailSettings()))


@pytest.mark.parametrize("changes", [{}, {"user": "plp"}, {"imap_password_file": None, "imap_user": "x"}])
def test_a_mailbox_without_user_or_password_is_refused(changes):
    with pytest.raises(Refusal, match="donnez user et password_file"):
        mailbox_account(MailSettings(imap_host="imap.example.be", **changes))


def test_the_user_and_password_of_smtp_unless_it_has_its_own(tmp_path):
    smtp, imap = tmp_path / "smtp", tmp_path / "imap"
    smtp.write_text("un\n")
    imap.write_text("deux\r\n")
    both = MailSettings(imap_host="h", user="a", password_file=smtp, ca_file=tmp_path / "ca")
    account = mailbox_account(both)
    assert (account.user, account.password, account.ca_file) == ("a", "un", tmp_path / "ca")
    own = mailbox_account(
        MailSettings(imap_host="h", user="a", password_file=smtp, imap_user="b", imap_password_file=imap)
    )
    assert (own.user, own.password) == ("b", "deux")
    assert "deux" not in repr(own)


def test_a_password_file_that_cannot_be_read(tmp_path):
    with pytest.raises(Refusal, match="impossible de lire"):
        mailbox_account(MailSettings(imap_host="h", user="a", password_file=tmp_path / "missing"))
    (tmp_path / "latin").write_bytes(b"\xe9t\xe9")
    with pytest.raises(Refusal, match="UTF-8"):
        mailbox_account(MailSettings(imap_host="h", user="a", password_file=tmp_path / "latin"))


def test_the_check_signs_in(imap, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD, encoding="utf-8")
    mail = MailSettings(imap_host="127.0.0.1", imap_port=imap.port, imap_user=USER, imap_password_file=file)
    assert str(check_mailbox(mail)) == f"127.0.0.1:{imap.port}"
    file.write_text("faux")
    with pytest.raises(WrongPassword, match="refuse l'utilisateur ou son mot de passe"):
        check_mailbox(mail)
    imap.stop()
    with pytest.raises(Refusal, match="ne répond pas"):
        check_mailbox(mail)


def test_starttls_is_used_where_it_is_offered(account_of):
    with ImapServer(CERTIFICATE) as imap:
        for ca_file in (None, CERTIFICATE[0]):
            session = open_session(account_of(imap, ca_file=ca_file))
            assert session._client._starttls_done
            session.close()


def test_tls_from_the_first_byte(account_of, monkeypatch):
    with ImapServer(CERTIFICATE, implicit=True) as imap:
        monkeypatch.setattr(sessions, "IMPLICIT_TLS_PORT", imap.port)
        session = open_session(account_of(imap, ca_file=CERTIFICATE[0]))
        assert session.new_uids(0) == []
        session.close()


def test_a_certificate_that_nobody_vouches_for_gets_no_password(account_of, monkeypatch):
    monkeypatch.setattr(MailboxLogin, "is_local", False)
    with ImapServer(CERTIFICATE) as imap:
        with pytest.raises(Refusal, match="Le certificat de la boîte e-mail"):
            open_session(account_of(imap))
        open_session(account_of(imap, ca_file=CERTIFICATE[0])).close()


def test_a_server_elsewhere_without_encryption_gets_no_password(imap, account_of, monkeypatch):
    monkeypatch.setattr(MailboxLogin, "is_local", False)
    with pytest.raises(Refusal, match="n'est pas chiffrée"):
        open_session(account_of(imap))


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("imap.example.be", False)]
)
def test_what_is_on_this_machine(host, local):
    assert MailboxLogin(host, 143, "a", "b").is_local is local


PLAIN = (b"TEXT", b"PLAIN", (b"charset", b"utf-8"), None, None, b"7bit", 10, 1, None, None, None)
FILE = (b"text", b"plain", None, None, None, b"7bit", 10, 1, None, (b"ATTACHMENT", (b"filename", b"x.txt")), None)
PICTURE = (b"image", b"jpeg", (b"name", b"x.jpg"), None, None, b"base64", 10)


@pytest.mark.parametrize(
    ("structure", "section"),
    [
        (PLAIN, "1"),
        (([PICTURE, PLAIN], b"mixed"), "2"),
        (([FILE, PLAIN], b"mixed"), "2"),
        (([PICTURE, ([PLAIN, PLAIN], b"alternative")], b"mixed"), "2.1"),
        (([PICTURE], b"mixed"), None),
        (PICTURE, None),
        (None, None),
        ((), None),
    ],
)
def test_where_the_first_text_of_a_huge_mail_lies(structure, section):
    assert first_text(structure) == section

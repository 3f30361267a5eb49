"""Encrypted as `[mail] tls` says, logged in, greeted: and why not, in words with section and key."""

from datetime import timedelta

import pytest

from base.settings.values import Settings
from db.mail.claim import mail_server
from db.mail.listing import mail_cards
from plp.jobs.smtp import connection
from plp.jobs.smtp.connection import Connection, NoConnection, check_mail, is_of_this_machine, must_encrypt
from rules.refusals import Refusal
from tests.plp.jobs.smtp.letters import post, settings
from tests.plp.jobs.smtp.server import AUTHORITY, SILENT

pytestmark = pytest.mark.processes


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "mail.secret"
    path.write_text("parole-1\n")
    path.chmod(0o600)
    return path


def checked(tmp_path, **changes):
    changes.setdefault("smtp_host", "localhost")
    port = changes.pop("port")
    return str(check_mail(Settings(path=tmp_path, folder=tmp_path, mail=settings(port, **changes))))


@pytest.mark.parametrize(
    ("changes", "must"),
    [
        ({}, False),
        ({"smtp_host": "localhost"}, False),
        ({"smtp_host": "::1"}, False),
        ({"smtp_host": "smtp.example.be"}, True),
        ({"smtp_host": "192.0.2.1"}, True),
        ({"user": "plp"}, True),
        ({"tls": "required"}, True),
        ({"smtp_host": "smtp.example.be", "tls": "off"}, False),
    ],
)
def test_nothing_crosses_a_network_in_the_clear_unless_told(changes, must):
    assert must_encrypt(settings(**changes)) is must


def test_this_machine_is_known_by_name_and_address():
    assert all(map(is_of_this_machine, ("localhost", "127.0.0.53", "::1", "LOCALHOST")))
    assert not any(map(is_of_this_machine, ("localhost.example.be", "10.0.0.1", "", "mail")))


def test_a_plain_server_of_this_machine(office, tmp_path):
    assert checked(tmp_path, port=office.port) == f"localhost:{office.port}, pas chiffré"
    assert office.mails == []


def test_starttls_is_used_where_it_is_offered_even_with_a_stranger_s_certificate(offices, tmp_path):
    office = offices(certificate="other", must_encrypt=True)
    assert "chiffré (TLSv1." in checked(tmp_path, port=office.port)


def test_required_means_verified(offices, tmp_path):
    office = offices(certificate="good", must_encrypt=True)
    with pytest.raises(Refusal, match=r"\[mail\] smtp .* ne peut pas être chiffrée : .*certificate"):
        checked(tmp_path, port=office.port, tls="required")
    assert "TLSv1." in checked(tmp_path, port=office.port, tls="required", ca_file=AUTHORITY)


def test_a_certificate_of_another_name_is_no_good(offices, tmp_path):
    office = offices(certificate="other")
    with pytest.raises(Refusal, match="ne peut pas être chiffrée"):
        checked(tmp_path, port=office.port, tls="required", ca_file=AUTHORITY)


def test_a_server_without_starttls_gets_nothing_where_it_is_required(office, tmp_path):
    with pytest.raises(Refusal, match="n'offre pas de connexion chiffrée"):
        checked(tmp_path, port=office.port, tls="required")
    assert not any(line.startswith("mail") for line in office.said)


def test_tls_from_the_first_byte(offices, tmp_path, monkeypatch):
    office = offices(certificate="good", implicit=True)
    monkeypatch.setattr(connection, "IMPLICIT_TLS_PORT", office.port)
    assert "TLSv1." in checked(tmp_path, port=office.port, tls="required", ca_file=AUTHORITY)
    with pytest.raises(Refusal, match="ne peut pas être chiffrée"):
        checked(tmp_path, port=office.port, tls="required")


def test_a_login_over_an_encrypted_connection(offices, secret, tmp_path):
    office = offices(certificate="good", must_encrypt=True, users={"plp": "parole-1"})
    said = checked(tmp_path, port=office.port, user="plp", password_file=secret, ca_file=AUTHORITY)
    assert said.endswith("connecté comme plp")
    assert "TLSv1." in said


def test_a_wrong_password_is_told_with_its_keys(offices, secret, tmp_path):
    office = offices(certificate="good", must_encrypt=True, users={"plp": "autre"})
    with pytest.raises(Refusal, match=r"\[mail\] user, password_file\) : 535") as refusal:
        checked(tmp_path, port=office.port, user="plp", password_file=secret, ca_file=AUTHORITY)
    assert "parole" not in str(refusal.value)


def test_a_password_never_crosses_in_the_clear(offices, secret, tmp_path):
    office = offices(users={"plp": "parole-1"})
    with pytest.raises(Refusal, match="n'offre pas de connexion chiffrée"):
        checked(tmp_path, port=office.port, user="plp", password_file=secret)
    assert "connecté comme plp" in checked(tmp_path, port=office.port, user="plp", password_file=secret, tls="off")


def test_a_server_that_asks_for_no_password(offices, secret, tmp_path):
    with pytest.raises(Refusal, match="ne demande pas de mot de passe"):
        checked(tmp_path, port=offices().port, user="plp", password_file=secret, tls="off")


def test_files_that_cannot_be_used_are_named(office, secret, tmp_path):
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    for path, words in ((tmp_path / "none", "impossible de lire"), (empty, "est vide"), (binary, "UTF-8")):
        with pytest.raises(Refusal, match=rf"\[mail\] password_file : .*{words}"):
            checked(tmp_path, port=office.port, user="plp", password_file=path, tls="off")
    with pytest.raises(Refusal, match=r"\[mail\] ca_file"):
        checked(tmp_path, port=office.port, ca_file=tmp_path / "none")
    with pytest.raises(Refusal, match=r"\[mail\] ca_file"):
        checked(tmp_path, port=office.port, ca_file=secret)


def test_nobody_there(office, tmp_path):
    office.stop()
    with pytest.raises(Refusal, match="ne répond pas"):
        checked(tmp_path, port=office.port)


@pytest.mark.parametrize(("stage", "said"), [("connect", "554 5.3.2 go away"), ("ehlo", "550 5.7.1 who are you")])
def test_a_server_that_does_not_want_to_speak_with_us(office, tmp_path, stage, said):
    office.answers[stage] = said
    with pytest.raises(Refusal, match=f"refuse la connexion : {said}"):
        checked(tmp_path, port=office.port)


@pytest.mark.parametrize("stage", ["connect", "ehlo"])
def test_a_server_that_says_nothing(office, monkeypatch, stage):
    monkeypatch.setattr(connection, "CONNECT_S", 1.0)
    office.answers[stage] = SILENT
    with pytest.raises(NoConnection) as trouble:
        Connection(settings(office.port), "box")
    assert trouble.value.reason == "silent"


@pytest.mark.parametrize(("host", "name"), [("box.example.be", "box.example.be"), ("box", "[127.0.0.1]")])
def test_it_greets_as_this_machine(office, host, name):
    Connection(settings(office.port), host).close()
    assert office.said[0] == f"ehlo {name}"


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_trouble_with_the_login_holds_the_mail_back_and_loses_none(offices, secret, carry, now):
    office = offices(certificate="good", must_encrypt=True, users={"plp": "autre"})
    ids = post(now, 1, 2)
    carry(office, now, smtp_host="localhost", user="plp", password_file=secret, ca_file=AUTHORITY)
    assert [card.state for card in mail_cards(ids).values()] == ["queued", "queued"]
    assert mail_server("box", f"localhost:{office.port}").reason == "login"
    assert office.connections == 1
    office.users["plp"] = "parole-1"
    carry(office, now + timedelta(hours=1))
    assert [card.state for card in mail_cards(ids).values()] == ["accepted", "accepted"]


@pytest.mark.usefixtures("database")
def test_a_password_file_that_went_away_holds_the_mail_back(office, carry, now, tmp_path):
    ids = post(now, 1)
    carry(office, now, user="plp", password_file=tmp_path / "none", tls="off")
    assert [card.state for card in mail_cards(ids).values()] == ["queued"]
    assert "password_file" in mail_server("box", f"127.0.0.1:{office.port}").reply

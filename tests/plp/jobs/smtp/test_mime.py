"""A mail as it goes over the wire, whatever was typed into it."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.mail.values import Enclosure, Letter
from db.models.mail import Mail, MailLetter
from plp.jobs.smtp.postman import display_name, mime
from rules.mail import NAME_CHARACTERS, address_trouble, body, file_name, header_line
from tests.plp.jobs.smtp.letters import FROM

AT = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
HOSTILE = (
    "",
    "🚨" * 40,
    "Lambert, Anne",
    'O\'Neil "le chat" <x@example.org>',
    "\u202eevil\u2066",
    "=?utf-8?q?x?=",
    "é" * 150,
    "x" * 150,
    "a; b: c, d",
    "(commentaire)",
    "日本語の名前",
    "\\",
    "@",
    "ß à œ – « » …",
)


def claim(**changes):
    values = {
        "id": 1,
        "holder": "box/1",
        "address": "a@example.org",
        "domain": "example.org",
        "name": "Anne Lambert",
        "text": "Bonjour\n",
        "html": "<p>Bonjour</p>",
        "message_id": "<1@zone.example.be>",
        "queued_at": AT,
        "attempts": 1,
        "lease_until": AT + timedelta(minutes=15),
    }
    shared = {name: changes.pop(name) for name in Letter.__slots__ if name in changes}
    letter = MailLetter(**({"kind": "bulletin", "subject": "Vol", "enclosures": ()} | shared))
    return Mail(letter=letter, **(values | changes))


def read(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert [part.defects for part in message.walk() if part.defects] == []
    assert b"\n" not in content.replace(b"\r\n", b"").replace(b"\r", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    return message


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("typed", HOSTILE)
def test_headers_come_out_as_they_went_in_and_make_no_others(typed):
    subject, name = header_line(typed), header_line(typed, NAME_CHARACTERS)
    message = read(mime(claim(subject=subject, name=name), FROM, name or "Zone"))
    assert message["Subject"] == subject
    (reader,) = message["To"].addresses
    # Python reads a space between two encoded words of one name, where RFC 2047 § 6.2 says that there is none.
    assert (squeezed(reader.display_name), reader.addr_spec) == (squeezed(display_name(name)), "a@example.org")
    assert message["From"].addresses[0].addr_spec == FROM
    assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}


@pytest.mark.slow
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=2000))
@settings(max_examples=60)
def test_any_subject_name_and_text(subject, name, text):
    subject, name, text = header_line(subject), header_line(name, NAME_CHARACTERS), body(text)
    message = read(mime(claim(subject=subject, name=name, text=text, html=""), FROM, "Zone"))
    assert squeezed(str(message["Subject"])) == squeezed(subject)
    assert message["To"].addresses[0].addr_spec == "a@example.org"
    assert message.get_content().rstrip().splitlines() == text.rstrip().splitlines()


PIECES = (
    "Police",
    "locale",
    " ",
    ", ",
    "(5278)",
    "é",
    '"',
    "\\",
    ":",
    ";",
    ".",
    "Seraing/Neupré",
    "🚨",
    "<x@example.be>",
)


@pytest.mark.slow
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=150)
@example("Police locale de Seraing et de Neupre, service du partenariat local de prévention (PLP)")
@example("Police locale de Seraing et de Neupre (5278), service du partenariat local et de proximite, " + "x" * 30)
@example('"' * 80)
@example("\\," * 40)
def test_a_name_is_one_address_for_whoever_reads_it(typed):
    content = mime(claim(name=header_line(typed, NAME_CHARACTERS)), FROM, typed)
    raw = email.message_from_bytes(content, policy=email.policy.compat32)
    for header, address in (("From", FROM), ("To", "a@example.org")):
        assert [each for _, each in getaddresses([raw[header].replace("\r\n", "")])] == [address]
        assert [each.addr_spec for each in read(content)[header].addresses] == [address]


def test_a_long_name_is_cut():
    assert display_name("Police locale, " * 8) == "Police locale, Police locale, Police locale, Police locale,…"
    assert display_name('Anne "Nan" Lambert') == 'Anne "Nan" Lambert'


@pytest.mark.slow
@given(st.text(max_size=300))
@settings(max_examples=60)
def test_any_file_name(name):
    content = mime(claim(enclosures=(Enclosure(file_name(name), "image/png", b"x"),)), FROM, "Zone")
    (part,) = read(content).iter_attachments()
    assert part.get_filename() == file_name(name)


@pytest.mark.slow
@given(st.emails() | st.text(max_size=60))
@settings(max_examples=80)
def test_whatever_passes_for_an_address_can_be_written(address):
    if not address_trouble(address):
        message = read(mime(claim(address=address), FROM, "Zone"))
        assert message["To"].addresses[0].username == address.rpartition("@")[0]


def test_a_domain_with_accents_has_its_writing_for_servers():
    assert "<jean@xn--exmple-cua.be>" in mime(claim(address="jean@exämple.be"), FROM, "Zone").decode()


@pytest.mark.parametrize(
    ("kind", "automatic"),
    [("bulletin", None), ("welcome", "auto-generated"), ("alarm", "auto-generated"), ("answer", "auto-replied")],
)
def test_what_no_person_wrote_says_so(kind, automatic):
    message = read(mime(claim(kind=kind), FROM, "Zone"))
    assert message["Auto-Submitted"] == automatic


def test_an_answer_stands_in_its_thread():
    message = read(mime(claim(kind="answer", in_reply_to="<q@example.org>"), FROM, "Zone"))
    assert (message["In-Reply-To"], message["References"]) == ("<q@example.org>", "<q@example.org>")


def test_text_and_html_are_one_choice_and_files_stand_beside_it():
    files = (Enclosure("a.pdf", "application/pdf", b"%PDF"), Enclosure("n.vcf", "text/vcard", b"BEGIN:VCARD\r\n"))
    message = read(mime(claim(enclosures=files), FROM, "Zone"))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
        "text/vcard",
    ]
    assert [part["Content-Transfer-Encoding"] for part in message.walk() if not part.is_multipart()] == [
        "quoted-printable",
        "quoted-printable",
        "base64",
        "base64",
    ]

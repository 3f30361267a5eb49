"""A mail, from its bytes to what it is and says; whatever stands in them."""

import time
from datetime import UTC, datetime

import pytest

from plp.jobs.imap.parts import LONGEST_TEXT, TooMuch, plain
from plp.jobs.imap.reading import letter_of
from tests.plp.jobs.imap.hostile import HOSTILE, nested
from tests.plp.jobs.imap.mails import parts, report, with_picture, written

TOKEN = "MTI.c2lnbmF0dXJl"
ANSWER = {"In_Reply_To": "<a@x.example>"}


def text_of(raw):
    return letter_of(raw).text


def test_an_ordinary_mail():
    letter = letter_of(written(In_Reply_To="<a@x.example>", References="<r1@x.example> <r2@x.example> <a@x.example>"))
    assert (letter.kind, letter.sender, letter.sender_name) == ("message", "luc@example.be", "Luc Dupont")
    assert letter.subject == "Rue de la Station"
    assert letter.text == "Bonjour, une camionnette tourne dans la rue."
    assert letter.refers_to == ("<a@x.example>", "<r2@x.example>", "<r1@x.example>")
    assert letter.sent_at == datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    assert letter.message_id == "<1@mail.example.be>"
    assert not letter.is_shortened


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("Luc <Luc@Example.ORG>", "luc@example.org"),
        ("a@example.org, b@example.org", ""),
        ("<>", ""),
        (None, ""),
    ],
)
def test_where_the_writer_wants_the_answer(header, address):
    assert letter_of(written(Reply_To=header)).reply_to == address


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "auto-generated; type=x"}, "automatic"),
        ({"Auto_Submitted": "no"}, "message"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"Precedence": "auto_reply"}, "automatic"),
        ({"Precedence": "list", "List_ID": "<plainevaux.googlegroups.com>"}, "message"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"subject": "Réponse automatique : Bulletin", **ANSWER}, "automatic"),
        ({"subject": "=?utf-8?q?R=C3=A9ponse_automatique?= : Bulletin", **ANSWER}, "automatic"),
        ({"subject": "Automatisch antwoord: Bulletin", **ANSWER}, "automatic"),
        ({"subject": "Abwesenheitsnotiz: Bulletin", **ANSWER}, "automatic"),
        ({"subject": "Out of Office", "References": "<a@x.example>"}, "automatic"),
        ({"subject": "Réponse automatique : Bulletin"}, "message"),
        ({"subject": "Afwezigheidstoezicht aanvragen", **ANSWER}, "message"),
        ({"subject": "Afwezigheid: kunnen jullie langs ons huis rijden?"}, "message"),
        ({"subject": "Abwesenheit: bitte Haus beobachten"}, "message"),
        ({"subject": "Absence du bureau de poste", **ANSWER}, "message"),
        ({"subject": "Afwezigheid: kunnen jullie langs ons huis rijden?", **ANSWER}, "message"),
        ({"subject": "Incendie rue de la Station", "Precedence": "bulk"}, "message"),
        ({"subject": "Réponse automatique : Incendie", "Precedence": "bulk", **ANSWER}, "automatic"),
        ({"Auto_Submitted": "auto-replied", "text": "Au secours, il a un couteau !"}, "message"),
        ({"subject": "Réponse automatique : Bulletin", "text": "Cambriolage chez moi", **ANSWER}, "message"),
        ({"Auto_Submitted": "auto-replied", "text": "Absente. En cas d'urgence, appelez Luc."}, "automatic"),
        ({"Auto_Submitted": "auto-replied", "text": "Away. If your matter is urgent, call Luc."}, "automatic"),
        ({"Auto_Submitted": "auto-replied", "text": "Afwezig. In geval van nood: Luc."}, "automatic"),
        ({"Auto_Submitted": "auto-replied", "text": "Im Notfall rufen Sie Luc an."}, "automatic"),
        ({"subject": "Re: Absence du bureau de vote"}, "message"),
        ({"subject": f"[PLP-R:{TOKEN}]"}, "relay"),
        ({"subject": f"Re: [PLP-R:{TOKEN}] relayé"}, "relay"),
        ({"subject": f"=?utf-8?q?=5BPLP-R:{TOKEN}=5D_relay=C3=A9?="}, "relay"),
        ({"text": f"relayé\n[PLP-R:{TOKEN}]"}, "message"),
        ({"text": f"D'accord !\n\nLe 24 nov. 2026 à 20:40, Zone a écrit :\n> [PLP-R:{TOKEN}]"}, "message"),
        ({"subject": f"Réponse automatique : [PLP-R:{TOKEN}]", **ANSWER}, "automatic"),
        ({"subject": f"Réponse automatique : [PLP-R:{TOKEN}]"}, "message"),
        ({"subject": "[PLP-R:]"}, "message"),
    ],
)
def test_what_a_mail_is(headers, kind):
    letter = letter_of(written(**headers))
    assert letter.kind == kind
    assert letter.token == (TOKEN if kind == "relay" else "")


def test_a_report_is_a_bounce_whatever_else_it_looks_like():
    assert letter_of(report("<a@x.example>")).kind == "bounce"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Oui.\n\nLe mar. 24 nov. 2026 à 20:40, Zone\n<plp@example.be> a écrit :\n\n> Bulletin\n>\n> Suite\n", "Oui."),
        ("Ja.\n\nOp di 24 nov 2026 om 20:40 schreef Zone <plp@example.be>:\n> Bulletin", "Ja."),
        ("Ja.\n\nAm 24.11.2026 um 20:40 schrieb Zone:\n> Bulletin", "Ja."),
        ("Yes.\n\nOn Tue, 24 Nov 2026, Zone wrote:\n> Bulletin", "Yes."),
        ("Oui.\n\nDe : Zone <plp@example.be>\nEnvoyé : mardi 24 novembre 2026\nObjet : Bulletin\n\nTexte", "Oui."),
        ("Oui.\n\n-----Message d'origine-----\nDe : Zone\n\nTexte", "Oui."),
        ("Oui.\n________________________________\nFrom: Zone\nSent: Tuesday\n\nTexte", "Oui."),
    ],
)
def test_what_is_quoted_stands_apart(text, own):
    letter = letter_of(written(text, subject="Re: Bulletin"))
    assert letter.text == own
    assert letter.quoted
    assert own not in letter.quoted


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("À vous de voir.\n\nDe : Anne\nEnvoyé : mardi\n\nOn a forcé ma porte.", "TR: voisinage"),
        ("Voir.\n\nOn Tue, Anne wrote:\n> On a forcé ma porte.", "Fwd: voisinage"),
        ("Le 24 nov., Zone a écrit :\n> Où ?\nRue de la Station.\n> Quand ?\nVers 20 h.", "Re: Bulletin"),
        ("Le 24 nov., Zone a écrit :\n> Tout est cité.", "Re: Bulletin"),
        ("On a vu, m'a-t-on écrit :\nune camionnette.", "Rue"),
    ],
)
def test_what_is_not_certainly_quoted_is_not_hidden(text, subject):
    letter = letter_of(written(text, subject=subject))
    assert letter.quoted == ""
    assert letter.text == text


def test_html_alone_becomes_text_without_what_nobody_sees():
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>On a forc&eacute; <b>ma</b> porte.</p>"
        "<div>Rue&nbsp;X<br>Vers 20&nbsp;h &lt;environ&gt;</div><script>alert(1)</script>"
        '<img src="http://evil.example/pixel.png"><a href="javascript:x">lien</a></body></html>'
    )
    raw = written(html).replace(b"text/plain", b"text/html")
    assert text_of(raw) == "On a forcé ma porte.\n\nRue\u00a0X\nVers 20\u00a0h <environ>\nlien"


def test_of_two_alternatives_the_plain_one_unless_it_is_empty():
    plain_part, html = ("Content-Type: text/plain", "clair"), ("Content-Type: text/html", "<p>riche</p>")
    assert text_of(parts(plain_part, html, kind="multipart/alternative")) == "clair"
    assert text_of(parts(("Content-Type: text/plain", " "), html, kind="multipart/alternative")) == "riche"


def test_what_was_sent_along_is_named_and_stays_in_the_mailbox():
    letter = letter_of(with_picture("Voici la plaque.", 1000))
    assert (letter.text, letter.enclosures) == ("Voici la plaque.", ("photo.jpg",))
    text_file = ('Content-Type: text/plain; name="liste.txt"\r\nContent-Disposition: attachment', "secret")
    letter = letter_of(parts(("Content-Type: text/plain", "Voir."), text_file))
    assert (letter.text, letter.enclosures) == ("Voir.", ("liste.txt",))


def test_a_mail_passed_on_as_a_file_is_read_as_well():
    inner = "From: Anne <anne@example.be>\r\nSubject: Porte\r\nContent-Type: text/plain\r\n\r\nOn a forcé ma porte."
    for disposition in ("", '\r\nContent-Disposition: attachment; filename="porte.eml"'):
        raw = parts(("Content-Type: text/plain", "Voir."), (f"Content-Type: message/rfc822{disposition}", inner))
        assert text_of(raw) == "Voir.\n\n» Anne <anne@example.be> : Porte\nOn a forcé ma porte."


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mail_gives_what_can_be_had_of_it(raw):
    began = time.process_time()
    letter = letter_of(raw)
    assert time.process_time() - began < 2
    stored = letter.sender + letter.sender_name + letter.subject + letter.text + "".join(letter.enclosures)
    assert not set(stored) & {"\0", "\u202e", "\ufeff"}
    stored.encode()
    assert len(letter.text) <= LONGEST_TEXT
    assert len(letter.refers_to) <= 20


@pytest.mark.parametrize(
    "raw",
    [
        written().replace(b"utf-8", b'utf-8; x="' + (b";" * 900 + b"\r\n ") * 110),
        parts(("Content-Disposition: attachment;" + ' filename*1="x";\r\n ' * 5000, "x")),
        nested(300) + b"\r\n" * 50_000,
    ],
    ids=("parameters", "parameters of a part", "parts in parts"),
)
def test_a_mail_that_is_made_to_take_long_is_not_read_at_all(raw):
    began = time.process_time()
    with pytest.raises(TooMuch):
        letter_of(raw)
    assert time.process_time() - began < 2


def test_a_mail_to_hundreds_is_read():
    letter = letter_of(written(To=",\r\n ".join(f"membre{n}@example.org" for n in range(1000))))
    assert (letter.sender, letter.text) == ("luc@example.be", "Bonjour, une camionnette tourne dans la rue.")


def test_a_mail_that_is_too_long_says_so():
    letter = letter_of(written("mot " * 10_000))
    assert letter.is_shortened
    assert letter_of(written(), is_whole=False).is_shortened


def test_the_same_mail_has_the_same_digest_and_another_another():
    assert letter_of(written()).digest == letter_of(written(X_Received="elsewhere")).digest
    assert letter_of(written()).digest != letter_of(written("autre")).digest
    one, two = (written("", Message_ID=None, X_Photo=photo) for photo in "ab")
    assert letter_of(one).digest == letter_of(one).digest != letter_of(two).digest
    assert letter_of(written()).digest != letter_of(written(From="luc@example.org")).digest


def test_a_quadratic_page_takes_no_time():
    began = time.process_time()
    plain("<a" * 100_000)
    assert time.process_time() - began < 2

"""Marks of direction and zero-width characters are named on pages, in exports, in mails and in the terminal."""

import pytest
from markupsafe import Markup

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.people import Member
from db.models.zone import Zone
from plp.cli import terminal
from plp.letters.rendering import note
from plp.services.people.exporting import written
from rules.replies.meaning import read
from rules.replies.unseen import named, shown
from rules.replies.values import Meaning
from tests.console.conftest import words
from tests.console.inbox_scene import address, comes
from tests.support.people import person

TURNED = "\u202e"  # right-to-left override
UNSEEN = [
    *"\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2064\u2066\u2067\u2068\u2069\ufeff",
    "\U000e0001",
    "\U000e0041",
]


@pytest.mark.parametrize("mark", UNSEEN, ids=lambda mark: f"{ord(mark):X}")
def test_each_is_named(mark):
    assert named(f"a{mark}b") == f"a[U+{ord(mark):04X}]b"
    assert shown(Markup(f"<b>a{mark}b</b>")) == Markup(f"<b>a[U+{ord(mark):04X}]b</b>")


@pytest.mark.parametrize("whole", ["é", "👩\u200d👩\u200d👧", "à 21 h 40", "l’école", "co\u00adordinateur", "👍🏽"])
def test_what_is_seen_stays(whole):
    assert named(whole) == whole
    assert shown(7) == 7


@pytest.mark.parametrize("typed", ["ST\u200bOP", "\u202eSTOP", "S\u2060TOP\ufeff", "STO\u200dP", "\u2066stop\u2069"])
def test_a_stop_is_a_stop_with_them(typed):
    assert read(typed, []).meaning is Meaning.STOP


def test_a_text_that_came_in_is_shown_with_names_on_every_page(sign_in, ready_modem):
    ready_modem()
    ref = comes("+32470000077", f"Au secours {TURNED}101 \u200b\u2066fin")
    officer = sign_in("officer")
    pages = [officer.get(path).text for path in ("/", "/inbox", address(ref))]
    assert not [mark for page in pages for mark in UNSEEN if mark in page]
    assert any("[U+202E]101 [U+200B][U+2066]fin" in page for page in pages)


def test_so_is_a_member_s_name_that_is_in_the_database(sign_in):
    with connected():
        Member.update(last_name=f"Nom{TURNED}").where(Member.id == person(1, utc_now())).execute()
    page = sign_in("admin").get("/members")
    assert TURNED not in page.text
    assert "Nom[U+202E]" in words(page)


def test_an_export_names_them():
    assert "Anne[U+202E]" in written([["name"], [f"Anne{TURNED}"]]).decode()


def test_so_do_a_mail_and_the_terminal(database, capsys):
    with connected():
        Zone.update(name=f"Zone{TURNED}").execute()
        copy = note("key", "a@example.org", "Anne", "fr", f"Titre{TURNED}", [f"Un {TURNED}mot"])
    assert TURNED not in copy.text + copy.html
    assert "[U+202E]mot" in copy.text
    terminal.tell_rows(False, [], ["nom"], [[f"Anne{TURNED}"]])
    assert TURNED not in capsys.readouterr().out

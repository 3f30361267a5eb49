"""A PIN goes into a card once: what was refused is remembered, what a crash left open is judged by the card's count."""

import hashlib
import os

import pytest

from db.engine.connection import bound_state_folder
from db.modems import sims
from modem.daemon.records.status import CardPin

pytestmark = pytest.mark.usefixtures("database")

CARD, OTHER_CARD = "8932000000000000012", "8932000000000000020"


@pytest.fixture
def pin_file(tmp_path):
    path = tmp_path / "pin"
    path.write_text("0000\n")
    return path


@pytest.fixture
def restarted(pin_file, now):
    """A keeper as after a restart of the daemon: all it knows is in the database."""
    return lambda section="a": CardPin(lambda: pin_file, lambda: now, section)


@pytest.fixture
def typed(restarted, now):
    """`typed(pin, card)` → what a new keeper gives for a card that tells no tries, after a person typed `pin`."""

    def tried(pin, card, section="a"):
        keeper = restarted(section)
        sims.keep_typed_pin(section, pin)
        [left] = bound_state_folder().glob("typed-pin-*")
        os.utime(left, (now.timestamp(), now.timestamp()))
        return keeper.take(card, None), keeper

    return tried


def test_the_note_goes_when_the_card_opens(restarted, now):
    keeper = restarted()
    assert keeper.take(CARD, 3) == "0000"
    (note,) = sims.pin_notes(CARD)
    assert (note.tried_at, note.refused) == (now, False)
    keeper.accepted(CARD)
    assert sims.pin_notes(CARD) == []


def test_where_no_tries_are_told_a_pin_is_entered_that_was_right_before_on_this_card(restarted, pin_file):
    assert restarted().take(CARD, None) is None
    keeper = restarted()
    keeper.take(CARD, 3)
    keeper.accepted(CARD)
    assert restarted().take(OTHER_CARD, None) is None
    assert restarted().take("", None) is None
    pin_file.write_text("1111")
    assert restarted().take(CARD, None) is None
    pin_file.write_text("0000")
    keeper = restarted("b")
    assert keeper.take(CARD, None) == "0000"
    keeper.refused(CARD)  # it has another one since
    assert restarted().take(CARD, None) is None
    assert list(bound_state_folder().glob("right-pin-*")) == []


@pytest.mark.parametrize("before", [[], ["350000000000017"], [""]])
def test_what_a_person_typed_licenses_the_same_pin_of_the_file(restarted, typed, before):
    """The modem names its card before the PIN, or only afterwards."""
    pin, keeper = typed("0000", (before or [CARD])[0])
    assert pin == "0000"
    for name in before:
        keeper.accepted(name)
    keeper.accepted(CARD, *before)
    assert restarted().take(CARD, None) == "0000"
    assert restarted().take("350000000000017", None) is None
    [right] = bound_state_folder().glob("right-pin-*")
    assert right.stat().st_mode & 0o077 == 0
    assert "0000" not in right.read_text()


def test_a_card_that_opened_without_us_licenses_nothing(restarted):
    keeper = restarted()
    keeper.accepted(CARD)
    assert restarted().take(CARD, None) is None


@pytest.mark.parametrize("tries_left", [3, None])
def test_a_refused_pin_is_never_entered_again(restarted, tries_left, typed):
    restarted().take(CARD, 3)
    restarted().refused(CARD)
    assert restarted().take(CARD, tries_left) is None
    restarted().accepted(CARD)  # a person opened it with another PIN
    assert restarted().take(CARD, tries_left) is None
    assert typed("0000", CARD)[0] is None


def test_another_pin_and_another_card_have_their_own_try(restarted, pin_file):
    restarted().take(CARD, 3)
    restarted().refused(CARD)
    assert restarted().take(OTHER_CARD, 3) == "0000"
    pin_file.write_text("1111")
    assert restarted().take(CARD, 3) == "1111"
    restarted().accepted(CARD)
    assert [note.refused for note in sims.pin_notes(CARD)] == [True]
    pin_file.write_text("0000")
    assert restarted().take(CARD, 3) is None


@pytest.mark.parametrize(("tries_left", "taken"), [(3, "0000"), (None, None), (2, None)])
def test_a_crash_between_the_try_and_its_answer(restarted, tries_left, taken):
    restarted().take(CARD, 3)
    assert restarted().take(CARD, tries_left) == taken


@pytest.mark.parametrize("tries_left", [2, 1, 0])
def test_nothing_is_entered_when_few_tries_are_left(restarted, tries_left):
    assert restarted().take(CARD, tries_left) is None
    assert sims.pin_notes(CARD) == []


@pytest.mark.parametrize("content", [b"", b"abcd", b"123", b"123456789", b'0000"\rAT', b"\xff\xfe", "١٢٣٤".encode()])
def test_a_file_without_a_pin(restarted, pin_file, content, caplog):
    pin_file.write_bytes(content)
    assert restarted().take(CARD, 3) is None
    assert "PIN file" in caplog.text
    assert sims.pin_notes(CARD) == []


def test_a_missing_file(restarted, pin_file):
    pin_file.unlink()
    assert restarted().take(CARD, 3) is None


def test_what_is_refused_without_a_try_is_nothing(restarted):
    restarted().refused(CARD)
    assert sims.pin_notes(CARD) == []


# -- modems that tell nothing before the PIN ---------------------------------------------------------------------------


def test_the_note_of_an_unknown_card_moves_to_the_card(restarted, pin_file, typed):
    pin, keeper = typed("0000", "")
    assert pin == "0000"
    keeper.refused("")
    pin, keeper = typed("1111", "")
    assert pin == "1111"
    keeper.accepted("")
    keeper.accepted(CARD, "")
    assert [note.refused for note in sims.pin_notes(CARD)] == [True]
    assert restarted().take(CARD, 3) is None
    assert restarted().take("", None) is None


def test_a_refused_pin_follows_the_card_to_another_path_and_another_modem(restarted, typed):
    _, keeper = typed("0000", "")
    keeper.refused("")
    for section in ("a", "b"):
        for card in ("", "350000000000017", OTHER_CARD):
            assert typed("0000", card, section)[0] is None
    assert restarted("b").take(OTHER_CARD, 3) == "0000"  # which has all its tries: it refused none


def test_a_try_that_a_crash_left_open_is_not_made_again(restarted, typed):
    typed("0000", "")
    assert typed("0000", "")[0] is None
    assert typed("0000", "", "b")[0] is None
    restarted().accepted(CARD)  # the card is open: it was the right one, or a person helped
    assert typed("0000", "")[0] == "0000"


@pytest.mark.parametrize("card", ["", "350000000000017", CARD])
def test_the_third_try_is_never_made_blindly(typed, card):
    left = []
    for pin in ("0000", "1111", "2222", "0000"):
        taken, keeper = typed(pin, card)
        if taken:
            keeper.refused(card)
        left.append((taken, keeper.at_most(card)))
    assert left == [("0000", 2), ("1111", 1), (None, 1), (None, 1)]


def test_what_one_modem_was_refused_does_not_stop_another_pin(typed):
    for pin in ("0000", "1111"):
        _, keeper = typed(pin, "")
        keeper.refused("")
    assert typed("2222", "", "b")[0] == "2222"


@pytest.mark.slow
@pytest.mark.parametrize("tries_left", [3, None])
def test_a_note_from_before_the_upgrade_still_holds(restarted, now, tries_left, monkeypatch):
    monkeypatch.undo()  # with the work of the product
    sims.mark_pin_tried(CARD, hashlib.scrypt(b"0000", salt=CARD.encode(), n=2**14, r=8, p=1).hex(), now)
    sims.mark_pin_refused(CARD)
    assert restarted().take(CARD, tries_left) is None


def test_a_typed_pin_is_tried_once_before_the_file_and_is_gone_then(restarted, now):
    keeper = restarted()
    sims.keep_typed_pin("a", "4321")
    [left] = bound_state_folder().glob("typed-pin-*")
    os.utime(left, (now.timestamp(), now.timestamp()))
    assert left.stat().st_mode & 0o077 == 0
    assert keeper.take(CARD, 3) == "4321"
    assert not left.exists()
    assert keeper.take(CARD, 3) == "0000"


@pytest.mark.parametrize("seconds", [121, -121])
def test_a_pin_that_was_typed_long_ago_is_tried_no_more(restarted, now, seconds):
    keeper = restarted()
    sims.keep_typed_pin("a", "4321")
    [left] = bound_state_folder().glob("typed-pin-*")
    at = now.timestamp() - seconds
    os.utime(left, (at, at))
    assert keeper.take(CARD, 3) == "0000"
    assert not left.exists()


def test_a_restart_and_another_modem_take_no_typed_pin(restarted, now):
    keeper = restarted("a")
    sims.keep_typed_pin("b", "4321")
    assert keeper.take(CARD, 3) == "0000"
    restarted("b")
    assert list(bound_state_folder().glob("typed-pin-*")) == []


def test_a_typed_pin_that_the_card_refused_is_not_tried_again(restarted, now):
    keeper = restarted()
    for taken in ("4321", None):
        sims.keep_typed_pin("a", "4321")
        [left] = bound_state_folder().glob("typed-pin-*")
        os.utime(left, (now.timestamp(), now.timestamp()))
        assert keeper.take(CARD, 3) == taken
        keeper.refused(CARD)

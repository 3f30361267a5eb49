"""A PIN goes into a card once: what was refused is remembered, what a crash left open is judged by the card's count."""

import pytest

from db import pins
from modem.service.pins import CardPin

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
    return lambda: CardPin(pin_file, lambda: now)


def test_the_note_goes_when_the_card_opens(restarted, now):
    assert restarted().take(CARD, 3) == "0000"
    note = pins.pin_note(CARD)
    assert (note.tried_at, note.refused) == (now, False)
    restarted().accepted(CARD)
    assert pins.pin_note(CARD) is None
    assert restarted().take(CARD, None) == "0000"


@pytest.mark.parametrize("tries_left", [3, None])
def test_a_refused_pin_is_never_entered_again(restarted, tries_left):
    restarted().take(CARD, 3)
    restarted().refused(CARD)
    assert restarted().take(CARD, tries_left) is None
    restarted().accepted(CARD)  # a person opened it with another PIN
    assert restarted().take(CARD, tries_left) is None


def test_another_pin_and_another_card_have_their_own_try(restarted, pin_file):
    restarted().take(CARD, 3)
    restarted().refused(CARD)
    assert restarted().take(OTHER_CARD, 3) == "0000"
    pin_file.write_text("1111")
    assert restarted().take(CARD, 3) == "1111"
    restarted().accepted(CARD)
    assert pins.pin_note(CARD) is None


@pytest.mark.parametrize(("tries_left", "taken"), [(3, "0000"), (None, None), (2, None)])
def test_a_crash_between_the_try_and_its_answer(restarted, tries_left, taken):
    restarted().take(CARD, 3)
    assert restarted().take(CARD, tries_left) == taken


@pytest.mark.parametrize("tries_left", [2, 1, 0])
def test_nothing_is_entered_when_few_tries_are_left(restarted, tries_left):
    assert restarted().take(CARD, tries_left) is None
    assert pins.pin_note(CARD) is None


@pytest.mark.parametrize("content", [b"", b"abcd", b"123", b"123456789", b'0000"\rAT', b"\xff\xfe", "١٢٣٤".encode()])
def test_a_file_without_a_pin(restarted, pin_file, content, caplog):
    pin_file.write_bytes(content)
    assert restarted().take(CARD, 3) is None
    assert "PIN file" in caplog.text
    assert pins.pin_note(CARD) is None


def test_a_missing_file(restarted, pin_file):
    pin_file.unlink()
    assert restarted().take(CARD, 3) is None


def test_what_is_refused_without_a_try_is_nothing(restarted):
    restarted().refused(CARD)
    assert pins.pin_note(CARD) is None

"""The note of what was sent: ahead of what leaves, about no person, and what its absence means."""

import json

import pytest

from db.alerts.orders.holding import hold_of
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_released
from db.models.broadcasts import Message
from modem.daemon import witness as module
from modem.daemon.witness import MOST_AHEAD
from tests.modem.daemon.copies import PEOPLE, send, sending
from tests.support.people import SENDING, ready_modem, release_broadcast

pytestmark = pytest.mark.usefixtures("database")


def test_the_note_is_ahead_of_every_part_that_leaves(start, now, alert, note, clock):
    sender = ready_modem("a", now)
    witness = start(now)
    for _ in range(PEOPLE):
        (claim,) = send(witness, sender, now)
        assert json.loads(note.read_text())["reached"][str(alert.id)] >= claim.message_id
        clock.now_s += 0.3
    clock.now_s += 5
    witness.step()
    assert json.loads(note.read_text())["reached"] == {str(alert.id): claim.message_id}


def test_a_fast_modem_notes_about_once_a_second(start, now, clock, monkeypatch):
    written = []
    monkeypatch.setattr(module, "write_whole", lambda path, content: written.append(clock.now_s))
    witness = start(now)
    claim = type("Claim", (), {"broadcast_id": 1, "message_id": 0})
    for _ in range(600 * 10):
        claim.message_id += 1
        clock.now_s += 1 / 600
        witness.cover(claim)
    assert len(written) < 30
    assert MOST_AHEAD < 600


def test_nothing_in_the_note_is_about_a_person(start, now, alert, note):
    send(start(now), ready_modem("a", now), now, 2)
    content = json.loads(note.read_text())
    assert set(content) == {"database", "epoch", "progress", "reached"}
    assert note.stat().st_mode & 0o777 == 0o600
    numbers = [message.msisdn for message in Message.select()]
    assert not any(number.lstrip("+") in note.read_text() for number in numbers)


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"database": "x"}'])
def test_without_its_note_a_database_that_has_sent_is_held(start, now, alert, note, content):
    sending(start, now, alert)
    if content is None:
        note.unlink()
    else:
        note.write_text(content)
    assert start(now).held == 1
    hold = hold_of(alert.id)
    assert (hold.reason, hold.may_have, hold.nothing) == ("unknown", PEOPLE - 7, 0)
    assert start(now).held == 0  # it is noted now; nothing is held again
    release_broadcast(alert.id, "test", SENDING, now)
    assert start(now).held == 0


def test_a_new_machine_beside_others_that_live_holds_nothing(start, now, alert, note):
    sending(start, now, alert)
    note.unlink()
    assert start(now, ["sud"]).held == 0


def test_the_first_start_after_an_upgrade_holds_nothing(start, now, alert, note):
    assert not note.exists()
    sender = ready_modem("a", now)
    mark_released(claim_part(sender, now), "restart", now)
    assert start(now).held == 0


def test_a_new_database_in_the_place_of_an_old_one_holds_nothing(start, now, alert, note):
    note.write_text(json.dumps({"database": "another", "epoch": 3, "progress": 99, "reached": {"1": 9}}))
    assert start(now).held == 0
    assert json.loads(note.read_text())["reached"] == {}


def test_another_database_that_was_sending_is_held(start, now, alert, note):
    """A copy from before the upgrade that brought the note gets a new token from its migration."""
    mark_released(claim_part(ready_modem("a", now), now), "restart", now)
    note.write_text(json.dumps({"database": "another", "epoch": 0, "progress": 99, "reached": {}}))
    assert start(now).held == 1


def test_a_note_that_cannot_be_written_stops_no_alert(start, now, alert, monkeypatch, caplog):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_whole", full)
    send(start(now), ready_modem("a", now), now, 3)
    assert [record.levelname for record in caplog.records].count("ERROR") == 1

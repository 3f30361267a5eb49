"""A server that was away may come back as an older copy: nothing leaves before every machine has compared."""

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import ClaimLost, mark_pdu_started, mark_sent
from db.engine.connection import UNAVAILABLE
from db.models.broadcasts import Attempt
from db.models.broadcasts import Part as PartRow
from modem.daemon import witness as module
from modem.daemon.witness import PATIENCE_S, Witness
from tests.modem.daemon.copies import Copy, Seconds
from tests.support.people import later, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

PEOPLE = 6


@pytest.fixture
def clock():
    return Seconds()


@pytest.fixture
def server(monkeypatch):
    """Call it, and the server is another one: it was started again, or a copy took its name."""
    started = ["first"]
    monkeypatch.setattr(module, "incarnation", lambda: started[-1])
    return lambda: started.append(f"{len(started)}")


@pytest.fixture
def hosts(tmp_path, clock, now, server):
    """Two machines that have seen each other alive."""
    made = []
    for name in ("nord", "sud"):
        (tmp_path / name).mkdir()
        made.append(Witness(tmp_path / name, clock))
    north, south = made
    north.compare(now, {"sud": now})
    south.compare(now, {"nord": now})
    return north, south


@pytest.fixture
def sender(now):
    for number in range(PEOPLE):
        person(number, now)
    modem = ready_modem("a", now)
    order(now)
    return modem


def take(sender, now):
    claim = claim_part(sender, now)
    assert claim is not None
    return claim


def send(witness, sender, now):
    claim = take(sender, now)
    witness.start(claim, now)
    mark_sent(claim, 1, sender, now)
    return claim


def test_a_copy_that_was_made_since_the_note_is_noticed(hosts, sender, server, now, clock):
    """The note goes ahead by a second: what left in it is missing in a copy that is as far as the note."""
    north, _south = hosts
    clock.now_s = 1.0
    send(north, sender, now)
    send(north, sender, now)  # covers the next one too
    copy = Copy()
    send(north, sender, now)
    copy.put_back()
    server()
    assert north.compare(now, {"sud": now}) == 1
    assert claim_part(sender, now) is None


def test_an_acknowledged_attempt_is_asked_for_only_until_the_note_covers_it(hosts, sender, now, clock):
    north, _south = hosts
    send(north, sender, now)
    clock.now_s = 5.0
    north.step()
    Attempt.delete().execute()  # as retention does, months later
    assert north.compare(now, {"sud": now}) == 0


def test_no_part_leaves_before_this_machine_has_compared(hosts, sender, server, now):
    """A modem's thread may reach the server again before the daemon has compared."""
    north, _south = hosts
    claim = take(sender, now)
    server()
    with pytest.raises(UNAVAILABLE):
        north.start(claim, now)
    assert not north.has_compared()
    assert Attempt.get().pdu_started_at is None


def test_no_part_leaves_before_the_other_machine_has_compared(hosts, sender, server, now):
    """What only the other one sent, only its note knows."""
    _north, south = hosts
    server()
    south.compare(later(now, seconds=1), {"nord": now})  # its last sign of life is of before
    assert south.has_compared()
    assert not south.may_send()
    claim = take(sender, now)
    with pytest.raises(UNAVAILABLE):
        south.start(claim, now)
    south.compare(later(now, seconds=3), {"nord": later(now, seconds=2)})
    assert south.may_send()
    south.start(claim, now)


def test_a_machine_that_died_with_the_server_is_not_awaited_for_ever(hosts, server, now, clock):
    _north, south = hosts
    server()
    south.compare(later(now, seconds=1), {})
    clock.now_s = PATIENCE_S - 0.1
    south.compare(later(now, seconds=14), {})
    assert not south.may_send()
    clock.now_s = PATIENCE_S + 0.1
    south.compare(later(now, seconds=15), {})
    assert south.may_send()
    server()  # and the next time it is not awaited at all
    south.compare(later(now, seconds=20), {})
    assert south.may_send()


def test_a_machine_alone_goes_on_at_once(tmp_path, sender, server, now, clock):
    alone = Witness(tmp_path, clock)
    alone.compare(now, {})
    server()
    alone.compare(now, {})
    send(alone, sender, now)


def test_an_attempt_of_a_copy_is_not_taken_for_the_lost_one_of_the_same_number(sender, now):
    first = take(sender, now)
    second = take(sender, now)
    Attempt.update(part=second.part_id).where(Attempt.id == first.attempt_id).execute()
    with pytest.raises(ClaimLost):
        mark_pdu_started(first, now)
    with pytest.raises(ClaimLost):
        mark_sent(first, 7, sender, now)
    assert {part.state for part in PartRow.select().where(PartRow.id == first.part_id)} == {"sending"}

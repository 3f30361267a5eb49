"""A box goes from SQLite to PostgreSQL and back: rows and keys whole, what waited is held, nothing lost or doubled."""

from contextlib import ExitStack

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.engine.base import database
from db.engine.connection import bind, bound_to, connected
from db.journal.verification import noted_heads, verify
from db.models.broadcasts import Attempt, Broadcast, BroadcastText, Part
from db.models.tables import TABLES
from db.models.zone import Heartbeat
from db.operations import moving
from db.operations.installation import Installation
from plp.cli.backup import move as move_command
from plp.services.backup.moving import move
from rules.sentences import CodedRefusal
from rules.states import PartState, Stage
from tests.support.journal import copied
from tests.support.people import SENDING, Text, later, order, people, person, ready_modem, release_broadcast
from tests.support.postgres import fresh_url

pytestmark = pytest.mark.slow
ODD = "Ligne 1\nligne 2\tonglet \\ barre \\N fin é ’\u00a0€"


@pytest.fixture
def box(tmp_path, seeded, now):
    """A box on SQLite, with an alert of which half went out; it is stopped."""
    (tmp_path / "var").mkdir()
    copied(seeded, tmp_path / "var/plp.db")
    with opened(tmp_path, "sqlite:///var/plp.db"):
        people(20, now)
        person(77, now)
        order(now, Text(ODD, "ucs2", (ODD,)))
        send(10, ready_modem("a", now), now)
    yield tmp_path
    database.close()


class opened(ExitStack):  # noqa: N801  (a block)
    """The box of that address, as config.ini has it from now on, and stopped in order at the end of the block."""

    def __init__(self, folder, url):
        super().__init__()
        (folder / "config.ini").write_text(f"[zone]\nname = X\n[database]\nhost = box\nurl = {url}\n")
        bind(url, folder)
        self.enter_context(connected())
        self.callback(lambda: Heartbeat.delete().execute())


def send(most, sender, now):
    for number in range(most):
        at = later(now, number + 20)
        claim = claim_part(sender, at)
        if claim is None:
            break
        mark_pdu_started(claim, at)
        mark_sent(claim, number % 256, sender, at)


def moved(folder, url, now):
    tables = {}
    done = move(Installation(folder / "config.ini"), url, "test", now, tables.__setitem__)
    database.close()
    assert tables == done.rows
    return done


def content(folder, url):
    """Every row of every table, in the order of their ids."""
    with bound_to(url, folder):
        return {table._meta.table_name: list(table.select().order_by(table.id).tuples()) for table in TABLES}


def test_there_and_back_with_an_alert_held_in_between(box, now):
    there = fresh_url()
    gone = moved(box, there, later(now, 100))
    assert (gone.held, gone.rows["member"], gone.rows["part"]) == (1, 21, 21)
    assert content(box, there) == content(box, "sqlite:///var/plp.db")
    with opened(box, there):
        assert verify(noted_heads()).faults == ()
        (alert,) = Broadcast.select()
        assert (alert.stage, alert.hold_reason) == (Stage.HELD, "")
        assert BroadcastText.get().body == ODD
        sender = ready_modem("a", later(now, 200))
        assert claim_part(sender, later(now, 200)) is None
        release_broadcast(alert.id, "test", SENDING, later(now, 201))
        send(5, sender, later(now, 202))
    back = moved(box, "sqlite:///var/back.db", later(now, 400))
    assert back.held == 1
    assert content(box, "sqlite:///var/back.db") == content(box, there)
    with opened(box, "sqlite:///var/back.db"):
        assert verify(noted_heads()).faults == ()
        release_broadcast(alert.id, "test", SENDING, later(now, 401))
        send(50, ready_modem("a", later(now, 402)), later(now, 402))
        assert {part.state for part in Part.select()} == {PartState.SENT}
        attempts = [attempt.part_id for attempt in Attempt.select()]
        assert len(attempts) == len(set(attempts)) == 21
    with opened(box, "sqlite:///var/plp.db"):  # the one of before sends nothing by itself
        assert claim_part(ready_modem("a", later(now, 500)), later(now, 500)) is None


def test_a_copy_that_was_cut_short_leaves_nothing_and_is_begun_anew(box, now, monkeypatch):
    there = fresh_url()
    with monkeypatch.context() as patched:
        patched.setattr(moving, "_equal_count", interrupted_at("part"))
        with pytest.raises(KeyboardInterrupt):
            moved(box, there, later(now, 100))
    assert not content(box, there)["member"]
    with opened(box, "sqlite:///var/plp.db"):
        person(78, now)
    done = moved(box, there, later(now, 200))
    assert (done.held, done.rows["member"]) == (1, 22)
    assert content(box, there) == content(box, "sqlite:///var/plp.db")
    assert "Une copie interrompue ne garde rien" in " ".join((move_command.help or "").split())


def interrupted_at(table):
    equal_count = moving._equal_count

    def interrupted(source, at):
        if at == table:
            raise KeyboardInterrupt
        return equal_count(source, at)

    return interrupted


def test_a_database_that_is_not_empty_is_refused_and_nothing_is_held(box, now):
    there = fresh_url()
    moved(box, there, now)
    before = content(box, there)
    (box / "config.ini").write_text((box / "config.ini").read_text().replace("host = box", "host = other"))
    with pytest.raises(CodedRefusal, match="n'est pas vide"):
        moved(box, there, now)
    with pytest.raises(CodedRefusal, match="donnez l'adresse d'une autre"):
        moved(box, "sqlite:///var/plp.db", now)
    for address in ("plp", "sqlite:/plp.db", "postgresql://localhost"):
        with pytest.raises(CodedRefusal, match="Adresse de la nouvelle base"):
            moved(box, address, now)
    assert content(box, there) == before


def test_a_box_that_runs_is_refused(box, now):
    bind("sqlite:///var/plp.db", box)
    with connected():
        ready_modem("a", now)  # and it is killed: it does not end in order
    database.close()
    with pytest.raises(CodedRefusal, match="en cours d'utilisation"):
        moved(box, fresh_url(), now)
    assert moved(box, fresh_url(), later(now, 60)).held == 1


def test_keys_go_along_to_another_folder(box, now):
    (box / "config.ini").write_text((box / "config.ini").read_text().replace("sqlite:///var/", f"sqlite:///{box}/var/"))
    moved(box, f"sqlite:///{box}/elsewhere/plp.db", now)
    assert (box / "elsewhere/journal.key").read_bytes() == (box / "var/journal.key").read_bytes()
    assert (box / "elsewhere/journal.key").stat().st_mode & 0o077 == 0

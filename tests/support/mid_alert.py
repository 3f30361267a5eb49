"""An alert that another process sends while this one makes backups and forgets people; then the disk dies."""

import os
import random
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from base.settings.values import Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_sent
from db.alerts.values import Sender
from db.engine.base import database
from db.engine.connection import bind, connected
from db.journal.audit import key_file, use_key_file
from db.journal.verification import noted_heads, verify
from db.models.broadcasts import Message
from db.models.people import Member
from modem.daemon.witness import Witness
from plp.jobs.backup import keep_forgotten
from plp.services.backup.archive import back_up
from plp.services.backup.restoring import restore
from plp.services.forgetting import forget_member
from rules.refusals import Refusal
from tests.support.backups import on_another_box
from tests.support.people import SENDING, later, mobile, order, person, ready_modem, release_broadcast
from tests.support.processes import NOW, running

# However slow the backups are, so many are left to send when the disk dies.
LEFT = 20
MODEM = Sender("box", "a", "206010000000001", False)


@dataclass(frozen=True)
class Death:
    """What is left of a box that died: its backups, who was forgotten, and who got the text."""

    house: Settings
    backups: tuple[str, ...]
    forgotten: frozenset[str]
    got_it: tuple[str, ...]
    alert: int


def send(folder: Path, key: Path, submit_s: float, most: int) -> None:
    """Send `most` at most, until the disk dies. What went out stands in `network`, as the network knows it."""
    bind(os.environ["PLP_TEST_URL"], folder)
    use_key_file(key)
    witness = Witness(folder)
    with connected():
        witness.compare(NOW, {})
        for _number in range(most):
            if (folder / "dead").exists() or (claim := claim_part(MODEM, NOW)) is None:
                break
            witness.start(claim, NOW)
            with (folder / "network").open("a") as network:
                network.write(f"{claim.msisdn}\n")
            time.sleep(submit_s)
            mark_sent(claim, 1, MODEM, NOW)


def live_and_die(house: Settings, people: int, backups: int, dice: random.Random, submit_s: float) -> Death:
    """Make that many backups at random moments of one alert, and forget somebody after most of them. A modem takes
    `submit_s` for each text.
    """
    members = {mobile(number): person(number, NOW) for number in range(people)}
    ready_modem("a", NOW)
    alert = order(NOW)
    made, forgotten = [], set()
    (house.folder / "safe").mkdir()  # of one day, only the last would stay
    with running(send, house.folder, [(key_file(), submit_s, people - LEFT)]) as results:
        while not (house.folder / "network").exists():
            time.sleep(0.005)
        for number in range(backups):
            time.sleep(dice.uniform(0, people * submit_s / backups))
            made.append(back_up(house, "test", later(NOW, number)))
            (house.folder / "kept" / made[-1]).rename(house.folder / "safe" / made[-1])
            if dice.random() < 0.7:
                gone = dice.choice(sorted(members))
                forget_member(members.pop(gone), "test", NOW)
                forgotten.add(gone)
        (house.folder / "dead").touch()
        results()
    keep_forgotten(house, NOW)
    shutil.copy(house.folder / "forgotten.list", house.folder / "safe")
    sent = (house.folder / "network").read_text().split()
    return Death(house, tuple(made), frozenset(forgotten), tuple(sent), alert.id)


def doubled_after(death: Death, name: str, folder: Path, now: datetime, same_box: bool) -> tuple[list[str], int]:
    """Put this backup back on a box in `folder`, and send the rest. Returns who got the text twice, and how many got
    it now. `same_box`: its note of what was sent is still there. Raises AssertionError for all else that is wrong.
    """
    box = on_another_box(death.house, folder)
    if same_box:
        shutil.copy(death.house.folder / "sent.json", folder)
    ours, contexts = database.obj, database.obj._state.ctx
    try:
        restore(box, death.house.folder / "safe" / name, death.house.folder / "far.key", "test", now, False, "")
        database.close()
        bind(box.database.url, box.folder)
        use_key_file(folder / "journal.key")
        with connected():
            return _went_on(death, folder, now, same_box)
    finally:
        database.close()
        database.initialize(ours)
        use_key_file(death.house.journal.key_file)
        database.obj._state.ctx = contexts


def _went_on(death: Death, folder: Path, now: datetime, same_box: bool) -> tuple[list[str], int]:
    assert verify(noted_heads()).faults == ()
    assert not _known(death.forgotten), "who was forgotten is back"
    ready_modem("a", now)
    assert claim_part(MODEM, now) is None, "something leaves before a person said so"
    witness = Witness(folder)
    witness.compare(now, {})
    try:
        release_broadcast(death.alert, "test", SENDING, now, rest=True)
    except Refusal:  # nobody certainly has nothing, or nothing waits
        pass
    else:
        assert same_box
    now_got = []
    while (claim := claim_part(MODEM, now)) is not None:
        witness.start(claim, now)
        now_got.append(claim.msisdn)
        mark_sent(claim, 1, MODEM, now)
    return [number for number in now_got if number in death.got_it], len(now_got)


def _known(numbers: Collection[str]) -> bool:
    return bool(
        Member.select().where(Member.mobile.in_(list(numbers))).exists()
        or Message.select().where(Message.msisdn.in_(list(numbers))).exists()
    )

"""A hundred backups at random moments of a running alert, each put back as if the box had died just after the alert."""

import random
import shutil
from pathlib import Path

import pytest

from plp.services.backup.restoring import try_backup
from rules.sentences import CodedRefusal
from tests.soak.budget import SEED, Budget
from tests.soak.figures import note
from tests.support.backups import house_with_backups, let_go
from tests.support.mid_alert import Death, doubled_after, live_and_die
from tests.support.people import later
from tests.support.processes import NOW

FULL_BACKUPS = 100
PEOPLE_PER_BACKUP = 9
SUBMIT_S = 0.03


def _flipped_is_refused(death: Death, name: str, dice: random.Random, folder: Path) -> None:
    whole = bytearray((death.house.folder / "safe" / name).read_bytes())
    whole[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
    (folder / "flipped.age").write_bytes(whole)
    with let_go(death.house), pytest.raises(CodedRefusal, match="ne peut pas être ouvert"):
        try_backup(death.house, folder / "flipped.age", death.house.folder / "far.key", NOW)


@pytest.mark.sqlite
@pytest.mark.soak(1)
def test_whichever_backup_is_put_back_nobody_is_doubled(database: Path, tmp_path: Path, budget: Budget) -> None:
    dice = random.Random(f"{SEED}/backups")
    size = max(5, budget.scaled(FULL_BACKUPS))
    people = size * PEOPLE_PER_BACKUP
    death = live_and_die(house_with_backups(database.parent), people, size, dice, SUBMIT_S)
    went_on = doubled = 0
    for name in death.backups:
        for same_box in (True, False):
            folder = tmp_path / "box"
            twice, count = doubled_after(death, name, folder, later(NOW, 3600), same_box)
            doubled, went_on = doubled + len(twice), went_on + count
            shutil.rmtree(folder)
        _flipped_is_refused(death, name, dice, tmp_path)
    assert doubled == 0
    note(
        budget,
        "backups of a running alert",
        f"{size} backups, each put back on the same box and on an empty one; {people} people, {len(death.forgotten)} "
        f"forgotten after a backup",
        f"{2 * size} verify, {len(death.got_it)} had the text before, {went_on} got it afterwards, {doubled} twice, "
        f"0 forgotten came back; {size} of {size} with a flipped bit refused",
    )

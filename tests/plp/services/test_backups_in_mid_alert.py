"""The box dies in mid-alert: whichever backup is put back, nobody gets the text twice, and who left stays away.

A hundred of them: `tests/soak/test_backups.py`.
"""

import random

import pytest

from plp.services.backup.restoring import try_backup
from rules.sentences import CodedRefusal
from tests.support.backups import house_with_backups, let_go
from tests.support.mid_alert import doubled_after, live_and_die
from tests.support.people import later

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("database")]


@pytest.mark.tuesday
def test_ten_backups_of_a_running_alert_hold(database, tmp_path, now):
    dice = random.Random(5278)
    death = live_and_die(house_with_backups(database.parent), people=150, backups=10, dice=dice, submit_s=0.01)
    assert len(set(death.got_it)) == len(death.got_it) > 20
    went_on = 0
    for number, name in enumerate(death.backups):
        for same_box in (True, False):
            folder = tmp_path / f"box{number}{same_box}"
            doubled, count = doubled_after(death, name, folder, later(now, 3600), same_box)
            assert doubled == []
            went_on += count
    assert went_on > 0  # a box whose note is left goes on by itself once a person said so
    whole = bytearray((death.house.folder / "safe" / name).read_bytes())
    whole[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
    (tmp_path / "flipped.age").write_bytes(whole)
    with let_go(death.house), pytest.raises(CodedRefusal, match="ne peut pas être ouvert"):
        try_backup(death.house, tmp_path / "flipped.age", death.house.folder / "far.key", now)

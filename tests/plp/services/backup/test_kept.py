"""Backups that are kept, as the journal tells of them, and a trial that somebody asks for, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from base.settings.values import DatabaseSettings, Settings
from db.journal import audit
from db.operations.runs import HELD, claim_run, mark_run_done, requested_trial, run_of
from plp.services.backup.archive import request_trial
from plp.services.backup.places import kept_backups

pytestmark = pytest.mark.usefixtures("database")

HOUSE = Settings(Path("config.ini"), Path(), database=DatabaseSettings(host="box"))


def made(host, at):
    name = f"plp-{host}-{at:%Y-%m-%d-%H%M%S}.age"
    audit.record(at, "plp", "backup_made", name, bytes=7, left_out="")
    return name


def test_those_of_this_host_that_need_not_have_gone(now):
    days = [made("box", now - timedelta(days=number)) for number in range(40)]
    made("other", now)
    again = [made("box", now + timedelta(minutes=minutes)) for minutes in (3, 2, 1)]
    names = [card.name for card in kept_backups(HOUSE, now)]
    assert names[:9] == [*again, *days[1:7]]
    assert 9 < len(names) <= 13


def test_the_newest_trial_of_each_is_told_whether_asked_or_of_the_month(now):
    first, second = made("box", now - timedelta(days=1)), made("box", now)
    claim_run(run_of("backup_drill", HOUSE), "2026-11", "box", now)
    mark_run_done(run_of("backup_drill", HOUSE), "2026-11", first, now)
    assert [card.trial for card in kept_backups(HOUSE, now)] == ["", HELD]
    for _again in range(2):
        request_trial(HOUSE, second, "jan", now)
        assert requested_trial(HOUSE) == second
        mark_run_done(run_of("backup_trial", HOUSE), second, HELD, now)
        assert requested_trial(HOUSE) is None
    assert [card.trial for card in kept_backups(HOUSE, now)] == [HELD, HELD]
    assert audit.newest("backup_trial_asked").subject == second

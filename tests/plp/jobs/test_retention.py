"""Retention: each night once, by what config.ini says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.settings.values import DatabaseSettings, RetentionSettings, Settings
from db.alerts.progress.progress import progress
from db.inbound.received import apply_inbound
from db.inbound.tips import TipDraft
from db.journal import audit
from db.models.broadcasts import Broadcast
from db.models.modem_records import InboundMessage
from db.models.tips import Tip
from db.models.zone import AuditEntry
from db.operations.runs import last_run
from plp.jobs import retention
from plp.jobs.retention import forget_nightly, months_before
from plp.services.tips import save_tip
from rules.states import Stage
from tests.browser.trouble import Delivered
from tests.support.people import mobile, order, person, ready_modem

NIGHT = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)


@pytest.fixture
def house(database):
    return Settings(path=database.parent, folder=database.parent, database=DatabaseSettings(host="box"))


def test_once_a_night_and_it_says_what_went(house, caplog):
    caplog.set_level("INFO")
    old = NIGHT - timedelta(days=370)
    apply_inbound("206010000000001", Delivered(mobile(1), "Bonjour", old), False, old)
    audit.record(old, "anne", "sign_in")
    assert not forget_nightly(house, NIGHT - timedelta(seconds=1))
    assert forget_nightly(house, NIGHT)
    assert not forget_nightly(house, NIGHT + timedelta(hours=1))
    assert (InboundMessage.select().count(), AuditEntry.select().count()) == (0, 1)
    assert last_run("retention").outcome == "texts 1"
    assert "forgotten: texts 1" in caplog.text
    assert forget_nightly(house, NIGHT + timedelta(days=1))


def test_the_zone_decides_for_how_long(house):
    old = NIGHT - timedelta(days=370)
    apply_inbound("206010000000001", Delivered(mobile(1), "Bonjour", old), False, old)
    forget_nightly(replace(house, retention=RetentionSettings(inbound_months=13)), NIGHT)
    assert InboundMessage.select().count() == 1


def test_a_night_that_was_cut_short_is_taken_up(house, monkeypatch):
    class PowerCut(Exception):
        pass

    def cut(*_):
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(retention.retention, "forget_records", cut)
        with pytest.raises(PowerCut):
            forget_nightly(house, NIGHT)
    assert not forget_nightly(house, NIGHT + timedelta(minutes=30))
    assert forget_nightly(house, NIGHT + timedelta(minutes=31))


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), 12, datetime(2025, 11, 23, 23, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), 1, datetime(2026, 5, 31, 22, tzinfo=UTC)),
        (datetime(2026, 3, 31, 12, tzinfo=UTC), 1, datetime(2026, 2, 27, 23, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 60, datetime(2023, 2, 27, 23, tzinfo=UTC)),
        (datetime(2026, 1, 15, 12, tzinfo=UTC), 13, datetime(2024, 12, 14, 23, tzinfo=UTC)),
    ],
)
def test_months_by_the_calendar(now, months, expected):
    assert months_before(now, months) == expected


@pytest.mark.tuesday
def test_days_take_the_place_of_months(house, now):
    kept = RetentionSettings(inbound_days=30, alert_texts_days=0)
    limits = {name: limit for name, _forget, limit in retention._rules(kept, now)}
    assert limits["texts"] == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert limits["recipients"] == months_before(now, 12)
    assert limits["texts of alerts"].year == 1970


@pytest.mark.tuesday
def test_the_texts_of_alerts_go_after_their_days_and_their_counts_stay(house, now):
    ready_modem("a", now)
    person(1, now)
    placed = order(now)
    Broadcast.update(stage=Stage.FINISHED).execute()
    with_texts = replace(house, retention=RetentionSettings(alert_texts_days=10))
    forget_nightly(with_texts, NIGHT + timedelta(days=9))
    assert progress(placed.id, now).text
    forget_nightly(with_texts, NIGHT + timedelta(days=12))
    assert progress(placed.id, now).text == ""
    assert progress(placed.id, now).recipients == 1


@pytest.mark.tuesday
def test_tips_are_only_counted_after_their_months(house, now):
    save_tip(None, TipDraft(now, "other", words="Porte forcée."), "", "fr", "n", "anne", now)
    for months, words in ((2, "Porte forcée."), (1, "")):
        kept = replace(house, retention=RetentionSettings(tips_months=months))
        forget_nightly(kept, NIGHT + timedelta(days=40 - months))
        assert [row.words for row in Tip.select()] == [words]

"""What the daemon does beside its modems, as its own process: with the rights of its role on PostgreSQL."""

from datetime import timedelta

import pytest

from db.alerts.queue.recovery import PREPARING_AT_MOST
from db.models.broadcasts import Broadcast, Message
from modem.daemon.daemon import _keep_house as keep_house
from rules.states import Stage

pytestmark = pytest.mark.usefixtures("database")


def test_an_order_that_a_crash_cut_short_is_deleted_with_its_messages(now, alert):
    Broadcast.update(stage=Stage.PREPARING).where(Broadcast.id == alert.id).execute()
    keep_house(now + 2 * PREPARING_AT_MOST)
    assert not Broadcast.select().exists()
    assert not Message.select().exists()


def test_an_alert_whose_time_is_over_ends(now, alert):
    keep_house(now + timedelta(days=2))
    assert Broadcast.get().stage is Stage.FINISHED

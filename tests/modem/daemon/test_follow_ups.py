"""An end of alert goes out to those who had the alert, by whatever way, with the rights that a modem's process has."""

import pytest

from base.settings.values import MailSettings
from db.alerts.incidents.left_out import mark_called
from db.alerts.values import FollowUpOrder
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.mail import Mail
from rules.mail import MailState
from tests.support.people import Text, mobile, order, pause_broadcast, person, place_follow_up

pytestmark = pytest.mark.usefixtures("database")

END = Text("Fin de l'alerte.", "gsm7", ("Fin de l'alerte.",))


def called(alert, member_id, now):
    with writing():
        mark_called(alert.id, member_id, True, "anne", now)


def mailed(alert, member_id, now):
    copy = Copy(f"alert/{alert.id}", "anne@example.org", "Anne", "fr", "", member_id, alert.id)
    send_as(MailSettings(sender="plp@example.org"))
    enqueue_letter(Letter("alert", "Alerte"), [copy], now)
    send_as(None)
    Mail.update(state=MailState.ACCEPTED).execute()


@pytest.mark.parametrize("informed", [called, mailed])
def test_a_modem_sends_the_end_to_who_was_informed_otherwise(ready, now, informed):
    member_id = person(1, now)
    alert = order(now)
    pause_broadcast(alert.id, "anne", now)
    informed(alert, member_id, now)
    ended = place_follow_up(FollowUpOrder(alert.id, "end", "anne"), END, now)
    ready.run()
    assert [part.msisdn for part in ready.driver.taken] == [mobile(1)]
    assert ready.counts(ended) == {"sent": 1}

"""The line of time of an alert: nothing in it is said before it is so."""

import re
from datetime import timedelta
from html import unescape

from console.alerts.following.dossier import ACTIONS
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Broadcast
from tests.console.alerts.scene import PEOPLE, modem_does, sent
from tests.console.conftest import words


def test_the_line_of_time_names_a_last_sms_only_when_none_waits(officer):
    number = sent(officer)
    modem_does(["sent"])
    modem_does(["sent"])
    assert "premier SMS envoyé" in words(officer.get(f"/alerts/{number}"))
    assert "dernier SMS envoyé" not in words(officer.get(f"/alerts/{number}"))
    modem_does(["sent"] * (PEOPLE - 2))
    page = words(officer.get(f"/alerts/{number}"))
    assert page.index("dernier SMS envoyé") < page.index("premier SMS envoyé")


def test_a_page_that_asks_no_more_begins_anew_when_it_is_sent_again(officer):
    number = sent(officer)
    modem_does(["sent"] * PEOPLE)
    with connected():
        Broadcast.update(deadline_at=utc_now() - timedelta(seconds=1)).execute()
    page = officer.get(f"/alerts/{number}").text
    (asks,) = map(unescape, re.findall(rf'hx-get="(/alerts/{number}/answers[^"]*)"', page))

    def renews() -> bool:
        return "HX-Refresh" in officer.client.get(asks, headers={"HX-Request": "true"}).headers

    assert not renews()
    with connected():
        Broadcast.update(deadline_at=utc_now() + timedelta(hours=1)).execute()
    assert renews()


def test_a_call_says_nothing_of_a_mobile(officer):
    """While no modem sends, those who have one are called too."""
    assert str(ACTIONS["broadcast_called"]) == "Appel à un membre"

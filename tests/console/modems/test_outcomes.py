"""A ready modem at which many SMS fail says so in the list, on the first page and in the metrics."""

import pytest

from console.api.routes import exposition
from db.engine.clock import utc_now
from db.engine.connection import connected
from tests.console.conftest import words
from tests.support.outcomes import send

TOLD = "SMS des dernières 24 heures : 10. Refusés par le réseau : 3 ; sans réponse : 2."


@pytest.fixture
def refusing(app):
    with connected():
        send(utc_now(), ["sent"] * 5 + ["CMS 38"] * 3 + ["unconfirmed"] * 2)


def test_it_is_told_wherever_the_modem_is_shown(refusing, sign_in):
    technician = sign_in("technician", "officer")
    for page in ("/modems/", "/modems/box/a", "/"):
        assert TOLD in words(technician.get(page)), page
    with connected():
        told = exposition(utc_now()).decode()
    assert 'plp_modem_refused_ratio{host="box",modem="a"} 0.3' in told
    assert 'plp_modem_unconfirmed_ratio{host="box",modem="a"} 0.2' in told

"""The line of time of an alert: nothing in it is said before it is so."""

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

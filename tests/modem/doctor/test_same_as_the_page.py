"""The doctor and the modem's page say the same of the same modem."""

import pytest

from modem.doctor.checks.facts import Facts, Modem, Standing
from modem.doctor.checks.transcript_facts import Heard
from modem.doctor.report import diagnose


@pytest.mark.parametrize("heard", [Heard(registration={"+CREG": 0}), Heard()])
def test_without_a_network_it_is_said_to_search_by_itself_as_on_its_page(heard):
    (told,) = diagnose(Facts(modems=(Modem("a", "/dev/ttyUSB2", standing=Standing("not_registered"), heard=heard),)))
    assert "réessaie automatiquement" in str(told.meaning)
    assert "radio" not in f"{told.title} {told.meaning} {told.advice}"

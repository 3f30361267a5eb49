"""The doctor and the modem's page say the same of the same modem."""

from modem.doctor.checks.facts import Facts, Modem, Standing
from modem.doctor.report import diagnose


def test_without_a_network_it_is_said_to_search_by_itself_as_on_its_page():
    modem = Modem("a", "/dev/ttyUSB2", standing=Standing("not_registered"), unregistered="none")
    (finding,) = diagnose(Facts(modems=(modem,)))
    assert "réessaie automatiquement" in str(finding.meaning)
    assert "radio" not in f"{finding.title} {finding.meaning} {finding.advice}"

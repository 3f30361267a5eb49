"""Modems that fall silent or refuse, and how long it takes until they are at rest."""

from modem import errors
from tests.support.people import mobile


def until(bench, state, at_most_s=600):
    """Step twice a second until the modem stands so; returns the seconds it took."""
    for half_seconds in range(2 * at_most_s):
        if bench.worker.status.state == state:
            return half_seconds / 2
        bench.step(0.5)
    raise AssertionError(f"still {bench.worker.status.state}: {bench.worker.status.sentence}")


def refusing(bench, numbers, code, times=1):
    for number in numbers:
        bench.driver.trouble[mobile(number)] = [errors.CmsError("AT+CMGS", code) for _ in range(times)]


def raises(error):
    def method(*_):
        raise error

    return method

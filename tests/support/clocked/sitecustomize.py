"""Read by Python before the program of each process that a test starts."""

from contextlib import suppress

with suppress(ImportError):  # a Python without the product
    from tests.support.clocked import suite_clock

    suite_clock.begin()

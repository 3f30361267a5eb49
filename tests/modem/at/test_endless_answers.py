"""A modem that never ends its line, or its answer."""

from functools import partial

import pytest

from modem.at.engine import AtEngine
from tests.support.cost import cost_of
from tests.support.hostile_files import repeated
from tests.support.sampling import sampled

SIZE = 10_000_000


def fed(data: bytes) -> None:
    """As the reader of a port does, with a question under way."""
    engine = AtEngine()
    engine.send("AT+CMGL=4")
    for start in range(0, len(data), 4096):
        engine.feed(data[start : start + 4096])


@pytest.mark.slow
@pytest.mark.parametrize("blanks", ["", "+CDS: 1", '+CMT: "'])
def test_a_line_of_blanks_after_an_announcement(blanks):
    # 4,096 blanks took a minute.
    line = f"\r\n+CMT:{blanks}" + " " * 3900 + "\r\n"
    cost = cost_of(fed, partial(repeated, line, size=100_000))
    assert (cost.raised, cost.cpu_s < 0.5) == ("", True), cost


PIECES = ("x", " ", '"', ",", "+CMT: ", "+CUSD: 0,", "\x00", "> ", "x" * 4000 + "\r\n")


@pytest.mark.slow
@pytest.mark.parametrize("piece", sampled(PIECES, 4))
def test_ten_megabytes_from_a_modem(piece):
    cost = cost_of(fed, partial(repeated, piece, size=SIZE))
    assert cost.raised == ""
    assert cost.is_bearable(), cost

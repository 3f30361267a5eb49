"""Storages of a modem on its page, and spans of time in words."""

import re
from datetime import timedelta

import pytest

from console.hardware.blueprint import lasting
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems import records
from tests.console.conftest import words


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "moins d'une minute"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(minutes=59, seconds=45), "1 h 00"),
        (timedelta(hours=18, minutes=5), "18 h 05"),
    ],
)
def test_how_long(app, span, said):
    with app.test_request_context():
        assert lasting(span) == said


def test_a_storage_that_is_nearly_full_is_warned_of(technician, plug):
    plug()
    now = utc_now()
    with connected():
        records.apply_storages("box", "a", [("SM", 15, 20), ("ME", 0, 0)], now)
    page = technician.get("/modems/box/a")
    assert "Carte SIM SM 15 sur 20" in words(page)
    assert re.search(r"Vérifié le .*\d\d:\d\d", words(page))
    assert "Presque plein" not in words(page)
    with connected():
        records.apply_storages("box", "a", [("SM", 16, 20), ("<b>", 30, 20)], now)
    page = technician.get("/modems/box/a")
    assert "Presque plein" in words(page)
    assert 'class="modem-storage modem-storage-full"' in page.text
    assert "&lt;b&gt;" in page.text
    assert 'width="150"' not in page.text

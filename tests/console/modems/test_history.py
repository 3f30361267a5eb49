"""The drawing of a day: gaps stay gaps, and nothing is drawn better than it was."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.hardware.blueprint import lasting
from console.hardware.history import HEIGHT, HOLDS, WIDTH, height, history
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.modems import signal_history
from db.modems.signal_history import EVERY, ModemSample
from tests.console.conftest import words

UNTIL = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
SINCE = UNTIL - timedelta(hours=24)


def sample(minutes, technology="4G", dbm=-79, registered=True, operator="Proximus"):
    """So many minutes after the beginning."""
    at = SINCE + timedelta(minutes=minutes)
    return ModemSample(at=at, registered=registered, operator=operator, technology=technology, signal_dbm=dbm)


def steadily(first, last, **values):
    """A sample each five minutes, the last one at `last`."""
    return [sample(minutes, **values) for minutes in range(first, last + 1, 5)]


def drawn(samples):
    return history(samples, SINCE, UNTIL)


def test_nobody_looked():
    day = drawn([])
    assert day.is_empty
    assert day.bands == (("unknown", 0, WIDTH),)
    assert day.lines == ()
    assert (day.weakest_dbm, day.strongest_dbm) == (None, None)


def test_a_whole_day_on_one_network():
    day = drawn(steadily(-5, 24 * 60))
    assert day.bands == (("4G", 0, WIDTH),)
    assert day.lasted == {"4G": timedelta(hours=24)}
    assert (day.weakest_dbm, day.strongest_dbm) == (-79, -79)
    (line,) = day.lines
    assert line.startswith(f"0.0,{height(-79)} 5.0,")
    assert line.endswith(f"{WIDTH}.0,{height(-79)}")
    assert not day.is_empty
    assert len(day.changes) == 1


def test_a_loss_of_network_breaks_the_line_and_is_counted():
    lost = [sample(60, registered=False, technology=None), sample(65, registered=False, technology=None)]
    day = drawn([*steadily(0, 55), *lost, *steadily(70, 100, technology="2G", dbm=-97)])
    assert [network for network, _x, _wide in day.bands] == ["4G", "none", "2G", "unknown"]
    assert day.losses == 1
    assert day.lasted["none"] == timedelta(minutes=10)
    assert len(day.lines) == 2
    assert "60.0," in day.lines[0], "the level holds until it was lost"
    assert (day.weakest_dbm, day.strongest_dbm) == (-97, -79)


def test_a_modem_that_was_away_is_not_said_to_have_had_its_last_network():
    day = drawn([*steadily(0, 60), *steadily(300, 310)])
    assert day.bands[0] == ("4G", 0, 60 + HOLDS.total_seconds() / 60)
    assert day.bands[1][0] == "unknown"
    assert day.losses == 0, "nobody knows that the network was lost"
    assert day.changes[0][1] == "unknown"


def test_the_signal_of_a_modem_without_network_is_not_drawn():
    day = drawn([sample(60, registered=False, technology=None, dbm=-60)])
    assert day.lines == ()
    assert day.strongest_dbm is None


def test_what_began_before_the_day_is_cut_at_its_beginning():
    day = drawn([sample(-8, technology="2G"), sample(2)])
    assert day.bands[:2] == (("2G", 0, 2), ("4G", 2, 11))


def test_changes_are_told_newest_first_with_their_operator():
    day = drawn([sample(0), sample(5, operator="Orange"), sample(10, operator="Orange", technology="2G")])
    told = [(network, operator) for _at, network, operator in day.changes]
    assert told == [("unknown", None), ("2G", "Orange"), ("4G", "Orange"), ("4G", "Proximus")]


def test_a_technology_that_the_modem_does_not_tell_is_a_network_all_the_same():
    assert drawn([sample(0, technology=None)]).bands[0][0] == "other"


@pytest.mark.parametrize(("dbm", "stands"), [(-51, 0), (-113, HEIGHT), (0, 0), (-200, HEIGHT)])
def test_heights(dbm, stands):
    assert height(dbm) == stands


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


looks = st.builds(
    sample,
    st.integers(-30, 24 * 60 + 30),
    st.sampled_from(["2G", "3G", "4G", None, "5G"]),
    st.none() | st.integers(-200, 0),
    st.booleans(),
)


@given(st.lists(looks, max_size=40))
def test_the_bands_are_the_whole_day_in_order_and_nothing_leaves_the_drawing(samples):
    day = drawn(sorted(samples, key=lambda each: each.at))
    assert sum(day.lasted.values(), timedelta()) == timedelta(hours=24)
    ends = [0.0, *(x + wide for _network, x, wide in day.bands)]
    assert [x for _network, x, _wide in day.bands] == pytest.approx(ends[:-1], abs=0.2)
    assert ends[-1] == pytest.approx(WIDTH, abs=0.2)
    for line in day.lines:
        for point in line.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT


def test_the_page_draws_it_and_says_it(technician, plug):
    plug()
    now = utc_now()
    with connected():
        for minutes in range(120, 0, -5):
            network = sample(0, registered=minutes != 60)
            network.host, network.modem, network.at = "box", "a", now - timedelta(minutes=minutes)
            signal_history.apply_sample(network)
    page = technician.get("/modems/box/a")
    assert "Signal : -79 dBm." in words(page)
    assert "4G 1 h 55 sans réseau 5 min (perdu 1 fois) non mesuré 22 h 00" in words(page)
    assert page.text.count("<polyline") == 2
    assert 'aria-labelledby="day-words"' in page.text


def test_a_storage_that_is_nearly_full_is_warned_of(technician, plug):
    plug()
    now = utc_now()
    with connected():
        signal_history.apply_storages("box", "a", [("SM", 15, 20), ("ME", 0, 0)], now)
    page = technician.get("/modems/box/a")
    assert "Carte SIM SM 15 sur 20" in words(page)
    assert re.search(r"Vérifié le .*\d\d:\d\d", words(page))
    assert "Presque plein" not in words(page)
    with connected():
        signal_history.apply_storages("box", "a", [("SM", 16, 20), ("<b>", 30, 20)], now)
    page = technician.get("/modems/box/a")
    assert "Presque plein" in words(page)
    assert 'class="modem-storage modem-storage-full"' in page.text
    assert "&lt;b&gt;" in page.text
    assert 'width="150"' not in page.text


def test_samples_are_five_minutes_apart_as_the_drawing_takes_them_to_be():
    assert HOLDS > 2 * EVERY

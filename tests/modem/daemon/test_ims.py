"""Whether SMS goes over 4G: asked now and then of a modem that has its network, and kept."""

import pytest

from db.models.modem_records import ImsNote

pytestmark = pytest.mark.usefixtures("database")


def notes():
    return [(note.model, note.operator, note.state) for note in ImsNote.select()]


def test_what_it_tells_is_kept_with_model_and_operator(bench):
    bench.driver.ims_told = "sms"
    bench.run()
    assert notes() == [("Huawei E173", "Proximus", "sms")]
    bench.step(300)
    assert bench.driver.ims_asked == 1
    bench.driver.ims_told = "none"
    bench.step(301)
    assert notes()[0][2] == "none"


def test_a_modem_that_does_not_tell_it_sends_all_the_same(bench):
    bench.driver.ims_told = ""
    bench.run()
    assert (notes(), bench.card().state) == ([], "ready")


def test_without_a_network_it_is_not_asked(bench):
    bench.driver.registered = False
    bench.run()
    assert bench.driver.ims_asked == 0

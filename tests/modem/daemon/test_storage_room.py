"""Whether a modem's storage has room: how often it is looked at, what is told of it, and how it is emptied."""

import pytest
from peewee import OperationalError

from db.modems import signal_history
from modem import errors
from modem.driver.base.interface import StorageUse
from tests.modem.daemon.storage import FIVE_MINUTES, Calls, stored_texts, text
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def use(bench, used, total=10):
    """The storage says this from now on, whatever is deleted."""
    bench.driver.storage_use = lambda: [StorageUse("SM", used, total)]


def uses_of(bench):
    return [(card.name, card.used, card.total) for card in signal_history.storages("box", bench.name)]


@pytest.mark.slow
def test_it_is_looked_at_every_five_minutes(ready, now):
    assert uses_of(ready) == [("SM", 0, 10)]
    ready.driver.storage_use = Calls(lambda: [StorageUse("ME", 1, 20)])
    ready.driver.list_stored = Calls(list)
    for _ in range(FIVE_MINUTES - 1):
        ready.step(1)
    assert ready.driver.storage_use.count == 0
    ready.step(1)
    assert uses_of(ready) == [("ME", 1, 20)]
    assert ready.driver.list_stored.count == 1  # something lies there that nobody announced
    ready.driver.storage_use = Calls(lambda: [StorageUse("ME", 0, 20)])
    ready.step(FIVE_MINUTES)
    assert uses_of(ready) == [("ME", 0, 20)]
    assert ready.driver.list_stored.count == 1  # nothing to list


def test_no_look_stands_between_two_submits(ready, now):
    for number in range(3):
        person(number, now)
    order(now)
    ready.driver.storage_use = Calls(ready.driver.storage_use)
    ready.driver.list_stored = Calls(ready.driver.list_stored)
    for sent in (1, 2, 3):
        assert ready.step(FIVE_MINUTES)
        assert len(ready.driver.taken) == sent
    assert ready.driver.storage_use.count + ready.driver.list_stored.count == 0
    ready.run()
    assert ready.driver.storage_use.count == 1


def test_eight_of_ten_is_told_and_the_modem_stays_ready(ready):
    use(ready, 8)
    ready.step(FIVE_MINUTES)
    ready.step(1)
    card = ready.card()
    assert card.state == "ready"
    assert card.sentence == (
        "La mémoire de la carte SIM est presque pleine (8 sur 10) : "
        "videz-la dans un téléphone, sinon les réponses n'arrivent plus."
    )
    use(ready, 7)
    ready.step(FIVE_MINUTES)
    ready.step(1)
    assert ready.card().sentence == ""


def test_what_could_be_emptied_is_not_told(ready, now):
    ready.driver.stored = {place: text(f"{place}", now) for place in range(1, 11)}
    ready.step(FIVE_MINUTES)
    ready.step(1)
    assert len(stored_texts()) == 10
    assert ready.card().sentence == ""
    assert uses_of(ready) == [("SM", 0, 10)]


def test_a_storage_of_unknown_size_is_not_full(ready):
    use(ready, 0, 0)
    ready.step(FIVE_MINUTES)
    ready.step(1)
    assert ready.card().sentence == ""


@pytest.mark.parametrize("code", [208, 211, 320, 321, 322])
def test_a_full_storage_is_emptied_at_once_and_the_part_goes_out(ready, now, code):
    for number in range(2):
        person(number, now)
    placed = order(now)
    ready.driver.stored = {1: text("STOP", now)}
    ready.driver.trouble[mobile(0)] = [errors.CmsError("AT+CMGS", code)]
    ready.step()
    assert ready.driver.taken == []
    assert stored_texts() == ["STOP"]
    assert ready.driver.deleted == [1]
    ready.run()
    ready.step(3)
    ready.run()
    assert ready.counts(placed) == {"sent": 2}


def test_a_storage_that_cannot_be_emptied_is_not_listed_for_each_part(ready, now):
    for number in range(3):
        person(number, now)
    order(now)
    full = errors.CmsError("AT+CMGS", 322)
    ready.driver.list_stored = Calls(list)
    ready.driver.trouble = {mobile(number): [full] * 2 for number in range(3)}
    ready.step()
    ready.step()
    assert ready.driver.list_stored.count == 1
    ready.step(31)
    assert ready.driver.list_stored.count == 2


def test_a_storage_that_could_be_emptied_is_emptied_as_often_as_needed(ready, now):
    for number in range(2):
        person(number, now)
    order(now)
    ready.driver.trouble = {mobile(number): [errors.CmsError("AT+CMGS", 322)] for number in range(2)}
    for words in ("un", "deux"):
        ready.driver.stored = {1: text(words, now)}
        ready.step()
    assert stored_texts() == ["un", "deux"]


def test_the_history_is_a_courtesy(ready, monkeypatch):
    def away(*arguments):
        raise OperationalError("disk I/O error")

    monkeypatch.setattr(signal_history, "apply_storages", away)
    use(ready, 9)
    ready.step(FIVE_MINUTES)
    ready.step(1)
    assert ready.card().sentence.startswith("La mémoire de la carte SIM")

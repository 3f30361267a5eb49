"""Who writes in bulk lets in who waits, and is never kept by them for good."""

import time

import pytest

from db import courtesy
from db.courtesy import Courtesy


@pytest.fixture
def bulk(tmp_path, monkeypatch):
    monkeypatch.setattr(courtesy, "PATIENCE_S", 0.01)
    return Courtesy(tmp_path / "plp.db")


def gave_way_s(bulk):
    began = time.monotonic()
    bulk.give_way()
    return time.monotonic() - began


def test_nobody_waits_and_nothing_is_waited_for(bulk):
    assert not bulk._is_wanted()
    assert gave_way_s(bulk) < 0.005


def test_it_waits_while_another_waits_and_not_for_ever(bulk, tmp_path):
    with Courtesy(tmp_path / "plp.db").waiting():
        assert gave_way_s(bulk) >= 0.01
    assert gave_way_s(bulk) < 0.005


def test_several_may_wait_at_once(bulk, tmp_path):
    first, second = Courtesy(tmp_path / "plp.db"), Courtesy(tmp_path / "plp.db")
    with first.waiting():
        with second.waiting():
            assert bulk._is_wanted()
        assert bulk._is_wanted()
    assert not bulk._is_wanted()


def test_who_looks_does_not_hold_up_who_comes(bulk, tmp_path):
    bulk.give_way()
    with Courtesy(tmp_path / "plp.db").waiting():
        assert bulk._is_wanted()


def test_a_folder_that_cannot_be_written_costs_the_courtesy_only(tmp_path):
    nowhere = Courtesy(tmp_path / "missing" / "plp.db")
    with nowhere.waiting():
        nowhere.give_way()

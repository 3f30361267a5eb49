"""Connections of SQLite that are kept open for the next page: never one that would show or do less than a new one."""

import os
import sqlite3
import time
from contextlib import closing
from threading import Thread

import pytest

from db.engine.base import database
from db.engine.connection import bind, connected, kept_connections, writing

pytestmark = pytest.mark.sqlite


@pytest.fixture
def place(tmp_path):
    """The database's file, bound and with kept connections."""
    before = database.obj
    file_with_numbers(tmp_path / "plp.db", 1)
    bind("sqlite:///plp.db", tmp_path)
    with kept_connections():
        yield tmp_path / "plp.db"
    assert not (tmp_path / "plp.db-wal").exists()
    database.initialize(before)


def file_with_numbers(path, *numbers):
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = wal")
        writer.execute("CREATE TABLE sent (number)")
        writer.executemany("INSERT INTO sent VALUES (?)", [(number,) for number in numbers])


def numbers():
    return [number for (number,) in database.execute_sql("SELECT number FROM sent ORDER BY number").fetchall()]


def add(place, number):
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("INSERT INTO sent VALUES (?)", (number,))


def connection_of_a_block():
    with connected():
        assert numbers()
        return database.obj.connection()


def test_the_next_block_has_the_same_connection_in_whichever_thread(place):
    first = connection_of_a_block()
    connections = []
    thread = Thread(target=lambda: connections.append(connection_of_a_block()))
    thread.start()
    thread.join()
    assert connections == [first]


def test_without_asking_for_it_a_block_closes_its_connection(place, tmp_path):
    bind("sqlite:///plp.db", tmp_path)
    connection = connection_of_a_block()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
    assert not place.with_name("plp.db-wal").exists()


def test_the_next_block_sees_what_another_process_committed(place):
    first = connection_of_a_block()
    add(place, 2)
    with connected():
        assert database.obj.connection() is first
        assert numbers() == [1, 2]


def test_a_file_that_took_the_place_of_another_is_the_one_that_is_read_and_written(place, tmp_path):
    connection_of_a_block()
    file_with_numbers(tmp_path / "copy.db", 7, 8)
    os.replace(tmp_path / "copy.db", place)
    with connected():
        assert numbers() == [7, 8]
        with writing():
            database.execute_sql("INSERT INTO sent VALUES (9)")
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("SELECT max(number) FROM sent").fetchone() == (9,)


def test_a_file_that_took_its_place_during_a_block_is_read_by_the_next(place, tmp_path):
    file_with_numbers(tmp_path / "copy.db", 7, 8)
    with connected():
        assert numbers() == [1]
        os.replace(tmp_path / "copy.db", place)
        thread = Thread(target=connection_of_a_block)
        thread.start()
        thread.join()
    with connected():
        assert numbers() == [7, 8]


def test_closing_the_connection_to_a_replaced_file_leaves_the_log_of_the_new_one(place, tmp_path):
    connection_of_a_block()
    file_with_numbers(tmp_path / "copy.db", 7)
    os.replace(tmp_path / "copy.db", place)
    for end in ("-wal", "-shm"):
        place.with_name(f"plp.db{end}").unlink()
    with closing(sqlite3.connect(place, isolation_level=None)) as daemon:
        daemon.execute("INSERT INTO sent VALUES (8)")
        with connected():  # closes the one to the file that was replaced
            assert numbers() == [7, 8]
        daemon.execute("INSERT INTO sent VALUES (9)")
        with connected():
            assert numbers() == [7, 8, 9]


def test_a_query_that_was_read_in_part_never_keeps_its_moment_for_the_next_block(place):
    add(place, 2)
    with connected():
        half_read = database.execute_sql("SELECT number FROM sent ORDER BY number")
        assert half_read.fetchone() == (1,)
    add(place, 3)
    with connected():
        assert numbers() == [1, 2, 3]


@pytest.mark.machine_time
@pytest.mark.parametrize("passed_s", [11, -3600])
def test_after_ten_seconds_a_new_one_is_opened_as_a_disk_may_be_writable_again(place, monkeypatch, passed_s):
    first = connection_of_a_block()
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began + passed_s)
    assert connection_of_a_block() is not first

"""Queries that are made once say the same as those that are made each time."""

from datetime import timedelta

import pytest
from peewee import SQL, IntegrityError

from db.engine.base import database
from db.engine.cached_queries import Prepared, given, utc_of
from db.engine.connection import writing
from db.models.broadcasts import Part
from db.models.zone import AuditEntry
from rules.states import PartState
from tests.support.journal import take_guards_away

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def entries(now):
    take_guards_away()
    for day in range(3):
        AuditEntry.create(at=now + timedelta(days=day), actor="anne", action=f"day {day}")


def test_values_are_put_in_by_name_and_converted_as_the_field_does(entries, now):
    since = Prepared(AuditEntry.select(AuditEntry.action, AuditEntry.at).where(AuditEntry.at >= given("at")))
    rows = since.rows(at=now + timedelta(days=1))
    assert [(action, utc_of(at)) for action, at in rows] == [
        ("day 1", now + timedelta(days=1)),
        ("day 2", now + timedelta(days=2)),
    ]
    assert since.first(at=now + timedelta(days=9)) is None


def test_a_change_says_how_many_and_an_insert_which(entries, now):
    rename = Prepared(AuditEntry.update(actor=given("actor")).where(AuditEntry.at > given("at")))
    assert rename.change(actor="luc", at=now) == 2
    add = Prepared(lambda: AuditEntry.insert(at=given("at"), actor=given("actor"), action="x"))
    made = add.inserted(at=now, actor="eva")
    assert AuditEntry.get_by_id(made).actor == "eva"
    assert AuditEntry.get_by_id(made).at == now


def test_an_enum_is_its_text(now):
    count = Prepared(Part.select(Part.id).where(Part.state == given("state")))
    assert count.rows(state=PartState.QUEUED) == []


def test_a_missing_value_is_a_mistake(entries):
    wants = Prepared(AuditEntry.select(AuditEntry.id).where(AuditEntry.actor == given("actor")))
    with pytest.raises(KeyError, match="actor"):
        wants.rows()


def test_a_time_without_zone_is_refused(entries, now):
    since = Prepared(AuditEntry.select(AuditEntry.id).where(AuditEntry.at >= given("at")))
    with pytest.raises(ValueError, match="aware"):
        since.rows(at=now.replace(tzinfo=None))


def test_many_rows_are_as_many_changes_and_an_error_is_peewees(now, entries):
    add = Prepared(lambda: AuditEntry.insert(at=given("at"), actor=given("actor"), action="x"))
    with writing():
        add.change_each(["actor"], [("eva",), ("luc",)], at=now)
    assert AuditEntry.select().where(AuditEntry.action == "x").count() == 2
    with pytest.raises(IntegrityError), writing():
        add.change_each(["actor"], [("ida",), (None,)], at=now)
    assert AuditEntry.select().where(AuditEntry.actor == "ida").count() == 0


def test_rows_come_as_the_query_itself_gives_them(entries, now):
    since = Prepared(AuditEntry.select().where(AuditEntry.at >= given("at")).order_by(AuditEntry.id))
    assert [(row.action, row.at) for row in since.results(at=now + timedelta(days=1))] == [
        ("day 1", now + timedelta(days=1)),
        ("day 2", now + timedelta(days=2)),
    ]
    times = Prepared(AuditEntry.select(AuditEntry.at).where(AuditEntry.action == given("action")).tuples())
    assert times.results(action="day 2") == [(now + timedelta(days=2),)]


def test_a_list_may_have_any_length(entries):
    among = Prepared(
        lambda actions: AuditEntry.select(AuditEntry.action).where(AuditEntry.action.in_(actions)).tuples()
    )
    assert sorted(among.results(actions=["day 0", "day 2"])) == [("day 0",), ("day 2",)]
    assert among.results(actions=["day 1"]) == [("day 1",)]
    assert among.results(actions=[]) == []
    assert sorted(among.results(actions=["day 2", "day 1"])) == [("day 1",), ("day 2",)]


def test_a_list_with_a_default_may_be_left_out(database, now):
    for actor in ("anne", "luc"):
        AuditEntry.create(at=now, actor=actor, action="x")

    def among(actors=None):
        query = AuditEntry.select(AuditEntry.actor).where(AuditEntry.action == "x").order_by(AuditEntry.actor)
        return query if actors is None else query.where(AuditEntry.actor.in_(actors))

    found = Prepared(among)
    assert found.rows() == [("anne",), ("luc",)]
    assert found.rows(actors=["luc"]) == [("luc",)]
    assert found.rows() == [("anne",), ("luc",)]


@pytest.mark.sqlite
def test_of_its_own_values_only_what_is_given_is_a_parameter(entries, now):
    AuditEntry.create(at=now, actor="l'une", action="pourquoi ?")
    asked = AuditEntry.select(AuditEntry.actor).where(AuditEntry.action == "pourquoi ?", AuditEntry.actor == "l'une")
    query = Prepared(asked.where(AuditEntry.id > given("after")).limit(5))
    assert query.rows(after=0) == [("l'une",)]
    assert query._text(database.obj, ()).places == ["after"]


def test_a_question_mark_in_the_text_of_a_query_is_no_place(entries):
    query = Prepared(AuditEntry.select(SQL("'?'")).where(AuditEntry.action == "day 1"))
    assert query.rows() == [("?",)]

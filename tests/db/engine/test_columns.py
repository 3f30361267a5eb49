"""Queries are written as peewee writes them: the shorter ways (`db.engine.base`) change none."""

from datetime import UTC, datetime

import pytest
from peewee import Field, PostgresqlDatabase, SqliteDatabase, State, fn

from db.engine.base import ASKED
from db.models.broadcasts import Broadcast, Message, Part
from db.models.tables import TABLES

NOW = datetime(2026, 11, 24, 20, 40, tzinfo=UTC)
OTHER = Message.alias("other")
QUERIES = {
    "rows": Message.select(),
    "joined": Part.select(Part.id, Message.msisdn).join(Message).where(Part.seq == 1).order_by(Message.id.desc()),
    "with itself": Message.select(OTHER.id).join(OTHER, on=OTHER.msisdn == Message.msisdn).where(OTHER.id > Message.id),
    "within": Part.select().where(Part.message.in_(Message.select(Message.id).where(Message.modem == ""))),
    "counted": Part.select(Part.state, fn.COUNT(Part.id)).group_by(Part.state).having(fn.COUNT(Part.id) > 1),
    "together": Broadcast.select(Broadcast.id).union(Part.select(Part.broadcast)),
    "inserted": Part.insert(message=1, broadcast=1, seq=1, ring=1, changed_at=NOW),
    "put": Part.insert(message=1, broadcast=1, seq=1, ring=1, changed_at=NOW).on_conflict(
        conflict_target=[Part.message, Part.seq], update={Part.ring: Part.ring + 1}
    ),
    "changed": Part.update(retries=Part.retries + 1).where(Part.changed_at < NOW),
    "deleted": Part.delete().where(~fn.EXISTS(Message.select().where(Message.id == Part.message))),
    **{table.__name__: table.select() for table in TABLES},
}


def written(database):
    return {name: query.bind(database).sql() for name, query in QUERIES.items()}


@pytest.mark.parametrize("database", [SqliteDatabase(":memory:"), PostgresqlDatabase(None)], ids=["sqlite", "postgres"])
def test_every_kind_of_query_is_as_peewee_writes_it(database, monkeypatch):
    ours = written(database)
    monkeypatch.setattr(Field, "__sql__", lambda field, context: context.sql(field.column))
    for name in ASKED:
        monkeypatch.delattr(State, name)
    assert ours == written(database)

"""What was asked for, whom it was for, and when it happened: as rows. Frozen, like every migration.

Of an alert or a drill that is there already the audience is read from its sentence this once; one that cannot be read
for sure gets no rows, and is shown by its sentence as it always was.
"""

import re
from typing import Any

from peewee import AutoField, BooleanField, ForeignKeyField, Model, TextField

_NEAR = re.compile(r"(.+) \(au plus près de (.+) d'abord\)")
_WHOLE = {"tous les membres": "all", "le groupe d'exercice": "group"}


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(There):
        kind = TextField()
        audience = TextField()

    class Neighbourhood(There):
        name = TextField()

    class BroadcastOrder(Frozen):
        broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
        digest = TextField(default="")
        whom = TextField()
        happened = TextField(default="")
        late_because = TextField(default="")

    class BroadcastPlace(Frozen):
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
        near = BooleanField(default=False)

    db.create_tables(Frozen.__subclasses__())
    known = {row.name: row.id for row in Neighbourhood.select()}
    for row in Broadcast.select().where(Broadcast.kind.in_(["alert", "drill"])):
        whom, places, near = _read(row.audience, known)
        if whom:
            BroadcastOrder.create(broadcast=row.id, whom=whom)
        for place in places:
            BroadcastPlace.create(broadcast=row.id, neighbourhood=place)
        if near is not None:
            BroadcastPlace.create(broadcast=row.id, neighbourhood=near, near=True)


def _read(audience: str, known: dict[str, int]) -> tuple[str, list[int], int | None]:
    """Whom it was for, its neighbourhoods and where it happened; nothing where a name is none of today's."""
    found = _NEAR.fullmatch(audience)
    chosen, at = (found[1], known.get(found[2])) if found else (audience, None)
    if found and at is None:
        return "", [], None
    if chosen in _WHOLE:
        return _WHOLE[chosen], [], at
    names = [chosen] if chosen in known else chosen.split(", ")
    if any(name not in known for name in names):
        return "", [], None
    return "places", [known[name] for name in names], at

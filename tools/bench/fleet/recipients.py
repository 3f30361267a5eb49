"""One alert to very many people, written by PostgreSQL itself: a million of them take a minute."""

import json
from datetime import timedelta
from typing import Any

import psycopg

from db.engine.clock import utc_now
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Consent, Member, Neighbourhood
from modem.sms.composition import compose
from rules.states import LANE_URGENT, Stage
from tests.e2e.box import Box
from tools.bench.contenders import TEXT

_NEIGHBOURHOODS = 200
_VALID = timedelta(hours=12)
_NOW = "(now() AT TIME ZONE 'UTC')"
_NUMBER = "'+3247' || lpad(n::text, 7, '0')"
_PLACE = f"n % {_NEIGHBOURHOODS} + 1"


def order(home: Box, url: str, people: int) -> int:
    """An urgent alert to so many new members, as an order leaves it; its id. Nothing else is in the database."""
    with psycopg.connect(url, autocommit=True) as connection:
        _add(connection, Neighbourhood, _NEIGHBOURHOODS, id="n", name="'Quartier ' || n")
        moments = {"created_at": _NOW, "updated_at": _NOW}
        names = {"first_name": "'Anne'", "last_name": "'Lambert ' || n", "name_key": "'lambert ' || n || ' anne'"}
        lives = {"mobile": _NUMBER, "neighbourhood_id": _PLACE, "street": f"'Rue du Banc ' || {_PLACE}"}
        _add(connection, Member, people, id="n", **names, **lives, **moments, searchable="'lambert ' || n || ' anne'")
        agreed = {"channel": "'sms'", "given": "true", "at": _NOW, "how": "'bench'", "who": "'bench'"}
        _add(connection, Consent, people, id="n", member_id="n", **agreed)
        broadcast, text = _broadcast(home, people)
        of_all = {"broadcast_id": str(broadcast), "text_id": str(text)}
        whom = {"member_id": "n", "neighbourhood_id": _PLACE, "msisdn": _NUMBER, "reference": "n % 256"}
        _add(connection, Message, people, id="n", **of_all, **whom)
        place = {"seq": "1", "ring": "n", "changed_at": _NOW}
        _add(connection, Part, people, id="n", message_id="n", broadcast_id=str(broadcast), **place)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        connection.execute("UPDATE broadcast SET stage = 'queued' WHERE id = %s", (broadcast,))
    return broadcast


def _broadcast(home: Box, people: int) -> tuple[int, int]:
    """Not to be sent yet; with its text."""
    now, text = utc_now(), compose(TEXT)
    audience = {"audience": json.dumps({"code": "audience_all"}), "whom": "all", "recipients": people}
    times = {"created_at": now, "release_at": now, "deadline_at": now + _VALID}
    with home.reading():
        whole = Broadcast.create(
            kind="alert", lane=LANE_URGENT, stage=Stage.PAUSED, fingerprint="x", ordered_by="Banc", **audience, **times
        )
        segments = json.dumps(text.segments)
        body = BroadcastText.create(broadcast=whole, body=TEXT, encoding=text.encoding, segments=segments)
        return whole.id, body.id


def _add(connection: "psycopg.Connection[Any]", table: Any, count: int, **columns: str) -> None:
    """Rows n = 1 … `count`, whose columns are these expressions of n, and for the others the model's defaults."""
    fields = table._meta.sorted_fields
    values = {field.column_name: f"'{field.default}'" for field in fields if isinstance(field.default, str | int)}
    values |= columns
    name, names, rows = table._meta.table_name, ", ".join(values), ", ".join(values.values())
    connection.execute(f"INSERT INTO {name} ({names}) SELECT {rows} FROM generate_series(1, {count}) AS n")
    connection.execute(f"SELECT setval('{name}_id_seq', {count})")

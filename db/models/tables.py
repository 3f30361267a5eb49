"""Every table."""

from db.engine.base import Table
from db.models import (  # noqa: F401  (imported, so that their tables exist)
    accounts,
    broadcasts,
    bulletins,
    incidents,
    mail,
    modem_records,
    partnership,
    people,
    policy,
    tips,
    zone,
)

TABLES = tuple(Table.__subclasses__())

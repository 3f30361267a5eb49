"""Facts that members, coordinators and officers reported, and the outcome of each (docs/adr/0140)."""

from peewee import ForeignKeyField, TextField

from db.engine.base import Table, UtcField
from db.models.broadcasts import AlertTemplate, Broadcast
from db.models.mail import InboundMail
from db.models.modem_records import InboundMessage
from db.models.people import Member, Neighbourhood


class Tip(Table):
    """One of them, once for a `key`: an entry of the inbox, or an officer's form. `told_by` and `outcome` (empty while
    unknown) are codes of `rules.tips`; `kind` is the ready-made alert for such facts, `pv` the number of the official
    report.
    """

    key = TextField(unique=True)
    at = UtcField(index=True)
    told_by = TextField()
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    text = ForeignKeyField(InboundMessage, null=True, on_delete="SET NULL")
    mail = ForeignKeyField(InboundMail, null=True, on_delete="SET NULL")
    neighbourhood = ForeignKeyField(Neighbourhood, null=True, on_delete="SET NULL")
    street = TextField(default="")
    kind = ForeignKeyField(AlertTemplate, null=True, on_delete="SET NULL")
    words = TextField(default="")
    pv = TextField(default="")
    alert = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
    added_by = TextField()
    added_at = UtcField()
    outcome = TextField(default="")
    outcome_by = TextField(default="")
    outcome_at = UtcField(null=True)


Tip.add_index(Tip.added_at, where=Tip.outcome == "", name="tip_open")

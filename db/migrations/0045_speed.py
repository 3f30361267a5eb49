"""Indexes for a large zone: members by name with what a search looks in, who left by SMS, and whom the yearly question
still waits for. Frozen.
"""

from typing import Any

from peewee import BooleanField, DateTimeField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Member(Model):
        name_key = TextField()
        searchable = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    class Consent(Model):
        given = BooleanField()
        at = DateTimeField()
        how = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    class RenewalMember(Model):
        renewal_id = IntegerField()
        channel = TextField()
        answer = TextField()
        ordered_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    migrator.migrate(migrator.drop_index("member", "member_name_key"))
    Member.add_index(Member.name_key, Member.searchable, name="member_listed")
    Consent.add_index(Consent.how, Consent.at, where=~Consent.given, name="consent_withdrawn")
    RenewalMember.add_index(RenewalMember.renewal_id, RenewalMember.answer, name="renewal_member_renewal_id_answer")
    RenewalMember.add_index(
        RenewalMember.channel,
        RenewalMember.answer,
        where=RenewalMember.ordered_at.is_null(),
        name="renewal_due",
    )
    db.create_tables([Member, Consent, RenewalMember])  # the tables are there: only the indexes are made

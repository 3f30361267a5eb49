"""Members, their neighbourhoods and their consent."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField


class Neighbourhood(Table):
    """A quartier. `reference_address` is the coordinator's e-mail, given to members after registration."""

    name = TextField(unique=True)
    position = IntegerField(default=0)
    reference_address = TextField(default="")


class Member(Table):
    """A person of the partnership. Without a mobile, mail only. Two people may share a number."""

    first_name = TextField()
    last_name = TextField()
    mobile = TextField(null=True, index=True)
    email = TextField(null=True, index=True)
    language = TextField(default="fr")
    neighbourhood = ForeignKeyField(Neighbourhood, backref="members", on_delete="RESTRICT")
    role = TextField(default="member")
    created_at = UtcField()
    updated_at = UtcField()
    welcome_requested_at = UtcField(null=True)
    welcomed_at = UtcField(null=True)
    # Of the mail; `welcomed_at` is of the SMS.
    welcome_mailed_at = UtcField(null=True)
    # E.164, as `mobile`; no SMS of ours goes to them. Empty where it is not known.
    landline = TextField(default="")
    second_number = TextField(default="")
    street = TextField(default="")
    house_number = TextField(default="")
    postal_code = TextField(default="")
    # At their wish kept and written to no more (GDPR, article 18), since then.
    restricted_at = UtcField(null=True)
    neighbourhood_id: int

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


class Consent(Table):
    """A member's consent per channel, as last given or withdrawn; earlier answers stand in the journal."""

    member = ForeignKeyField(Member, backref="consents", on_delete="CASCADE")
    channel = TextField()
    given = BooleanField()
    at = UtcField()
    how = TextField()
    who = TextField()
    member_id: int

    class Meta:
        indexes = ((("member", "channel"), True),)


class Forgotten(Table):
    """The keyed hash of a forgotten number or address; `cleaned_at`: none stands in the files
    (`db.operations.cleaning`).
    """

    digest = TextField(unique=True)
    at = UtcField()
    cleaned_at = UtcField(null=True)

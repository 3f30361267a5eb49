"""Accounts: roles, sessions, links and tries to sign in, second factors; and tokens of programs."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from rules.people import USUAL_SCOPES


class Account(Table):
    """A user of the console. Without a password, only a sign-in link gives access."""

    name = TextField(unique=True)
    password_hash = TextField(null=True)
    mobile = TextField(null=True)
    language = TextField(default="fr")
    active = BooleanField(default=True)
    created_at = UtcField()
    # Where alarms and the daily mail go.
    email = TextField(null=True)
    # Who made the link that set the password, and until when it agrees to nothing for that.
    password_by = TextField(default="")
    approves_from_at = UtcField(null=True)
    # Who made that link, or typed the password, while somebody else could confirm the account and has not.
    maker = TextField(default="")


class AccountRole(Table):
    """Roles are a set."""

    account = ForeignKeyField(Account, backref="role_rows", on_delete="CASCADE")
    role = TextField()
    given_by = TextField(default="")
    given_at = UtcField(null=True)
    # Null: it holds. Else it waits, for a second admin or for this time.
    holds_from_at = UtcField(null=True)

    class Meta:
        indexes = ((("account", "role"), True),)


class AccountSession(Table):
    """Somebody is signed in. The browser has a random id; here is only its hash."""

    account = ForeignKeyField(Account, on_delete="CASCADE")
    digest = TextField(unique=True)
    address = TextField()
    started_at = UtcField()
    # The last thing that a person did; what a page asks by itself does not count.
    seen_at = UtcField()
    # When a second factor was last given in it.
    proven_at = UtcField(null=True)


class SignInTry(Table):
    """Wrong passwords in a row: of a name at an address, of a name anywhere (no address), of an address (no name)."""

    name_digest = TextField()
    address = TextField()
    failed = IntegerField(default=0)
    # Nobody may try again before.
    until_at = UtcField(null=True)
    changed_at = UtcField()
    # When this name last signed in from this address.
    good_at = UtcField(null=True)

    class Meta:
        indexes = ((("name_digest", "address"), True),)


class SignInLink(Table):
    """A one-time link to set a password. Without an account: it makes the first admin."""

    token_hash = TextField(unique=True)
    account = ForeignKeyField(Account, null=True, on_delete="CASCADE")
    expires_at = UtcField()
    used_at = UtcField(null=True)
    issued_by = TextField(default="")


class ApiToken(Table):
    """A bearer token of the JSON API; only its hash is kept. One with an owner does what they still may."""

    name = TextField(unique=True)
    token_hash = TextField(unique=True)
    role = TextField()
    created_at = UtcField()
    last_used_at = UtcField(null=True)
    revoked_at = UtcField(null=True)
    # The name of its owner's account, which nobody gets again.
    owner = TextField(default="")
    # Null: made before tokens ended.
    expires_at = UtcField(null=True)
    # What it was made for (`rules.people.SCOPES`), with spaces between.
    scopes = TextField(default=" ".join(USUAL_SCOPES))


class TotpSecret(Table):
    """An authenticator app's secret (RFC 6238). It counts once a first code was typed (`confirmed_at`)."""

    account = ForeignKeyField(Account, unique=True, on_delete="CASCADE")
    # Encrypted: a copy of the database alone makes no codes.
    sealed = TextField()
    # The time step of the last code that was taken: none is taken twice.
    last_step = IntegerField(default=0)
    confirmed_at = UtcField(null=True)


class RecoveryCode(Table):
    """Ten of an account, for when the phone is lost; one is taken once, and deleted."""

    account = ForeignKeyField(Account, on_delete="CASCADE")
    code_hash = TextField()


class SecurityKey(Table):
    """A WebAuthn credential. `credential` is the attested credential data (WebAuthn 2, 6.5.1), as base64."""

    account = ForeignKeyField(Account, on_delete="CASCADE")
    name = TextField()
    credential = TextField()
    sign_count = IntegerField(default=0)
    added_at = UtcField()
    last_used_at = UtcField(null=True)

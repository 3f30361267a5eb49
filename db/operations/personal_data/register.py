"""Facts for the record of processing activities (GDPR, article 30) and for the note of a breach (article 33)."""

from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from db.engine.base import tuples
from db.journal.unchanged import until_journaled
from db.models.accounts import Account, AccountRole
from db.models.people import Consent, Member, Neighbourhood
from db.models.zone import Modem
from db.operations.runs import backup_run, last_run
from db.people.policy import policy
from db.people.zone import ZoneCard, zone
from db.settings.values import Settings


@dataclass(frozen=True, slots=True)
class Register:
    """Counts are of people. `operators` carry the SMS; `roles` count active accounts by role."""

    zone: ZoneCard
    members: int
    coordinators: int
    with_mobile: int
    with_email: int
    restricted: int
    agreed_sms: int
    agreed_group: int
    neighbourhoods: int
    roles: tuple[tuple[str, int], ...]
    operators: tuple[str, ...]
    second_factor: bool
    encrypted_backup: bool
    last_backup_at: datetime | None
    tls: bool


def register(settings: Settings) -> Register:
    """The facts as they are now."""
    (members, coordinators, with_mobile, with_email, restricted), by_channel = _people()
    roles = AccountRole.select(AccountRole.role, fn.COUNT(AccountRole.id)).join(Account).where(Account.active)
    backup = last_run(backup_run(settings))
    operators = Modem.select(Modem.operator).where(Modem.operator.is_null(False)).distinct().order_by(Modem.operator)
    return Register(
        zone(),
        members,
        coordinators,
        with_mobile,
        with_email,
        restricted,
        by_channel.get("sms", 0),
        by_channel.get("mail_group", 0),
        Neighbourhood.select().count(),
        tuple(sorted(tuples(roles.group_by(AccountRole.role)))),
        tuple(operator for (operator,) in tuples(operators)),
        policy().second_factor,
        bool(settings.backup.recipient),
        backup.ended_at if backup is not None else None,
        settings.console.certificate is not None,
    )


@until_journaled
def _people() -> tuple[tuple[int, ...], dict[str, int]]:
    """Members: all, coordinators, with a mobile, with an e-mail, restricted; then consents by channel."""
    counted = (
        fn.COUNT(Member.id),
        fn.COUNT(fn.NULLIF(Member.role, "member")),
        fn.COUNT(Member.mobile),
        fn.COUNT(Member.email),
        fn.COUNT(Member.restricted_at),
    )
    agreed = Consent.select(Consent.channel, fn.COUNT(Consent.id)).where(Consent.given).group_by(Consent.channel)
    return tuples(Member.select(*counted))[0], dict(tuples(agreed))

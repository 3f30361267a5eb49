"""An older copy of the database gives again what was taken back since: it is taken back once more."""

from contextlib import suppress
from datetime import datetime

from db.engine.connection import writing
from db.operations.withdrawn import Withdrawn, is_member
from db.people.members.erasure import mark_restricted
from db.people.members.saving import write_consent
from plp.services.accounts.rights import account_card, close_account
from plp.services.accounts.tokens import revoke_token
from rules.people import Actor
from rules.refusals import Refusal


def withdraw_again(withdrawn: Withdrawn, by: str, now: datetime) -> None:
    """In the copy: who said STOP gets no text, a closed account stays closed. The last admin can still sign in."""
    actor = Actor.read(by)
    with writing():
        for consent in withdrawn.consents:
            if is_member(consent.member_id, consent.added_at):
                write_consent(consent.member_id, consent.channel, False, by, consent.how, now)
        for member_id, added_at, since in withdrawn.restricted:
            if is_member(member_id, added_at):
                mark_restricted(member_id, since, now)
    for name in withdrawn.tokens:
        with suppress(Refusal):  # made after the copy
            revoke_token(name, actor, now)
    for name in withdrawn.accounts:
        with suppress(Refusal):
            close_account(account_card(name).id, actor, now)

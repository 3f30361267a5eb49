"""Mails to the other officers and admins about acts of one person for which no second one was asked."""

from datetime import datetime

from db.people.accounts.accounts import account_behind, readers
from plp.letters.rendering import ACCOUNT, write_to_accounts
from rules.people import same_person


def tell_others(what: str, heading: str, lines: list[str], by: str, now: datetime) -> None:
    """Write to every officer and admin but whoever did it, once for `what`; in the transaction that does it. No text of
    an alert stands in it: a mail may be read anywhere.
    """
    person = account_behind(by) or by
    others = [reader for reader in readers("officer", "admin") if not same_person(person, reader.name)]
    write_to_accounts("account", f"others:{what}:", others, heading, [*lines, ACCOUNT["fr"]["unexpected"]], now)


def tell_of_words(words: str, what: str, by: str, now: datetime) -> None:
    """The same of words that somebody changed and that members read, in what nobody else orders."""
    lines = [f"{by} a modifié des mots que des membres lisent dans des SMS ou des e-mails automatiques :", words]
    tell_others(f"words:{what}:{now.isoformat()}", f"{what} : texte modifié", lines, by, now)

"""The names behind the numbers that wrote."""

from collections.abc import Iterable

from db.engine.base import tuples
from db.models.people import Member


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """Number → name of the member who has it, the first of several; strangers are not there."""
    query = Member.select(Member.mobile, Member.first_name, Member.last_name).where(Member.mobile.in_(list(numbers)))
    names: dict[str, str] = {}
    for mobile, first, last in tuples(query.order_by(Member.id)):
        names.setdefault(mobile, f"{first} {last}".strip())
    return names

"""The codes about people: roles of accounts and their rights, roles of members, and actors."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from importlib.resources import files
from typing import Literal, Self, cast

ROLES = ("officer", "technician", "admin", "coordinator", "auditor")
# Each capability, with the roles that have it.
CAPABILITIES: dict[str, list[str]] = tomllib.loads(
    files(__package__).joinpath("capabilities.toml").read_text(encoding="utf-8")
)
# What a program's token may be made for, with the capability that its role must have too; and what one is made for that
# names nothing: no data of members.
SCOPES = {
    "broadcasts:read": "see_alerts",
    "broadcasts:send": "send_alerts",
    "modems:read": "see_modems",
    "events:read": "see_alerts",
    "members:read": "edit_members",
    "members:write": "edit_members",
    "members:erase": "edit_members",
    "inbox:read": "answer_members",
    "inbox:write": "answer_members",
}
USUAL_SCOPES = ("broadcasts:read", "broadcasts:send", "modems:read")
MEMBER_ROLES = ("member", "coordinator")
# A right, or a password set by somebody else's link, is this old before it counts as a second person's.
SETTLED_AFTER = timedelta(hours=24)

ActorKind = Literal["account", "token", "terminal", "job", "anonymous"]
# How a kind is stored, and read again.
_STORED: dict[ActorKind, str] = {"token": "API {}", "terminal": "{} (terminal)", "job": "plp", "anonymous": "anonymous"}
_READ = re.compile(
    r"api (?P<token>.+)|(?P<terminal>.+) \(terminal\)|(?P<job>plp)|(?P<anonymous>anonymous)|(?P<account>.*)",
    re.IGNORECASE | re.DOTALL,
)


class Actor(str):
    """A person or program that acts: the text that the journal keeps, its kind and its name; with the IP `address`."""

    kind: ActorKind
    name: str
    address: str

    def __new__(cls, kind: ActorKind, name: str = "", address: str = "") -> Self:
        made = super().__new__(cls, _STORED.get(kind, "{}").format(name))
        made.kind, made.name, made.address = kind, name, address
        return made

    @classmethod
    def read(cls, stored: str) -> Self:
        """The actor named by a text; capitals, spaces and ways of writing an accent make no difference."""
        match = _READ.fullmatch(" ".join(unicodedata.normalize("NFKC", stored).split()))
        kind = cast(ActorKind, match.lastgroup if match else "account")
        return cls(kind, match[kind] if match else stored)


MACHINE = Actor("job")


def roles_with(capability: str) -> tuple[str, ...]:
    """The roles that have this capability, in the order of ROLES."""
    return tuple(role for role in ROLES if role in CAPABILITIES[capability])


def scopes_for(role: str) -> tuple[str, ...]:
    """All that a token of this role can be made for."""
    return tuple(scope for scope, capability in SCOPES.items() if role in CAPABILITIES[capability])


def capabilities_of(roles: Iterable[str]) -> frozenset[str]:
    """All that somebody with these roles may do."""
    held = set(roles)
    return frozenset(capability for capability, having in CAPABILITIES.items() if held & set(having))


def same_person(one: str, other: str) -> bool:
    """True when two texts are one person's: of their account, their token in the API, their terminal."""
    return _bare(one) == _bare(other)


def persons(marks: Iterable[frozenset[str]]) -> int:
    """The number of people behind accounts with these marks: two that share one are one person's."""
    people = list[frozenset[str]]()
    for own in marks:
        theirs = [known for known in people if known & own]
        people = [known for known in people if not known & own] + [own.union(*theirs)]
    return len(people)


def _bare(stored: str) -> str:
    actor = Actor.read(stored)
    return _bare(actor.name) if actor.kind in ("token", "terminal") else actor.casefold()

"""Who acts: what is stored of an actor reads back as the same, and one person is one person at every door."""

import pytest

from rules.people import MACHINE, Actor, same_person


@pytest.mark.parametrize(
    ("kind", "name", "stored"),
    [
        ("account", "Anne Dupont", "Anne Dupont"),
        ("token", "centrale", "API centrale"),
        ("terminal", "root", "root (terminal)"),
        ("job", "", "plp"),
        ("anonymous", "", "anonymous"),
    ],
)
def test_the_stored_text_tells_the_kind_and_the_name(kind, name, stored):
    assert Actor(kind, name, "192.0.2.7") == stored
    read = Actor.read(stored)
    assert (read.kind, read.name, read.address) == (kind, name or stored, "")
    assert Actor.read(stored.upper()).kind == kind


@pytest.mark.parametrize("one", ["API Anne", "api  anne", "ANNE", "anne (terminal)", "API anne (terminal)"])
def test_one_person_is_the_same_at_every_door(one):
    assert same_person(one, "Anne")
    assert not same_person(one, "Anna")
    assert not same_person(one, MACHINE)

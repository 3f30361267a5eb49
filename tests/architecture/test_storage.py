"""db/ stores and finds: it refuses nothing and says nothing to people, and who acts goes through plp.services."""

import ast

import pytest

from tests.architecture.source import Module, modules, within
from tests.architecture.writers import writers, written_past_services
from tests.languages.extraction import extracted


def refusals() -> set[str]:
    """The classes of refusals, those that are made elsewhere in db/ too."""
    names = {"Refusal"}
    while True:
        more = {
            node.name
            for module in modules()
            for node in module.nodes
            if isinstance(node, ast.ClassDef) and {base.id for base in node.bases if isinstance(base, ast.Name)} & names
        } - names
        if not more:
            return names
        names |= more


def raises_refusal(module: Module, names: set[str]) -> bool:
    """True when it raises one of these classes, called or not."""
    raised = (node.exc for node in module.nodes if isinstance(node, ast.Raise))
    called = (exc.func if isinstance(exc, ast.Call) else exc for exc in raised)
    return any(isinstance(name, ast.Name) and name.id in names for name in called)


def test_storage_refuses_nothing_and_holds_no_sentence_for_people():
    names = refusals()
    sentences = {message.id for message in extracted() if isinstance(message.id, str) and message.id.count(" ") > 2}
    deciding = {
        module.package
        for module in modules()
        if within(module.name, "db")
        and (
            raises_refusal(module, names)
            or any(isinstance(node, ast.Constant) and node.value in sentences for node in module.nodes)
        )
    }
    assert deciding == set()


def test_who_acts_goes_through_the_services():
    acting = [module for module in modules() if within(module.name, "console", "plp.cli")]
    assert {module.package for module in acting if written_past_services(module)} == set()


@pytest.mark.parametrize(
    ("place", "writes"),
    [
        (("db.journal.audit", "record"), True),
        (("db.people.members.saving", "write_member"), True),
        (("db.alerts.queue.marks", "mark_sent"), True),
        (("db.people.members.listing", "members"), False),
    ],
)
def test_writers_are_known(place, writes):
    assert (place in writers()) is writes

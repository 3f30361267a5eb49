"""Roles as sets of capabilities: the table says nothing that nobody asks for, and nothing of unknown roles."""

import re

import pytest

from rules.people import CAPABILITIES, ROLES, capabilities_of, roles_with
from tests.architecture.source import ROOT

ASKING = re.compile(r'\b(?:(?:may|can|token|roles_with)\(|may=)((?:"\w+"(?:, )?)+)[,)]')


def test_the_table_names_known_roles_and_each_once():
    for capability, having in CAPABILITIES.items():
        assert set(having) <= set(ROLES), capability
        assert len(set(having)) == len(having) > 0, capability


def test_each_capability_is_asked_for_somewhere():
    files = [path for folder in ("console", "db", "plp") for path in (ROOT / folder).rglob("*.*")]
    texts = [path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".html")]
    asked_for = {name for text in texts for names in ASKING.findall(text) for name in re.findall(r"\w+", names)}
    assert CAPABILITIES.keys() - asked_for == set()


@pytest.mark.parametrize("role", ROLES)
def test_somebody_with_several_roles_may_do_what_any_of_them_may(role):
    assert capabilities_of([role, "auditor"]) == capabilities_of([role]) | capabilities_of(["auditor"])
    assert all(role in roles_with(capability) for capability in capabilities_of([role]))


def test_an_auditor_only_sees():
    assert {capability.partition("_")[0] for capability in capabilities_of(["auditor"])} == {"see"}
    assert "see_names" not in capabilities_of(["auditor"])
    assert capabilities_of([]) == set()

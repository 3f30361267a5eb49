"""Every planted fault meets the product still; a few are looked for, by `python -m tests.world.planted` all of them."""

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from tests.architecture.source import ROOT
from tests.world.kinds import DIRECTED
from tests.world.planted import counts, modems, orders, people, queue, reports
from tests.world.planted.__main__ import FAULTS, search

pytestmark = pytest.mark.sqlite
BY_NAME = {fault.name: fault for fault in FAULTS}
PLACES = [pytest.param(fault, place, instead, id=f"{fault.name}: {place[1]}") for fault in FAULTS
          for place, instead in fault.changes]  # fmt: skip
# Other names under which the product imports a module that it reads by `module.name`.
ALIASES = ("storage", "stored")
ANYTHING = inspect.Parameter.VAR_POSITIONAL


@cache
def _product() -> str:
    folders = ("base", "db", "modem", "plp", "rules")
    return "\n".join(file.read_text() for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))


@cache
def _read_in(file: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse(Path(file).read_text()))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a receipt is not written", "shown as sent before it went"])
def test_a_planted_fault_is_found(name):
    assert {"receipt", "lost", "shown better", "ends"} & search(BY_NAME[name], 8).oracles


def test_every_fault_has_a_name_of_its_own_and_a_kind_that_there_is():
    assert len(BY_NAME) == len(FAULTS) >= 60
    assert {fault.kind for fault in FAULTS} <= {kind.name for kind in DIRECTED}


@pytest.mark.parametrize(("fault", "place", "instead"), PLACES)
def test_what_a_fault_replaces_is_there_and_is_used(fault, place, instead):
    owner, name = place
    assert hasattr(owner, name), f"{owner.__name__} has no {name} any more"
    aliases = [owner.__name__.rpartition(".")[2], *ALIASES] if isinstance(owner, ModuleType) else []
    named = rf"\b({'|'.join(aliases)})\.{name}\b" if aliases else rf"\.{name}\b"
    is_used = name in _read_in(inspect.getsourcefile(owner)) or re.search(named, _product())
    assert is_used, f"nothing in the product reads {owner.__name__}.{name}"


@pytest.mark.parametrize(("fault", "place", "instead"), PLACES)
def test_what_stands_there_instead_takes_the_same(fault, place, instead):
    real = getattr(*place)
    if not isinstance(instead, FunctionType) or not inspect.isroutine(real):
        return
    taken = inspect.signature(instead).parameters.values()
    if not any(parameter.kind is ANYTHING for parameter in taken):
        needed = [one for one in inspect.signature(real).parameters.values() if one.default is inspect.Parameter.empty]
        inspect.signature(instead).bind(*needed)


@pytest.mark.parametrize("subject", [counts, modems, orders, people, queue, reports])
def test_every_name_that_a_fault_reads_is_in_the_product(subject):
    for node in ast.walk(ast.parse(Path(subject.__file__).read_text())):
        is_named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        owner = getattr(subject, node.value.id, None) if is_named else None
        if isinstance(owner, ModuleType):
            assert hasattr(owner, node.attr), f"{owner.__name__} has no {node.attr} any more"

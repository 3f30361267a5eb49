"""The simulator is the other side of the wire: it shares nothing with what it is there to prove."""

import ast
from pathlib import Path

import pytest

import tests.simulator.base

FILES = sorted(Path(tests.simulator.base.__path__[0]).glob("*.py"))
# What a network logs, and who a modem is.
SHARED = {"modem.sim", "modem.sim.network", "modem.sim.identity", "modem.sim.pty_host"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_imports_the_standard_library_and_itself(file: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module or "")
    ours = {"base", "console", "db", "modem", "plp", "rules", "tests"}
    foreign = {"gammu", "serial", "smspdudecoder"}
    for name in imported - SHARED:
        assert (name + ".").startswith("tests.simulator.base.") or name.split(".")[0] not in ours | foreign, name

"""Tests that can be read one module at a time: nothing is imported from a test module, and none is long; and none that
asks the machine what time it is.
"""

import ast
import re

import pytest

from tests.architecture.source import ROOT

LINES = 350
# Whatever the dots: `from tests.x.test_y import z`, `import tests.x.test_y`, `from tests.x import test_y`.
FROM_A_TEST = re.compile(
    r"^\s*(?:from\s+[\w.]*\btest_\w+\s+import|import\s+[\w.]*\btest_\w+|from\s+(?:tests|\.)[\w.]*\s+import\s[^\n]*\btest_)",
    re.M,
)

# The clock itself; what runs against the machine's for hours, or in another tree.
HAVE_MACHINE_S_TIME = ("tests/support/moment.py", "tests/support/clocked/", "tests/soak/", "tests/packaging/", "tools/")
MACHINE_S = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "totp.now"}


def texts():
    """Every program of the tests and the tools, by its path from the root."""
    paths = [path for folder in ("tests", "tools") for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def test_nothing_is_imported_from_a_test_module():
    """What two of them need stands in tests/support, in a conftest, or in a module beside them."""
    assert {name: found for name, text in texts().items() if (found := FROM_A_TEST.findall(text))} == {}


def test_a_module_of_tests_is_short():
    tests = {name: text for name, text in texts().items() if "/test_" in name}
    counts = {name: len(text.splitlines()) for name, text in tests.items()}
    assert {name: count for name, count in counts.items() if count > LINES} == {}


def test_what_would_be_found():
    for line in ("from tests.db.test_a import b", "    import tests.test_a", "from .test_a import b"):
        assert FROM_A_TEST.search(line), line
    for line in ("from tests.db import a, test_b", "from . import test_b"):
        assert FROM_A_TEST.search(line), line
    for line in ("from tests.support.people import person", "from tests import conftest", "latest = 1"):
        assert not FROM_A_TEST.search(line), line


def asks_the_machine(text):
    """The lines of a module that ask for the time of the machine, but for tests with the mark `machine_time`."""
    found = []
    module = ast.parse(text)
    if any("mark.machine_time" in ast.unparse(each) for each in module.body if isinstance(each, ast.Assign)):
        return found
    for part in module.body:
        if any("mark.machine_time" in ast.unparse(each) for each in getattr(part, "decorator_list", ())):
            continue
        calls = [each for each in ast.walk(part) if isinstance(each, ast.Call)]
        found += [call.lineno for call in calls if ast.unparse(call.func) in MACHINE_S]
    return found


def test_no_test_asks_the_machine_what_time_it_is():
    """The suite's clock is that of tests/support/moment.py: `utc_now()`, or the fixture `now`."""
    tests = {name: text for name, text in texts().items() if not name.startswith(HAVE_MACHINE_S_TIME)}
    assert {name: found for name, text in tests.items() if (found := asks_the_machine(text))} == {}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def test_it():\n    assert datetime.now(UTC)", [2]),
        ("TODAY = date.today()", [1]),
        ("class Then:\n    def at(self):\n        return time.time()", [3]),
        ("@pytest.mark.machine_time\ndef test_it():\n    assert datetime.now(UTC)", []),
        ("pytestmark = [pytest.mark.machine_time]\nBEGAN = time.time()", []),
        ("def test_it(now):\n    assert utc_now() - now < timedelta(minutes=1)", []),
    ],
)
def test_who_asks_the_machine(text, lines):
    assert asks_the_machine(text) == lines

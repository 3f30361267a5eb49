"""Tests that can be read one module at a time: nothing is imported from a test module, and none is long."""

import re

from tests.architecture.source import ROOT

LINES = 350
# Whatever the dots: `from tests.x.test_y import z`, `import tests.x.test_y`, `from tests.x import test_y`.
FROM_A_TEST = re.compile(
    r"^\s*(?:from\s+[\w.]*\btest_\w+\s+import|import\s+[\w.]*\btest_\w+|from\s+(?:tests|\.)[\w.]*\s+import\s[^\n]*\btest_)",
    re.M,
)


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

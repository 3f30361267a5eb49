"""The hook before a commit runs the tests of the folders that it touches: tests/support/touched.py."""

import pytest

from tests.support.touched import folders_of


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        (["db/people/zone.py"], ["tests/db/people"]),
        (["db/people/members/erasure.py", "db/people/zone.py"], ["tests/db/people"]),
        (["tests/rules/test_numbers.py", "rules/numbers.py"], ["tests/rules"]),
        (["console/templates/people/members/row.html"], ["tests/console"]),
        (["README.md", "docs/adr/README.md", "Makefile", "tests/conftest.py"], ["tests/architecture"]),
        (["tests/support/people.py", "modem/sms/submit.py"], ["tests/architecture", "tests/modem/sms"]),
        (["plp/cli/main.py", "plp/process.py"], ["tests/plp"]),
    ],
)
def test_a_file_has_the_tests_of_its_folder_or_of_the_nearest_above(files: list[str], folders: list[str]):
    assert folders_of(files) == folders

"""No picture of the guide is older than the page it shows."""

import json

import pytest

from tests.browser.guide_pictures import HASHES, SHOWN, page_hash

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("picture", SHOWN)
def test_a_picture_of_the_guide_was_taken_with_the_templates_and_styles_of_today(picture):
    assert json.loads(HASHES.read_text())[picture] == page_hash(picture), "make pictures, then look at them"

"""A refused form shows what was typed again, without characters that nobody sees (found by the hostile crawl)."""

import pytest


@pytest.mark.parametrize(("path", "name"), [("/drills/planned", "text"), ("/duty/add", "from")])
def test_unseen_characters_are_not_shown_again(sign_in, path, name):
    browser = sign_in("officer", "admin")
    answer = browser.post(path, {name: "a\x00b\x1b[31m\x85 \u202ec", "day": "\x00"})
    assert answer.status_code == 400
    assert not set("\x00\x1b\x85\u202e") & set(answer.text)
    assert "ab[31m c" in answer.text

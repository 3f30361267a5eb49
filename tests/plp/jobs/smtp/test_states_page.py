"""The page that shows the states of a mail says what the table says."""

from tests.plp.jobs.smtp.states_page import PAGE, page


def test_the_page_is_up_to_date():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text)

"""Mail that leaves."""

import pytest

from db.mail.enqueue import send_as
from plp.settings.values import MailSettings


@pytest.fixture(autouse=True)
def mail_on():
    send_as(MailSettings(sender="plp@example.org"))
    yield
    send_as(None)

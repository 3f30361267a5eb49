"""Mail that leaves."""

import pytest

from base.settings.values import MailSettings
from db.mail.enqueue import send_as


@pytest.fixture(autouse=True)
def mail_on():
    send_as(MailSettings(sender="plp@example.org"))
    yield
    send_as(None)

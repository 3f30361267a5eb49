"""A house with people, one modem, and an officer at the console."""

from collections.abc import Callable, Iterator

import pytest

from base.settings.values import MailSettings, Settings
from db.mail.enqueue import send_as
from tests.console.alerts import scene
from tests.console.conftest import Browser


@pytest.fixture
def officer(ready_modem: Callable[..., None], sign_in: Callable[..., Browser]) -> Browser:
    ready_modem()
    scene.people()
    return sign_in("officer")


@pytest.fixture
def mail(settings: Settings) -> Iterator[Settings]:
    """Mails are queued; a test says what becomes of them."""
    mail = MailSettings(sender="plp@example.be")
    send_as(mail)
    yield Settings(path=settings.path, folder=settings.folder, mail=mail)
    send_as(None)

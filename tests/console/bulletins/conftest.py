"""A house with coordinators in four neighbourhoods, mail that leaves, and an officer at the console."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from base.settings.values import MailSettings
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.mail.enqueue import send_as
from tests.console.bulletins import scene
from tests.console.conftest import Browser

MAIL = MailSettings(sender="plp@example.org", public_url="https://plp.example.be")


@pytest.fixture
def mail(app: Flask) -> Iterator[None]:
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=MAIL)
    send_as(MAIL)
    yield
    send_as(None)


@pytest.fixture
def people(app: Flask) -> None:
    with connected(), writing():
        scene.people(utc_now())


@pytest.fixture
def officer(mail: None, people: None, sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("officer")

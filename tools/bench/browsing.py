"""Somebody who is signed in to a console, for the parts that open its pages."""

import re
from contextlib import suppress
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from db.engine.clock import utc_now
from db.models.accounts import Account
from plp.services.accounts.rights import add_account
from rules.people import ROLES
from tests.e2e.box import Box, eventually

NAME, _PASSWORD = "Banc", "quatre mots faciles à retenir"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def add_user(mobile: str, name: str = NAME) -> None:
    """Add a user with every role and this number to the bound database."""
    add_account(name, ROLES, _PASSWORD, "bench", utc_now())
    Account.update(mobile=mobile).where(Account.name == name).execute()


def add_user_to(box: Box) -> None:
    """The same, in a box."""
    with box.reading():
        add_user("+32470000001")


def signed_in(url: str, name: str = NAME) -> str:
    """The cookies of a session of this user, as a header has them."""
    cookies = HTTPCookieProcessor()
    opener = build_opener(cookies)

    def form() -> str:
        with suppress(OSError):
            return read(opener, f"{url}/login")
        return ""

    token = TOKEN.search(eventually("the console", form, 30))
    assert token is not None
    typed = {"csrf_token": token[1], "name": name, "password": _PASSWORD}
    read(opener, f"{url}/login", urlencode(typed).encode())
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies.cookiejar)


def read(opener: OpenerDirector, address: str, data: bytes | None = None) -> str:
    """The whole page."""
    with opener.open(address, data) as answer:
        return str(answer.read().decode())

"""A browser's part of the trial: `python -m tests.packaging.visitor ADDRESS [SECRET [PAGE]]`.

With a first administrator's link it chooses a password, sets up an authenticator and prints its secret; with a secret
it signs in, and prints the words of a page. Ends with status 1 unless home says that the modems are ready.
"""

import re
import ssl
import sys
import time
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

from pyotp import TOTP

from tests.packaging.technician import NAME, PASSWORD


class Visitor:
    """Follows forms as a browser does. The certificate vouches for itself: a person compares its fingerprint."""

    def __init__(self, address: str) -> None:
        unverified = ssl._create_unverified_context()
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), HTTPSHandler(context=unverified))
        self._opener.addheaders = [("Accept-Language", "fr")]
        self.go(address)

    def go(self, address: str, fields: dict[str, str] | None = None) -> None:
        data = urlencode(fields).encode() if fields else None
        self.address = urljoin(getattr(self, "address", address), address)
        # A browser says where a form comes from.
        self._opener.addheaders = [*self._opener.addheaders[:1], ("Referer", self.address)]
        with self._opener.open(self.address, data, timeout=20) as page:
            self.address, self.page = page.geturl(), page.read().decode()

    def send(self, form: str, **fields: str) -> None:
        """Send the form to this address, with its token."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        if token is None:
            raise SystemExit(f"no form at {self.address}")
        self.go(form, {"csrf_token": token[1], **fields})


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def main(address: str, secret: str = "", path: str = "") -> None:
    visitor = Visitor(address)
    if secret:
        visitor.send("/login", name=NAME, password=PASSWORD)
        # The code of the next half minute counts too, and that of now may have been used to set the authenticator up.
        visitor.send("/login/second", code=TOTP(secret).at(time.time() + 30))
    else:
        visitor.send(address, name=NAME, password=PASSWORD, password_again=PASSWORD)
        visitor.go("/account/second-factor")
        secret = re.findall(r'class="plp-secret">([A-Z2-7]+)<', visitor.page)[0]
        visitor.send("/account/second-factor/app", code=TOTP(secret).now())
    until_s = time.monotonic() + 30
    while 'data-judgement="ready"' not in visitor.page:
        if time.monotonic() > until_s:
            sys.exit(words(visitor.page))
        time.sleep(1)
        visitor.go("/")
    if path:
        visitor.go(path)
    print(words(visitor.page) if path else secret)


if __name__ == "__main__":
    main(*sys.argv[1:])

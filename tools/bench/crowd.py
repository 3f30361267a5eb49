"""`python -m tools.bench.crowd URL SECONDS TOKEN KIND…`: those who ask a console for much at once, each without a
pause: `exports` (four people save the members as a workbook), `signs` (one signs in, two strangers with a wrong
password), `uploads` (two people have a list compared), `programs` (two read `/metrics`, two the members with TOKEN).

The console at URL (loopback) has the users `NAMES` and that of `tools.bench.browsing`. It prints a line when it begins,
and in the end how often each was done.
"""

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tools.bench.browsing import TOKEN, read, signed_in

EXPORTERS = tuple(f"Exporte {n}" for n in range(4))
UPLOADERS = tuple(f"Importe {n}" for n in range(2))
NAMES = (*EXPORTERS, *UPLOADERS)
UPLOADED_ROWS = 50_000
KINDS = ("exports", "signs", "uploads", "programs")
# As the pages do that wait.
_LOOK_EVERY_S = 1.0
_READY = re.compile(rb'href="(/prepared/[^"]+/answer)"')
_HEADER = "Nom;Prénom;GSM;Langue;Quartier;Rue;N°;Consentement SMS"


def main() -> None:
    """Ask until the seconds are over."""
    url, seconds, bearer, *kinds = sys.argv[1:]
    acts = [act for kind in kinds for act in _acts(kind, url, bearer)]
    print("begin", flush=True)
    until_s, done = time.monotonic() + float(seconds), Counter[str]()

    def again(act: Callable[[], object]) -> None:
        while time.monotonic() < until_s:
            with suppress(OSError):
                act()
                done[act.__name__] += 1

    for act in acts:
        threading.Thread(target=again, args=(act,), daemon=True).start()
    time.sleep(max(0.0, until_s - time.monotonic()))
    print(json.dumps(done), flush=True)


def _acts(kind: str, url: str, bearer: str) -> list[Callable[[], object]]:
    """The acts of the people or programs of this kind."""

    def wrong_sign_in() -> object:
        return _wrong(url)

    def sign_in() -> object:
        return signed_in(url)

    def figures() -> object:
        return read(build_opener(), f"{url}/metrics")

    def members() -> object:
        return _read_members(url, bearer)

    if kind == "signs":
        return [sign_in, wrong_sign_in, wrong_sign_in]
    if kind == "programs":
        return [figures, figures, members, members]
    return [_of_person(url, name, kind) for name in (EXPORTERS if kind == "exports" else UPLOADERS)]


def _of_person(url: str, name: str, kind: str) -> Callable[[], object]:
    opener = build_opener()
    opener.addheaders = [("Cookie", signed_in(url, name))]
    token = TOKEN.search(read(opener, f"{url}/members"))
    assert token is not None
    form, body = urlencode({"csrf_token": token[1], "format": "xlsx"}).encode(), _list(token[1])

    def export() -> object:
        return _export(opener, url, form)

    def upload() -> object:
        return _upload(opener, url, body)

    return export if kind == "exports" else upload


def _export(opener: OpenerDirector, url: str, form: bytes) -> None:
    """The file, as a browser waits for it on the page of the progress."""
    answer = opener.open(f"{url}/members/export", form)
    page, content = answer.geturl(), answer.read()
    while "/prepared/" in page and (ready := _READY.search(content)) is None and b"<progress" in content:
        time.sleep(_LOOK_EVERY_S)
        content = opener.open(page).read()
    if "/prepared/" in page and ready is not None:
        opener.open(url + ready[1].decode()).read()


def _list(token: str) -> bytes:
    """The form with a list of invented people; it is compared and waits, nothing is written."""
    rows = "".join(
        f"Banc {n};Anne;0480{n:06};fr;Quartier {n % 200 + 1:03};Rue du Banc {n % 2000};{n % 90};oui\r\n"
        for n in range(UPLOADED_ROWS)
    )
    parts = (
        ('name="csrf_token"', token),
        ('name="file"; filename="banc.csv"\r\nContent-Type: text/csv', f"{_HEADER}\r\n{rows}"),
    )
    body = "".join(f"--banc\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts)
    return f"{body}--banc--\r\n".encode()


def _upload(opener: OpenerDirector, url: str, body: bytes) -> None:
    typed = {"Content-Type": "multipart/form-data; boundary=banc"}
    answer = opener.open(Request(f"{url}/members/import", body, typed))
    page, content = answer.geturl(), answer.read()
    while b'hx-trigger="every' in content:
        time.sleep(_LOOK_EVERY_S)
        content = opener.open(page).read()
    if str(UPLOADED_ROWS).encode() not in content.replace(b"\xe2\x80\xaf", b"").replace(b"\xc2\xa0", b""):
        raise RuntimeError("the list was not compared")


def _read_members(url: str, bearer: str) -> None:
    """All members, as a program that keeps a copy reads them."""
    after: int | None = 0
    while after is not None:
        wanted = Request(f"{url}/api/v1/members?after={after}", headers={"Authorization": f"Bearer {bearer}"})
        after = json.load(build_opener().open(wanted))["next"]


def _wrong(url: str) -> object:
    visitor = build_opener(HTTPCookieProcessor())
    token = TOKEN.search(read(visitor, f"{url}/login"))
    typed = {"csrf_token": token[1] if token else "", "name": "Personne", "password": "rien de tout cela"}
    read(visitor, f"{url}/login", urlencode(typed).encode())


if __name__ == "__main__":
    main()

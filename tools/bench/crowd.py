"""`python -m tools.bench.crowd URL [SECONDS [TOKEN]]`: how long an officer waits for the first page while eight
processes are busy on this machine, four people export the members, one uploads a list, one signs in, two strangers sign
in with a wrong password, two programs read `/metrics`, and two the members where TOKEN (`members:read`) is given.

The console at URL (loopback) has the user of `tools.bench.browsing`. Never longer than a minute.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tools.bench.browsing import _TOKEN, read, signed_in
from tools.bench.section import percentile

BUSY, EXPORTS, LONGEST_S = 8, 4, 60.0
UPLOADED_ROWS = 5_000
_EVERY_S = 0.3
# As the page of the progress does.
_LOOK_EVERY_S = 1.0
_READY = re.compile(rb'href="(/prepared/[^"]+/answer)"')


def main() -> None:
    """Print how many pages came, their median, p95 and worst time."""
    url, seconds = sys.argv[1], min(float(sys.argv[2]) if len(sys.argv) > 2 else 25.0, LONGEST_S)
    bearer = sys.argv[3] if len(sys.argv) > 3 else ""
    opener = build_opener()
    opener.addheaders = [("Cookie", signed_in(url))]
    token = _TOKEN.search(read(opener, f"{url}/members"))
    assert token is not None
    busy = [subprocess.Popen(["timeout", str(seconds), sys.executable, "-c", "while True: pass"]) for _ in range(BUSY)]
    until_s, took = time.monotonic() + seconds, list[float]()

    def again(act: Callable[[], object]) -> None:
        while time.monotonic() < until_s:
            with suppress(OSError):
                act()

    for act in _acts(url, opener, token[1], bearer):
        threading.Thread(target=again, args=(act,), daemon=True).start()
    while time.monotonic() < until_s:
        began_s = time.monotonic()
        read(opener, f"{url}/")
        took.append(time.monotonic() - began_s)
        time.sleep(_EVERY_S)
    took.sort()
    print(
        f"{len(took)} pages: median {percentile(took, 0.5):.2f} p95 {percentile(took, 0.95):.2f} worst {took[-1]:.2f} s"
    )
    for process in busy:
        process.wait()


def _acts(url: str, opener: OpenerDirector, token: str, bearer: str) -> list[Callable[[], object]]:
    """One for each of the others, who does it without a pause."""
    form = urlencode({"csrf_token": token, "format": "xlsx"}).encode()
    upload = _upload(url, token)
    acts: list[Callable[[], object]] = [lambda: _export(opener, url, form)] * EXPORTS
    acts += [lambda: opener.open(upload).read(), lambda: signed_in(url)]
    acts += [lambda: _wrong(url)] * 2 + [lambda: read(build_opener(), f"{url}/metrics")] * 2
    if bearer:
        acts += [lambda: _read_members(url, bearer)] * 2
    return acts


def _export(opener: OpenerDirector, url: str, form: bytes) -> None:
    """The file, as a browser waits for it on the page of the progress."""
    answer = opener.open(f"{url}/members/export", form)
    page, content = answer.geturl(), answer.read()
    while "/prepared/" in page and (ready := _READY.search(content)) is None and b"<progress" in content:
        time.sleep(_LOOK_EVERY_S)
        content = opener.open(page).read()
    if "/prepared/" in page and ready is not None:
        opener.open(url + ready[1].decode()).read()


def _upload(url: str, token: str) -> Request:
    """The form with a list of invented people; it is compared and waits, nothing is written."""
    rows = "".join(f"Banc {n};Anne;0480{n:06};fr;Rue du Banc;{n % 90};oui\r\n" for n in range(UPLOADED_ROWS))
    parts = (
        ('name="csrf_token"', token),
        ('name="file"; filename="banc.csv"\r\nContent-Type: text/csv', f"Nom;Prénom;GSM;Langue;Rue;N°;SMS\r\n{rows}"),
    )
    body = "".join(f"--banc\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts)
    typed = {"Content-Type": "multipart/form-data; boundary=banc"}
    return Request(f"{url}/members/import", f"{body}--banc--\r\n".encode(), typed)


def _read_members(url: str, bearer: str) -> None:
    """All members, as a program that keeps a copy reads them."""
    after: int | None = 0
    while after is not None:
        wanted = Request(f"{url}/api/v1/members?after={after}", headers={"Authorization": f"Bearer {bearer}"})
        after = json.load(build_opener().open(wanted))["next"]


def _wrong(url: str) -> None:
    visitor = build_opener(HTTPCookieProcessor())
    token = _TOKEN.search(read(visitor, f"{url}/login"))
    typed = {"csrf_token": token[1] if token else "", "name": "Personne", "password": "rien de tout cela"}
    read(visitor, f"{url}/login", urlencode(typed).encode())


if __name__ == "__main__":
    main()

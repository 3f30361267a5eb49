"""`python -m tools.bench.crowd URL [SECONDS]`: how long an officer waits for the first page while eight processes are
busy on this machine, four people export the members, two strangers sign in with a wrong password and two programs read.

The console at URL (loopback) has the user of `tools.bench.browsing`. Never longer than a minute.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from tools.bench.browsing import _TOKEN, read, signed_in
from tools.bench.section import percentile

BUSY, EXPORTS, LONGEST_S = 8, 4, 60.0
_EVERY_S = 0.3


def main() -> None:
    """Print how many pages came, their median, p95 and worst time."""
    url, seconds = sys.argv[1], min(float(sys.argv[2]) if len(sys.argv) > 2 else 25.0, LONGEST_S)
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

    form = urlencode({"csrf_token": token[1], "format": "xlsx"}).encode()
    acts: list[Callable[[], object]] = [lambda: read(opener, f"{url}/members/export", form)] * EXPORTS
    acts += [lambda: _wrong(url)] * 2 + [lambda: read(build_opener(), f"{url}/metrics")] * 2
    for act in acts:
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


def _wrong(url: str) -> None:
    visitor = build_opener(HTTPCookieProcessor())
    token = _TOKEN.search(read(visitor, f"{url}/login"))
    typed = {"csrf_token": token[1] if token else "", "name": "Personne", "password": "rien de tout cela"}
    read(visitor, f"{url}/login", urlencode(typed).encode())


if __name__ == "__main__":
    main()

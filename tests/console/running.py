"""`plp console` as a process of its own, and a visitor who keeps cookies, over a real connection."""

import http.cookiejar
import os
import re
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from base.settings.values import Settings
from tests.e2e.box import eventually, free_port

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Running:
    """A console that answers."""

    process: subprocess.Popen[bytes]
    port: int
    tls: bool
    log_path: Path = Path("/dev/null")

    @property
    def log(self) -> str:
        """What it logged; complete once it has ended."""
        return self.log_path.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def context(self) -> ssl.SSLContext | None:
        """The test's certificate is nobody's: it is not looked at."""
        if not self.tls:
            return None
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def pss_mb(self) -> float:
        """Memory of the process."""
        return pss_mb(self.process.pid)


def pss_mb(pid: int) -> float:
    """Memory of a process, what it shares counted in shares."""
    smaps = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+)", smaps, re.MULTILINE)[1]) / 1024


@contextmanager
def running_console(settings: Settings, tls: bool = False) -> Iterator[Running]:
    """Started as the supervisor does; ended with SIGTERM when the test has not done so."""
    port = free_port()
    section = f"[console]\nlisten = 127.0.0.1:{port}\n"
    if tls:
        section += "certificate = cert.pem\nkey = key.pem\n"
        _certify(settings.folder)
    path = settings.folder / f"config-{port}.ini"
    path.write_text(settings.path.read_text(encoding="utf-8") + section, encoding="utf-8")
    command = [sys.executable, "-m", "plp", "--config", str(path), "console"]
    log_path, environment = settings.folder / f"console-{port}.log", {**os.environ, "PLP_DEMO": ""}
    # A pipe that nobody empties would hold the console once it is full.
    with log_path.open("wb") as log, subprocess.Popen(command, stderr=log, env=environment) as process:
        console = Running(process, port, tls, log_path)
        visitor = Visitor(console)
        try:
            eventually("a console", lambda: visitor.answers("/healthz"))
            yield console
        finally:
            process.terminate()


def _certify(folder: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


@dataclass
class Visitor:
    """A browser without pages: cookies kept, the certificate not looked at."""

    console: Running
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)
    _opener: urllib.request.OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.HTTPSHandler(context=self.console.context())
        )

    def get(self, path: str, timeout_s: float = 10) -> bytes:
        with self._opener.open(self.console.url + path, timeout=timeout_s) as answer:
            return answer.read()

    def answers(self, path: str) -> bool:
        try:
            return bool(self.get(path, timeout_s=1))
        except OSError:
            return False

    def sign_in(self, name: str, password: str) -> None:
        """By the form, as a person does."""
        self.post("/login", {"name": name, "password": password}, "/login")

    def post(self, path: str, data: dict[str, str], page: str = "/") -> None:
        """With the token of a form on `page`; the answer leads elsewhere."""
        token = _TOKEN.search(self.get(page).decode())[1]
        form = urllib.parse.urlencode({"csrf_token": token, **data})
        asked = urllib.request.Request(self.console.url + path, form.encode(), {"Referer": self.console.url + path})
        with self._opener.open(asked, timeout=10) as answer:
            assert not answer.url.endswith(path), answer.read()

    def seconds(self, path: str) -> float:
        """How long the answer takes to arrive whole; a refusal or a time-out fails the test."""
        started = time.monotonic()
        self.get(path)
        return time.monotonic() - started

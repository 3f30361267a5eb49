"""Answers of many rows, prepared by a process of their own while a page tells how far it is: each is the answer of the
same view to the same request, which `console.web.answering` gives there. It lies in memory, in a file without a name:
no number is on the disk, a crash leaves nothing behind, and a full disk keeps nobody from plan B's sheets.
"""

import atexit
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import wraps
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, BinaryIO, Literal, TypeVar, cast
from urllib.parse import urlencode

from flask import current_app, redirect, request, url_for
from flask_login import current_user

from console.web.acting import settings
from plp.services.apart import one_at_a_time
from rules.refusals import Refusal

_log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
Phase = Literal["waiting", "making", "ready", "failed"]
Asked = dict[str, Any]

# Rows that a page's own thread still answers: a tenth of a second, and less than the other process needs to begin.
AT_ONCE = 500
MOST_WAITING = 8
LONGEST_S = 900.0
LARGEST_BYTES = 64 * 1024 * 1024
KEPT_S = 600.0
# After it was fetched: for a browser that asks twice.
KEPT_ONCE_FETCHED_S = 60.0
# Set in the application of the process that gives the answer.
IS_APART = "PLP_APART"


@dataclass(slots=True)
class Work:
    """One answer that somebody (`owner`, an account's id) asked for; `percent` of it is done. Its `status`, `headers`
    and `file` are there once it is ready; `back` is the page on which it was asked for.
    """

    key: str
    owner: int
    endpoint: str
    method: str
    asked: Asked
    back: str
    file: BinaryIO
    phase: Phase = "waiting"
    percent: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    until_s: float = float("inf")

    @property
    def is_open(self) -> bool:
        return self.phase in ("waiting", "making")


class Works:
    """The works of this console. One that is over is removed after a while, or when its owner asks for another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}

    def begin(self, owner: int, endpoint: str, asked: Asked, back: str) -> Work:
        """The work for this request; the one that is under way where its owner pressed twice. Raises Refusal, and
        OSError where this machine cannot begin one.
        """
        with self._lock:
            self._forget(monotonic(), owner)
            same = (work for work in self._works.values() if _is_same(work, owner, asked))
            if (work := next(same, None)) is not None:
                return work
            if len([work for work in self._works.values() if work.is_open]) >= MOST_WAITING:
                raise Refusal("Trop de demandes à la fois : réessayez dans quelques secondes.")
            nameless = os.fdopen(os.memfd_create("answer"), "w+b")
            method = asked["environ"]["REQUEST_METHOD"]
            work = Work(secrets.token_urlsafe(16), owner, endpoint, method, asked, back, nameless)
            try:
                threading.Thread(target=self._make, args=(work,), name="preparing", daemon=True).start()
            except RuntimeError as error:
                nameless.close()
                raise OSError(str(error)) from error
            self._works[work.key] = work  # one that began
        return work

    def find(self, owner: int, key: str) -> Work | None:
        """The work of this key; None when it is another's, or over for long."""
        with self._lock:
            self._forget(monotonic())
            work = self._works.get(key)
        return work if work is not None and work.owner == owner else None

    def is_fetched(self, work: Work) -> None:
        """It is not needed for much longer."""
        self._keep(work, min(work.until_s, monotonic() + KEPT_ONCE_FETCHED_S))

    def _make(self, work: Work) -> None:
        try:
            with one_at_a_time():
                work.phase = "making"
                work.headers = _answered(work)
            work.phase = "ready"
        except Exception as error:  # noqa: BLE001  (it may name a person: only its kind is logged)
            _log.error("%s could not be prepared: %s", work.endpoint, type(error).__name__)
            work.phase = "failed"
        work.asked = {}  # the form, and the cookie
        self._keep(work, monotonic() + KEPT_S)

    def _keep(self, work: Work, until_s: float) -> None:
        work.until_s = until_s
        timer = threading.Timer(until_s - monotonic(), self._tidy)
        timer.daemon = True
        timer.start()

    def _tidy(self) -> None:
        with self._lock:
            self._forget(monotonic())

    def _forget(self, now_s: float, owner: int | None = None) -> None:
        for work in [*self._works.values()]:
            if now_s >= work.until_s or (work.owner == owner and not work.is_open):
                del self._works[work.key]
                work.file.close()


works = Works()


def apart(view: View, rows: Callable[..., int]) -> View:
    """The same view; an answer of more than a few `rows` (by the view's values) is prepared apart."""

    @wraps(view)
    def served(**values: Any) -> Any:
        if IS_APART in current_app.config or rows(**values) <= AT_ONCE:
            return view(**values)
        try:
            work = works.begin(current_user.identity.id, request.endpoint or "", _asked(), _back())
        except OSError:  # nothing can be begun on this machine: slowly is better than not at all
            return view(**values)
        return redirect(url_for("prepared.page", key=work.key), 303)

    return served  # type: ignore[return-value]


def _asked() -> Asked:
    """This request, as another process can answer it."""
    environ = {name: value for name, value in request.environ.items() if isinstance(value, str)}
    config = str(settings().path)
    return {
        "config": config,
        "demo": current_app.config["PLP_DEMO"],
        "environ": environ,
        "form": urlencode([*request.form.items(multi=True)]),
    }


def _back() -> str:
    """The address of the page on which the person is, empty where it is not known."""
    here = request.host_url
    return "/" + request.referrer.removeprefix(here) if (request.referrer or "").startswith(here) else ""


def _is_same(work: Work, owner: int, asked: Asked) -> bool:
    same = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")
    return (
        work.is_open
        and work.owner == owner
        and work.asked["form"] == asked["form"]
        and all(work.asked["environ"].get(name) == asked["environ"].get(name) for name in same)
    )


def _answered(work: Work) -> dict[str, str]:
    """The headers of the answer, once it is whole in the work's file. Raises what kept it from being made."""
    with ExitStack() as stack:
        # What a workbook is collected in; whoever is killed leaves it there.
        folder = stack.enter_context(TemporaryDirectory(prefix="plp-"))
        command = (sys.executable, "-m", "console.web.answering", str(work.file.fileno()))
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(work.file.fileno(),),
            env={**os.environ, "TMPDIR": folder},
        )
        stack.enter_context(process)
        stack.callback(process.kill)
        ends = threading.Timer(LONGEST_S, process.kill)
        stack.callback(ends.cancel)
        ends.start()
        atexit.register(process.kill)
        stack.callback(atexit.unregister, process.kill)
        return _heard(work, process)


def _heard(work: Work, process: subprocess.Popen[bytes]) -> dict[str, str]:
    """The headers that the process says at its end; before, line by line, how far it is."""
    asked, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    with suppress(BrokenPipeError):
        asked.write(json.dumps(work.asked).encode() + b"\n")
        asked.flush()
    headers: dict[str, str] | None = None
    for line in answers:
        said = json.loads(line)
        if isinstance(said, int):
            work.percent = said
        else:
            headers = said
    if headers is None or process.wait() != 0:
        raise ChildProcessError(process.returncode)
    return headers

"""Threads for signed-in people, for programs and for strangers, so that a group waits only for itself. Checking a
password takes a processor and 64 MB: one check runs at a time, and few may wait for it. Browsers in which somebody
recently signed in have separate threads, for pages and for passwords: their mark may be copied.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import escape
from math import inf

from flask import Flask, json
from werkzeug.wrappers import Request

from base.catalogues import catalogue
from console.i18n.problems import MEDIA_TYPE, shape
from console.i18n.translate import of_browser
from console.web.session import device_of, is_signed_in
from rules.refusals import Refusal

RETRY_AFTER_S = 5
_PROGRAMS = re.compile(r"/(api/|healthz|readyz|metrics)")
# A form posted to these has a password in it.
_PASSWORDS = re.compile(r"/(login|setup)(/|$)")
_BUSY = Refusal("Trop de demandes à la fois : réessayez dans quelques secondes.")
_PAGE = (
    '<!doctype html><html lang="{language}"><meta name="viewport" content="width=device-width">'
    "<title>plp-alerte</title><h1>plp-alerte</h1><p>{sentence}</p>"
)


class Pool:
    """Threads for one kind of request, and how many more may wait for one."""

    def __init__(self, name: str, threads: int, waiting: float) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._left = threads + waiting

    @contextmanager
    def place(self) -> Iterator[ThreadPoolExecutor | None]:
        """A place during the block; None when all are taken."""
        if self._left < 1:
            yield None
            return
        self._left -= 1
        try:
            yield self._executor
        finally:
            self._left += 1


class Pools:
    """The pools of one console."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._signed_in = Pool("signed-in", 8, inf)
        # A file is read apart, one at a time, and compared for seconds: such threads wait for one another only.
        self._uploads = Pool("uploads", 2, 20)
        self._programs = Pool("programs", 2, 50)
        # Two requests for events may wait (`console.api.broadcasts`); others with that wish are answered at once.
        self._waiting = Pool("waiting", 4, 50)
        self._strangers = Pool("strangers", 2, 200)
        self._returning = Pool("returning", 1, 20)
        self._passwords = Pool("passwords", 1, 8)
        self._returning_passwords = Pool("returning-passwords", 1, 8)

    def of(self, wanted: Request) -> Pool:
        """The pool that answers this request."""
        if _PROGRAMS.match(wanted.path):
            return self._waiting if "wait" in wanted.args else self._programs
        signed_in = is_signed_in(self._app, wanted)
        known = signed_in or bool(device_of(self._app, wanted))
        if wanted.method == "POST" and _PASSWORDS.match(wanted.path):
            return self._returning_passwords if known else self._passwords
        if signed_in and wanted.mimetype == "multipart/form-data":
            return self._uploads
        if signed_in:
            return self._signed_in
        return self._returning if known else self._strangers


def busy_page(wanted: Request) -> tuple[str, bytes]:
    """Type and body of the answer when all places are taken. It needs neither a thread nor the database."""
    if _PROGRAMS.match(wanted.path):
        return MEDIA_TYPE, json.dumps(shape(503, _BUSY, "busy", wanted)).encode()
    language = of_browser(wanted)
    sentence = escape(catalogue(language).gettext(_BUSY.template))
    return "text/html; charset=utf-8", _PAGE.format(language=language, sentence=sentence).encode()

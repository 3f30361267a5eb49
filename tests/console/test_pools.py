"""Whose threads answer a request: a session's, those of a browser in which somebody signed in lately, or strangers'."""

from datetime import timedelta

import pytest
from flask import Response
from itsdangerous import TimestampSigner
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from console.web.pools import Pools
from console.web.session import device_of, mark
from db.engine.clock import utc_now
from db.people.accounts.passwords import KNOWN_FOR

# What is signed with a time has the machine's.
pytestmark = pytest.mark.machine_time

AGES = [(timedelta(), "a-browser"), (KNOWN_FOR - timedelta(hours=1), "a-browser"), (KNOWN_FOR + timedelta(hours=1), "")]


def asking(cookies, method="GET"):
    """A request for the sign-in page with these cookies."""
    head = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return Request(EnvironBuilder("/login", method=method, headers=head).get_environ())


def marked(app, monkeypatch, age):
    """The cookie of a browser in which somebody signed in so long ago."""
    at = int((utc_now() - age).timestamp())
    with monkeypatch.context() as then, app.test_request_context():
        then.setattr(TimestampSigner, "get_timestamp", lambda _self: at)
        answer = Response()
        mark(app, answer, "a-browser")
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    return {name: value}


@pytest.mark.parametrize(("age", "known"), AGES)
def test_the_mark_of_a_browser_ends_also_that_of_a_copy(app, monkeypatch, age, known):
    assert device_of(app, asking(marked(app, monkeypatch, age))) == known


def test_a_mark_without_a_session_takes_no_thread_of_who_is_signed_in(app, sign_in, monkeypatch):
    client = sign_in("officer").client
    name = app.config["SESSION_COOKIE_NAME"]
    session = {name: client.get_cookie(name).value}
    cookies = [session, marked(app, monkeypatch, timedelta()), {}]
    pools = Pools(app)
    assert len({pools.of(asking(its, method)) for its in cookies for method in ("GET", "POST")}) == 5
    pages = [pools.of(asking(its)) for its in cookies]
    assert [pools.of(asking(session | its)) for its in cookies] == [pages[0]] * 3


def test_a_file_that_is_read_for_long_takes_no_thread_of_a_page(app, sign_in):
    """Eight uploads that wait for one another held the eight threads of the pages."""
    client = sign_in("admin").client
    name = app.config["SESSION_COOKIE_NAME"]
    session = {name: client.get_cookie(name).value}
    pools = Pools(app)
    upload, form = asking(session, "POST"), asking(session, "POST")
    upload.environ["CONTENT_TYPE"] = "multipart/form-data; boundary=x"
    for posted in (upload, form):
        posted.path = "/members/import"
    assert pools.of(upload) is not pools.of(asking(session))
    assert pools.of(form) is pools.of(asking(session))

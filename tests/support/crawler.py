"""A visitor who opens every page, finds every form and link on it, and answers with hostile input."""

import io
import random
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.filter import ElementFilter
from werkzeug.test import TestResponse

from tests.console.conftest import Browser

MARKUP = "<x-hostile onhostile=1>"
BREAK_OUT = "\"'> <x-hostile> \" onhostile=1 ' onhostile=2 "
PAYLOADS: dict[str, str] = {
    "markup": MARKUP + "<script>hostile()</script><img src=x onhostile=1>",
    "attribute": BREAK_OUT,
    "SQL": "'; DROP TABLE member; -- \" OR 1=1 /* %' ESCAPE",
    "lines": "a\r\nX-Hostile: yes\r\n\r\n<x-hostile>",
    "NUL": "a\x00b\x1b[31m\x7f\x85",
    "RTL": "\u202egnp.exe\u202c \u2066x\u2069 \u200b\ufeff",
    "surrogate": "\ud800 \udfff",
    "formula": "=cmd|' /C calc'!A0",
    "number": "9" * 40,
    "long number": "9" * 5000,
    "negative": "-1",
    "zero": "0",
    "float": "1e309",
    "NaN": "NaN",
    "year 0": "0000-00-00T00:00",
    "year 9999": "9999-12-31T23:59",
    "year 1": "0001-01-01T00:00",
    "template": "{{ 7*7 }}{% raw %}{0}{name!r} %(name)s %s ${x} #{x}",
    "path": "../../../../etc/passwd",
    "address": "//evil.example/\\evil.example",
    "script": "javascript:hostile()",
    "digits": "²٣߃",
    "accents": "e" + "\u0300" * 500,
    "long": "x" * 100_000,
    "empty": "",
    "blank": " \t\u00a0",
}
_PLACES = ("href", "src", "hx-get")
# What nobody presses here: the walk needs the session.
LEFT_ALONE = ("/logout",)


class _Read(ElementFilter):
    """Forms, with all in them, and what leads somewhere: of the rest of a page nothing is made."""

    def allow_tag_creation(self, nsprefix: str | None, name: str, attrs: Any) -> bool:
        return name == "form" or any(place in attrs for place in _PLACES)

    def allow_string_creation(self, string: str) -> bool:
        return False


@dataclass(frozen=True)
class Form:
    """Where it goes, and its fields with what the page put into them; `files` are those that take one."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _value in self.fields))


@dataclass
class Visit:
    """What was found: pages, forms by what they are made of, and what went wrong."""

    browser: Browser
    again: Callable[[], Browser] | None = None
    pages: dict[str, int] = field(default_factory=dict)
    forms: dict[tuple[Any, ...], Form] = field(default_factory=dict)
    queries: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    asked: int = 0

    def walk(self, starts: Iterable[str], most: int = 400, each: int = 3) -> None:
        """Follow every link, `each` kind of address so many times."""
        waiting, kinds = list(dict.fromkeys(starts)), {}
        while waiting and len(self.pages) < most:
            path = waiting.pop(0)
            if path in self.pages or path.startswith(LEFT_ALONE):
                continue
            kind = "".join("1" if letter.isdigit() else letter for letter in urlsplit(path).path)
            kinds[kind] = kinds.get(kind, 0) + 1
            if kinds[kind] > each:
                continue
            answer = self.ask("GET", path)
            self.pages[path] = answer.status_code if answer else 500
            if answer is None:
                continue
            if answer.status_code in (301, 302, 303):
                waiting.append(_here(path, answer.location))
            elif answer.mimetype == "text/html":
                waiting += self._read(path, answer)

    def _read(self, path: str, answer: TestResponse) -> Iterator[str]:
        soup = BeautifulSoup(answer.text, "html.parser", parse_only=_Read())
        for form in soup.find_all("form"):
            for found in _forms(path, form):
                if found.action.startswith(LEFT_ALONE):
                    continue
                self.forms.setdefault((found.action, found.method, found.names, found.fields[-1:]), found)
                if found.method == "GET":
                    self.queries.setdefault((found.action, found.names), found.names[0] if found.names else "")
        for tag in soup.find_all(True):
            for name in _PLACES:
                if (place := tag.get(name)) and not str(place).startswith(("data:", "mailto:", "tel:", "sms:", "#")):
                    local = _here(path, str(place))
                    if local and not local.startswith("/static/"):
                        names = tuple(dict(parse_qsl(urlsplit(local).query)))
                        self.queries.setdefault((urlsplit(local).path, names), local)
                        yield local

    def ask(self, method: str, path: str, **given: Any) -> TestResponse | None:
        """One question, and a look at the answer; None where it was an error of ours."""
        self.asked += 1
        shown = f"{method} {path[:120]} {str(given.get('data', ''))[:200]}"
        try:
            answer = self.browser.client.open(path, method=method, **given)
        except Exception as error:  # noqa: BLE001  (a test client lets through what would be an answer 500)
            self.wrong.append(f"{type(error).__name__}: {str(error)[:200]} at {shown}")
            return None
        if answer.status_code >= 500 and answer.status_code != 503:
            self.wrong.append(f"{answer.status_code} at {shown}")
        if "X-Hostile" in answer.headers:
            self.wrong.append(f"a header of theirs at {shown}")
        if answer.mimetype == "text/html":
            self.wrong += [f"{told} at {shown}" for told in _markup(answer.text)]
        if urlsplit(answer.headers.get("Location", "")).netloc:
            self.wrong.append(f"sent away to {answer.location} at {shown}")
        return answer

    def fill_in(self, form: Form, values: dict[str, Any]) -> TestResponse | None:
        """Send a form with these values in place of what the page put there."""
        given = dict(form.fields) | values
        if "csrf_token" in given:
            given["csrf_token"] = self._token()
        if "nonce" in given and given["nonce"] == dict(form.fields)["nonce"]:
            given["nonce"] = secrets.token_urlsafe(24)
        if form.method == "GET":
            return self.ask("GET", f"{form.action}?{_encoded(given)}")
        if form.files:
            sent = {name: _sendable(value) for name, value in given.items()}
            return self.ask("POST", form.action, data=sent, content_type="multipart/form-data")
        return self.ask("POST", form.action, data=_encoded(given), content_type="application/x-www-form-urlencoded")

    def _token(self) -> str:
        """Some forms end the session, and some the account: then it is somebody else who goes on."""
        if self.again is not None and self.browser.get("/account").status_code != 200:
            self.browser = self.again()
        return self.browser.token()

    def attack(self, form: Form, payload: str, dice: random.Random) -> None:
        """Every field at once, one of them alone, and one that is not there."""
        open_ = [name for name in form.names if name not in ("csrf_token", "nonce")]
        content = payload.encode("utf-8", "replace")
        # The test's own client writes no half characters into a file's name.
        named = content[:200].decode("utf-8", "replace").replace("\0", "") or "x"
        files = {name: (io.BytesIO(content), named) for name in form.files}
        self.fill_in(form, {name: payload for name in open_ if name not in form.files} | files)
        if open_:
            self.fill_in(form, {dice.choice(open_): payload})

    def attack_query(self, path: str, names: Iterable[str], payload: str) -> None:
        self.ask("GET", f"{urlsplit(path).path}?{_encoded(dict.fromkeys(names, payload))}")


def _forms(page: str, form: Tag) -> Iterator[Form]:
    """The form once for each address that one of its buttons sends it to."""
    own = form.get("hx-post") or form.get("action") or page
    buttons = form.select('button:not([type="button"])') or [form]
    fields, files = _fields(form)
    for action in dict.fromkeys(str(button.get("formaction") or own) for button in buttons):
        yield Form(_here(page, action), str(form.get("method", "get")).upper(), fields, files)


def _fields(form: Tag) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    fields, files = [], []
    for each in form.find_all(["input", "select", "textarea", "button"]):
        name = each.get("name")
        if not name:
            continue
        if each.name == "input" and each.get("type") == "file":
            files.append(str(name))
            continue
        fields.append((str(name), _value(each)))
    return tuple(fields), tuple(files)


def _value(each: Tag) -> str:
    if each.name == "select":
        options = each.find_all("option")
        chosen = next((option for option in options if option.has_attr("selected")), options[0] if options else None)
        return str(chosen.get("value", chosen.text)) if chosen else ""
    return each.text if each.name == "textarea" else str(each.get("value", ""))


def _markup(text: str) -> Iterator[str]:
    if "<x-hostile" in text or "<script>hostile" in text:
        yield "markup of theirs"
    if "onhostile" in text or "javascript:hostile" in text:
        for tag in BeautifulSoup(text, "html.parser").find_all(True):
            if tag.has_attr("onhostile"):
                yield f"an attribute of theirs in {tag.name}"
            if any(str(tag.get(name, "")).strip().startswith("javascript:") for name in ("href", "src", "action")):
                yield f"a script of theirs in {tag.name}"
    if any(sign in text for sign in "\x00\x1b\x7f\x85\u202e\u2066"):
        yield "a sign that nobody sees"


def _here(page: str, place: str) -> str:
    """Within this house; empty for elsewhere."""
    parts = urlsplit(urljoin(f"http://localhost{page}", place))
    return parts._replace(scheme="", netloc="", fragment="").geturl() if parts.netloc == "localhost" else ""


def _encoded(values: dict[str, Any]) -> str:
    return urlencode({name: _sendable(value) for name, value in values.items()})


def _sendable(value: Any) -> Any:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value

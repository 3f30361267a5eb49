"""Keeps a copy of the members and shows deliveries as they happen; nothing but Python's own library.

follow.py members COPY.sqlite      the copy, as the box has it now: run it daily, and whoever left is gone from it
follow.py events                   one line per event, until it is stopped
follow.py receive PORT KEY_FILE    the same, posted by the box ([alarm:webhook] with events = yes)

PLP_URL is the box, PLP_TOKEN_FILE a file with a token for members:read and events:read, PLP_CA the box's certificate.
"""

import base64
import hmac
import json
import os
import sqlite3
import ssl
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PAUSE_S, OLDEST_S = 2, 300


def ask(path):
    """The answer as JSON. Waits as long as the box says; a problem that stays ends the program with its sentence."""
    token = Path(os.environ["PLP_TOKEN_FILE"]).read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": os.environ.get("LANG", "fr")[:2]}
    url = os.environ["PLP_URL"]
    trusted = ssl.create_default_context(cafile=os.environ.get("PLP_CA")) if url.startswith("https") else None
    while True:
        try:
            with urlopen(Request(url + path, headers=headers), context=trusted) as answer:
                return json.load(answer)
        except HTTPError as error:
            problem = json.load(error)
            if error.code not in (429, 503):
                raise SystemExit(f"{problem['code']}: {problem['detail']}") from None
            time.sleep(int(error.headers.get("Retry-After", 5)))


def members(copy):
    """Make the copy anew, in one transaction: whoever is no longer listed is no longer in it."""
    rows, after = [], 0
    while after is not None:
        page = ask(f"/api/v1/members?after={after}")
        rows += [(member["id"], json.dumps(member)) for member in page["members"]]
        after = page["next"]
    with sqlite3.connect(copy) as database:
        database.execute("CREATE TABLE IF NOT EXISTS member (id INTEGER PRIMARY KEY, whole TEXT NOT NULL)")
        database.execute("DELETE FROM member")
        database.executemany("INSERT INTO member VALUES (?, ?)", rows)
    print(f"{len(rows)} members")


class Shown:
    """The last known state of every message, and the counts by state of an alert."""

    def __init__(self):
        self.states = {}

    def line(self, event):
        """An event as a person reads it."""
        if event["type"] == "incident":
            return f"{event['at']} incident {event['state']}: {event['sentence']}"
        self.states[event["broadcast"], event["message"]] = event["state"]
        counts = Counter(state for (alert, _), state in self.states.items() if alert == event["broadcast"])
        return f"{event['at']} alert {event['broadcast']}: " + ", ".join(
            f"{n} {state}" for state, n in sorted(counts.items())
        )


def events():
    """Read on from the last number: none is missed, none comes twice."""
    shown, after = Shown(), 0
    while True:
        page = ask(f"/api/v1/events?after={after}&wait=30")
        for event in page["events"]:
            print(shown.line(event), flush=True)
        after = page["next"]
        if not page["events"]:
            time.sleep(PAUSE_S)


class Posted(BaseHTTPRequestHandler):
    """The receiver of what the box posts: refused without its signature, taken once."""

    def do_POST(self):
        """One event, or an alarm, which is of another type."""
        key, at = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "0")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mac = hmac.digest(self.server.secret, b".".join((key.encode(), at.encode(), body)), "sha256")
        right = hmac.compare_digest(f"v1,{base64.b64encode(mac).decode()}", self.headers.get("webhook-signature", ""))
        if not right or abs(time.time() - int(at)) > OLDEST_S:
            self.send_error(401)
            return
        posted = json.loads(body)
        if key not in self.server.known and posted["type"] == "plp.event":
            print(self.server.shown.line(posted["event"]), flush=True)
        self.server.known.add(key)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Nothing: what comes is printed."""


def receive(port, key_file):
    """Take what the box posts."""
    server = HTTPServer(("127.0.0.1", int(port)), Posted)
    server.secret, server.known, server.shown = Path(key_file).read_text().strip().encode(), set(), Shown()
    server.serve_forever()


if __name__ == "__main__":
    {"members": members, "events": events, "receive": receive}[sys.argv[1]](*sys.argv[2:])

"""Keeps what it learns from the box in one SQLite file, so that it may stop and start at any time; as may the box.

board.py members FILE                the copy of the members: what is new, changed or gone since the last run
board.py table FILE                  the deliveries of each alert, live, by cursor
board.py receive FILE PORT KEY_FILE  the same, posted by the box ([alarm:webhook] with events = yes)
board.py check FILE                  what was posted: each event once, and in order?

PLP_URL is the box, PLP_TOKEN_FILE a file with a token for members:read and events:read, PLP_CA the box's certificate.
PLP_FAIL=10 rehearses faults: of 100 posts 10 are answered with 500, or after PLP_LATE seconds, or not at all.
"""

import base64
import hmac
import json
import os
import random
import sqlite3
import ssl
import sys
import time
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PAUSE_S, TIMEOUT_S, OLDEST_S, LATE_S = 1, 30, 300, float(os.environ.get("PLP_LATE", "30"))
STATES = ("queued", "sent", "delivered", "undelivered", "failed", "unconfirmed", "expired", "cancelled")
SCHEMA = """
CREATE TABLE IF NOT EXISTS member (id INTEGER PRIMARY KEY, whole TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (alert INTEGER, message INTEGER, state TEXT NOT NULL, event INTEGER NOT NULL,
    PRIMARY KEY (alert, message));
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS post (row INTEGER PRIMARY KEY, webhook TEXT NOT NULL, event INTEGER NOT NULL,
    outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS post_webhook ON post (webhook);
"""


class Problem(Exception):
    """A refusal of the box: `code` is for programs, the sentence for people."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.code = problem["code"]


def ask(path):
    """The answer as JSON. Waits as long as the box says, or until it is there again."""
    token = Path(os.environ["PLP_TOKEN_FILE"]).read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": os.environ.get("LANG", "fr")[:2]}
    url = os.environ["PLP_URL"]
    trusted = ssl.create_default_context(cafile=os.environ.get("PLP_CA")) if url.startswith("https") else None
    while True:
        try:
            with urlopen(Request(url + path, headers=headers), timeout=TIMEOUT_S, context=trusted) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code not in (429, 503):
                raise Problem(json.load(error)) from None
            time.sleep(int(error.headers.get("Retry-After", PAUSE_S)))
        except (OSError, HTTPException) as error:
            print(f"the box does not answer: {error}", file=sys.stderr, flush=True)
            time.sleep(PAUSE_S)


def opened(file):
    """The file, with its tables: only its owner reads it, and whoever is removed is overwritten."""
    os.umask(0o077)
    database = sqlite3.connect(file, timeout=TIMEOUT_S)
    database.executescript(f"PRAGMA secure_delete = ON; {SCHEMA}")
    return database


def members(file):
    """Read the list, which has no changes of its own, and write what differs: whoever is not listed is removed."""
    listed, after = {}, 0
    while after is not None:
        page = ask(f"/api/v1/members?after={after}")
        listed |= {member["id"]: json.dumps(member, sort_keys=True) for member in page["members"]}
        after = page["next"]
    with opened(file) as database:
        known = dict(database.execute("SELECT id, whole FROM member"))
        differing = {number: whole for number, whole in listed.items() if known.get(number) != whole}
        gone = known.keys() - listed.keys()
        database.executemany("REPLACE INTO member VALUES (?, ?)", differing.items())
        database.executemany("DELETE FROM member WHERE id = ?", [(number,) for number in gone])
    new = len(differing.keys() - known.keys())
    print(f"{len(listed)} members: {new} new, {len(differing) - new} changed, {len(gone)} gone")


def note(database, event):
    """Keep a message's newest state, whichever way and however often the event came."""
    if event["type"] == "delivery":
        database.execute(
            "INSERT INTO delivery VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state,"
            " event = excluded.event WHERE excluded.event > event",
            (event["broadcast"], event["message"], event["state"], event["id"]),
        )


def shown(database):
    """The table as text: an alert a line, a state a column."""
    lines = ["alert " + "".join(f"{state:>12}" for state in STATES)]
    counts = {}
    for alert, state, count in database.execute("SELECT alert, state, count(*) FROM delivery GROUP BY 1, 2"):
        counts.setdefault(alert, {})[state] = count
    for alert, of in sorted(counts.items()):
        lines.append(f"{alert:<6}" + "".join(f"{of.get(state, 0):>12}" for state in STATES))
    return "\n".join(lines)


def table(file):
    """Read on from the number in the file, which is written together with what it stands for."""
    database = opened(file)
    (after,) = database.execute("SELECT coalesce(max(next), 0) FROM cursor").fetchone()
    clear, last = "\x1b[2J\x1b[H" if sys.stdout.isatty() else "", None
    while True:
        try:
            page = ask(f"/api/v1/events?after={after}")
        except Problem as problem:
            if problem.code != "events_lost":
                raise
            page = {"events": [], "next": 0}
            with database:
                database.execute("DELETE FROM delivery")
        with database:
            for event in page["events"]:
                note(database, event)
            database.execute("REPLACE INTO cursor VALUES (1, ?)", (page["next"],))
        after, text = page["next"], shown(database)
        if text != last:
            print(clear + text, flush=True)
            last = text
        if not page["events"]:
            time.sleep(PAUSE_S)


class Posted(BaseHTTPRequestHandler):
    """What the box posts: refused without its signature, and kept before it is answered."""

    def do_POST(self):
        """An event; alarms, which are of another type, are only accepted."""
        key, at = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "0")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mac = hmac.digest(self.server.secret, b".".join((key.encode(), at.encode(), body)), "sha256")
        right = hmac.compare_digest(f"v1,{base64.b64encode(mac).decode()}", self.headers.get("webhook-signature", ""))
        fault = None
        if not right or abs(time.time() - int(at)) > OLDEST_S:
            fault = "forged"
        elif random.random() * 100 < self.server.fail:
            fault = random.choice(("500", "late", "closed"))
        posted = json.loads(body) if fault != "forged" else {"type": ""}
        if posted["type"] == "plp.event":
            self.keep(key, posted["event"], fault)
        if fault == "late":
            time.sleep(LATE_S)
        elif fault != "closed":
            self.send_response({None: 204, "500": 500, "forged": 401}[fault])
            self.send_header("Content-Length", "0")
            self.end_headers()

    def keep(self, key, event, fault):
        """Note the event once; "again" is one that was kept, but whose answer the box did not get."""
        with opened(self.server.file) as database:
            known = "SELECT 1 FROM post WHERE webhook = ? AND outcome IN ('once', 'closed', 'late')"
            outcome = "again" if database.execute(known, (key,)).fetchone() else fault or "once"
            database.execute("INSERT INTO post VALUES (NULL, ?, ?, ?)", (key, event["id"], outcome))
            if outcome not in ("again", "500"):
                note(database, event)

    def log_message(self, *_):
        """Nothing: what comes is in the file."""


def receive(file, port, key_file):
    """Take what the box posts."""
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Posted)
    server.file, server.secret = file, Path(key_file).read_text().strip().encode()
    server.fail = float(os.environ.get("PLP_FAIL", "0"))
    server.serve_forever()


def check(file):
    """Count the posts by outcome, the events that were kept, and those that came behind a later one."""
    database = opened(file)
    kept = "FROM post WHERE outcome IN ('once', 'closed', 'late')"
    behind = f"SELECT event, max(event) OVER (ORDER BY row) AS newest {kept}"
    outcomes = database.execute("SELECT outcome, count(*) FROM post GROUP BY 1 ORDER BY 1")
    print("posts: " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes))
    posts, events = database.execute(f"SELECT count(*), count(DISTINCT event) {kept}").fetchone()
    (late,) = database.execute(f"SELECT count(*) FROM ({behind}) WHERE event < newest").fetchone()
    print(f"kept: {posts}, of {events} events; behind a later one: {late}")


if __name__ == "__main__":
    try:
        {"members": members, "table": table, "receive": receive, "check": check}[sys.argv[1]](*sys.argv[2:])
    except Problem as refusal:
        sys.exit(str(refusal))

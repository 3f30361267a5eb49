"""A whole run leaves no number and no text in a log, a metric, an error page or a transcript."""

import re
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from db.engine.clock import utc_now
from db.inbound.replies.thread import replies
from db.models.modem_records import ModemAnswer
from db.people.members.listing import Filter, members
from plp.services.forgetting import forget_member
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TEXT = "Fumée toxique rue de la Station. Répondez OK si tout va bien."
REPLY = "Où est Zwingelberg ?"
WORDS = ("toxique", "Zwingelberg", "Prénom1 Nom1", "Nom3")
# As stored, as people write it, and as it stands in a PDU, with any two digits at the end.
NUMBERS = re.compile(r"4701000\d\d|0470[ .]?10[ .]?00|2374100000|4+7+0+1+0+0+0+\d\d\b")


def asked(box, path):
    try:
        return urlopen(f"http://127.0.0.1:{box.port}{path}", timeout=10).read().decode()
    except HTTPError as error:
        return error.read().decode()


def found(name, text):
    return [f"{name}: {each}" for each in (*(word for word in WORDS if word in text), *NUMBERS.findall(text))]


def test_no_number_and_no_text_is_in_any_log_metric_or_error_page(make_box):
    box = make_box("a")
    with box.config.open("a") as config:
        config.write("[log]\nlevel = debug\n")
    box.start_simulator("a", "--control", "a.control")
    box.import_members(4)
    for process in ("modem", "jobs", "console"):
        box.start(process)
    eventually("a modem", box.ready_modems)
    alert = box.send(TEXT)
    eventually("all delivered", lambda: box.counts(alert) == {"delivered": 4})
    for sender, text in ((0, "OK"), (1, REPLY), (2, "STOP")):
        world(box, f"inbound {mobile(sender)} {text}")

    def came():
        with box.reading():
            return replies(alert)

    eventually("one said OK, one asks", lambda: (came().ok_total, len(came().others)) == (1, 1))
    refused = box.plp("broadcast", "send", "--to", mobile(99), "--text", TEXT, "--yes", status=1)
    assert "numéro" in refused  # told to whoever typed it, and to nobody else
    with box.reading():
        forget_member(members(Filter("Nom3")).rows[0].id, "test", utc_now())
    eventually("the console", lambda: "PLP" in _page(box, "/login"))
    asked(box, f"/members?search={mobile(1)}")  # the address shows it to whoever typed it, and the log must not
    pages = {path: asked(box, path) for path in ("/login", "/metrics", "/healthz", "/nulle-part")}
    eventually("who left is told", lambda: "START" in str(box.log("a")))
    with box.reading():
        pages["transcripts"] = "\n".join(row.text for row in ModemAnswer.select())
    box.close()
    logs = {path.name: path.read_text(errors="replace") for path in box.folder.rglob("*") if _is_log(path)}
    assert "GET /members" in logs["stderr.log"]
    assert [trace for name, text in (logs | pages).items() for trace in found(name, text)] == []


def _page(box, path):
    with suppress(OSError):
        return asked(box, path)
    return ""


def _is_log(path):
    """Files that are neither the database nor the simulated network's own books."""
    return path.is_file() and ".db" not in path.name and not path.name.endswith((".jsonl", ".pdf"))

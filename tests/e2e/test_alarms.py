"""The alarms in real processes: an incident reaches a mailbox and the duty phone, the morning its mail."""

import pytest

from db.engine.clock import utc_now
from db.operations.incidents import open_incident
from tests.e2e.box import eventually

pytestmark = pytest.mark.slow

DUTY = "+32470000099"
CONFIG = """[mail]
smtp = 127.0.0.1:{port}
from = plp@zone.example.be
domain_per_minute = 0
daily_at = 00:00
[plan_b]
password_file = secret
at = 00:00
"""


def test_an_incident_a_morning_and_a_night(make_box, office):
    box = make_box("a", sending=f"undo_seconds = 0\nduty_phone = {DUTY}")
    with box.config.open("a") as config:
        config.write(CONFIG.format(port=office.port))
    (box.folder / "secret").write_text("correct horse battery")
    (box.folder / "secret").chmod(0o600)
    box.plp("user", "add", "luc", "--role", "technician", "--email", "luc@example.org")
    box.start_simulator("a")
    box.start("modem")
    eventually("a ready modem", lambda: box.ready_modems() == 1)
    with box.reading():
        open_incident("power", "box", "Le courant est coupé : la batterie tient une heure.", utc_now())
    box.start("jobs")
    subjects = eventually("three mails", lambda: len(office.mails) == 3 and {mail.subject for mail in office.mails})
    assert "Votre compte de la console a été modifié" in subjects
    assert "Incident technique : Le courant est coupé : la batterie tient une heure." in subjects
    assert any(subject.startswith("1 incident technique à vérifier · PLP, ") for subject in subjects)
    assert set(office.readers) == {"luc@example.org"}
    (taken,) = eventually("a text", lambda: box.log("a"))
    assert taken["to"] == DUTY
    assert taken["text"] == "PLP INCIDENT: Le courant est coupé : la batterie tient une heure."
    eventually("an archive", lambda: list((box.folder / "var" / "plan-b").glob("plan-b-*.zip")))

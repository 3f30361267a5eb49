"""Every outside server at its worst at once: alarms go out by the other channels, and the watchdog sees nobody hang."""

import threading
import time

import pytest

from base import watchdog
from base.settings.reading import load_settings
from db.mail.enqueue import send_as
from db.models.incidents import AlarmTold, Incident
from db.models.mail import Mail
from plp.jobs import scheduler
from plp.jobs.alarms import telling
from plp.jobs.alarms.channels import webhook
from plp.jobs.imap import session
from plp.jobs.smtp import connection
from plp.services.accounts.rights import add_account
from plp.services.machine import AT_ONCE, Trouble
from rules.sentences import coded
from tests.plp.jobs.hostile_server import dripping, endless, server, silent

pytestmark = pytest.mark.processes

CONFIG = """[database]
host = box
[mail]
smtp = 127.0.0.1:{smtp}
from = plp@zone.example.be
imap = 127.0.0.1:{imap}
imap_user = plp
imap_password_file = secret
[alarm:webhook]
url = http://127.0.0.1:{hook}/plp
secret_file = secret
private = 127.0.0.1
[proof]
at =
"""
WAYS = {
    "dripping": dripping(b"220 here\r\n", b"250-X\r\n"),
    "endless": endless(b"220 here\r\n", b"250-X\r\n"),
    "silent": silent,
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_alarms_go_out_while_every_server_is_at_its_worst(way, database, tmp_path, now, monkeypatch):
    for module, name in ((connection, "CONNECT_S"), (webhook, "STEP_S"), (session, "TIMEOUT_S")):
        monkeypatch.setattr(module, name, 1.0)
    monkeypatch.setattr(webhook, "WHOLE_S", 3.0)
    full = Trouble("disk", "box", coded("disk_full", host="box", megabytes=1), AT_ONCE)
    monkeypatch.setattr(telling, "findings", lambda *_: [full])
    add_account("Zoé", ["technician"], None, "test", now, email="zoe@example.be")
    (tmp_path / "var").mkdir()
    (tmp_path / "secret").write_text("s" * 40)
    stop = threading.Event()
    with server(WAYS[way]) as smtp, server(WAYS[way]) as imap, server(WAYS[way]) as hook:
        (tmp_path / "config.ini").write_text(CONFIG.format(smtp=smtp, imap=imap, hook=hook))
        settings = load_settings(tmp_path / "config.ini")
        send_as(settings.mail)
        with scheduler.running(scheduler.ERRANDS, settings, stop):
            until_s = time.monotonic() + 20
            while time.monotonic() < until_s and not AlarmTold.select().where(AlarmTold.channel == "mail").exists():
                stop.wait(0.1)
            stop.wait(4.0)
            assert watchdog.overdue(time.monotonic()) == []
    disk = Incident.get(kind="disk")
    assert [row.channel for row in AlarmTold.select().where(AlarmTold.incident == disk)] == ["mail"]
    assert Mail.select().where(Mail.key.startswith("alarm:")).exists()

"""A box without a fault, and ways to spoil it."""

from datetime import datetime, timedelta
from pathlib import Path

from base.settings.values import ZoneSettings
from db.engine.connection import bind
from db.models.incidents import JobRun
from db.models.zone import DirectoryEntry, Heartbeat, Modem, Zone
from db.modems import status
from db.operations.installation import Installation
from db.people.zone import create_zone
from plp.services.certificates import made
from rules.readiness import PROCESSES
from rules.sentences import coded
from tests.support.journal import copied
from tests.support.people import person

CONFIG = """[zone]
name = Zone d'essai
[database]
host = box
[console]
listen = 127.0.0.1:0
certificate = tls.crt
key = tls.key
[modem:a]
device = tty
number = +32470000001
pin_file = pin
[sending]
duty_phone = +32470000002
[mail]
from = plp@example.be
[backup]
recipient = age15w6p80lkrzqjev5yqle9thex0wgm8dl0c4rysym8cht89n4ztgdqzwetu4
to = kept
same_disk = yes
"""
READY = {"device": "tty", "state": "ready", "sentence": "", "model": "Quectel EC25", "technology": "4G"}
READY |= {"imsi": "206010000000001", "signal_dbm": -70}
# Of the sentences of a daemon, any value that one of them has.
VALUES = {"holder": "minicom", "owner": "b", "path": "tty", "found": "1", "wanted": "2", "other": "b", "stage": "AT"}
VALUES |= {"who": "X", "reason": "panne"}


class Box:
    """Its folder, and its database."""

    def __init__(self, folder: Path, seeded: Path, now: datetime) -> None:
        self.folder, self.now = folder, now
        for name in ("var", "kept"):
            (folder / name).mkdir()
        copied(seeded, folder / "var/plp.db")
        pem, key = made(["box"], now)
        for name, content in {"tls.crt": pem, "tls.key": key, "pin": b"1234", "config.ini": CONFIG.encode()}.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
        (folder / "kept" / "plp-box-2026-01-01-023000.age").touch()
        bind("sqlite:///var/plp.db", folder)
        with self.installation.open_database():
            Zone.delete().execute()
            create_zone(ZoneSettings("Zone d'essai", "9999", "101", "04/000 00 00"))
            DirectoryEntry.create(service="Technicien", purpose="", contact="0470 00 00 03", position=1)
            person(1, now)
            JobRun.create(name="backup/box", slot="x", host="box", started_at=now, ended_at=now)
        self.modem()

    @property
    def installation(self) -> Installation:
        """As config.ini is now."""
        return Installation(self.folder / "config.ini")

    def modem(self, state: str = "ready", reason: str = "", **columns: object) -> None:
        """The daemon lives and says this of modem `a`."""
        sentence = {"sentence": coded(reason, **VALUES).stored} if reason else {}
        with self.installation.open_database():
            for process in PROCESSES:  # alive for as long as a test takes
                status.beat("box", process, 1, self.now + timedelta(minutes=2))
            status.save_modem("box", "a", READY | {"state": state} | sentence | columns, self.now)

    def no_daemon(self) -> None:
        """The doctor asks the modem itself."""
        with self.installation.open_database():
            Heartbeat.delete().execute()
            Modem.delete().execute()

    def config(self, before: str, after: str) -> None:
        path = self.folder / "config.ini"
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))

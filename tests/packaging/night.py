"""A night of an installed box, in a minute: what its three units do by themselves, with the rights that they have."""

import json
import re
import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from rules.calendar import LOCAL, SPREAD, last_hour
from tests.packaging.box import UNITS, Box, as_user, check, eventually, main_pid, ready, told
from tests.packaging.technician import CONFIG, visit, write

SECRET = "/etc/plp-alerte/secrets/plan-b"
SETTINGS = f"""[mail]
smtp = 127.0.0.1:2525
from = plp@zone.example.be
daily_at = 00:00
[plan_b]
password_file = {SECRET}
at = 00:00
[backup]
at = 00:00
[proof]
at = {{hours}}
"""
# Of the database, as the program tells it.
ASK = """
import json
from pathlib import Path
from db.engine.clock import utc_now
from db.models.incidents import JobRun
from db.modems.proof import newest_proofs
from db.modems.status import modem_cards
from db.operations.incidents import open_incidents
from db.operations.installation import Installation
with Installation(Path("/etc/plp-alerte/config.ini")).open_database():
    cards = modem_cards(utc_now())
    print(json.dumps({
        "imsis": [card.imsi for card in cards],
        "proofs": [proof.state for card in cards for proof in newest_proofs(card)[:1]],
        "arrived": [bool(proof.arrived_at) for card in cards for proof in newest_proofs(card)[:1]],
        "runs": sorted({run.name.partition("/")[0] for run in JobRun.select() if run.ended_at}),
        "incidents": [card.sentence for card in open_incidents()],
    }))
"""
RUNS = {"backup", "daily", "plan_b"}
RETENTION_AT = time(4, 15)
# In the log of a unit that could not do what it should.
TROUBLE = re.compile("Traceback|failed|could not|not permitted|Permission denied", re.IGNORECASE)


def asked(box: Box) -> dict[str, list[str]]:
    return json.loads(as_user(box, "plp-jobs", "/usr/lib/plp-alerte/venv/bin/python", "-c", ASK))


def next_hours(imsis: list[str]) -> str:
    """Hours of [proof] at which each of these cards proves itself soon, but not before the units run again."""
    now = datetime.now(UTC) + timedelta(seconds=40)
    hours = [
        (now.astimezone(LOCAL) - timedelta(minutes=back)).time().replace(second=0, microsecond=0)
        for back in range(int(SPREAD.total_seconds() / 60) + 1)
    ]

    def next_moment(at: time, imsi: str) -> datetime:
        # A moment falls within SPREAD after its hour: the newest one by then, where that is still to come.
        moment = last_hour([at], imsi, now + SPREAD)
        return moment if moment is not None and moment > now else now + SPREAD

    chosen = {min(hours, key=lambda at, imsi=imsi: next_moment(at, imsi)) for imsi in imsis}
    return ", ".join(f"{at:%H:%M}" for at in sorted(chosen))


def prepared(box: Box) -> None:
    """All that a zone may set up, at an hour that is over."""
    shutil.copyfile(Path(__file__).with_name("mailbox.py"), box.root / "root/mailbox.py")
    box.run("systemd-run", "--unit=mailbox", "/usr/bin/python3", "/root/mailbox.py", "/root/mails")
    box.run("sh", "-c", f"echo 'quatre mots sans rapport' > {SECRET} && chown plp-jobs {SECRET} && chmod 600 {SECRET}")
    box.run("plp", "user", "add", "Luc Exemple", "--role", "technician", "--email", "luc@example.org")
    write(box.root / CONFIG, SETTINGS.format(hours=next_hours(asked(box)["imsis"])))
    box.run("systemctl", "restart", *UNITS)


def night(box: Box, secret: str) -> None:
    """Plan B, a backup by the unit, the morning's mail, retention, and a proof of life from each card to the other."""
    wanted = RUNS | ({"retention"} if datetime.now(LOCAL).time() > RETENTION_AT else set())
    with told("a night: plan B, backup, mail, proof of life, retention"):
        prepared(box)
        eventually("two modems are ready", lambda: ready(box))
        eventually(f"{wanted} are done", lambda: wanted <= set(asked(box)["runs"]))
        mails = box.root / "root/mails"
        eventually("the morning's mail is there", lambda: mails.exists() and b"luc@example.org" in mails.read_bytes())
        data = box.root / "var/lib/plp-alerte/plan-b"
        check([*data.glob("plan-b-*.zip")] != [], "the export of the night")
        eventually("both cards have proven themselves", lambda: asked(box)["proofs"] == ["delivered"] * 2, 600)
        eventually("and heard each other", lambda: all(asked(box)["arrived"]))
    check(asked(box)["incidents"] == [], f"incidents: {asked(box)['incidents']}")
    said = box.run("plp", "check")
    check(re.search("ok    plan de secours : export chaque nuit", said) is not None, said)
    sheet = visit(box, "https://localhost:8443/login", secret, "/plan-b/police")
    check("imprimé par" in sheet, sheet)
    with told("each within its rights and its memory"):
        within(box)


def within(box: Box) -> None:
    """The units' logs tell of nothing refused, their memory is below its ceiling, and secrets are apart."""
    logs = box.ask("journalctl", "--output=cat", *(f"--unit={unit}" for unit in UNITS))
    check(not (wrong := [line for line in logs.splitlines() if TROUBLE.search(line)]), f"in the log: {wrong[:5]}")
    for unit in UNITS:
        most = int(box.ask("systemctl", "show", "-p", "MemoryMax", "--value", unit))
        status = box.ask("cat", f"/proc/{main_pid(box, unit)}/status")
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
        check(peak < most / 2, f"{unit}: {peak} of {most} bytes")
        print(f"         {unit}: {peak // 1024**2} MB at most, of {most // 1024**2}")
    as_user(box, "plp-modem", "cat", "/var/lib/plp-alerte/console/secret.key", status=1)
    as_user(box, "plp-jobs", "cat", "/var/lib/plp-alerte/console/secret.key")

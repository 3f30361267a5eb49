"""Try the Debian package as a box would: `python -m tests.packaging.trial PACKAGE.deb`, as root, with debootstrap.

In fresh trees of its release, without a network, with systemd as process 1 in namespaces of their own: what the
guide's chapter on installation says, by the letter (installed, put into service, backed up, restored in another tree);
then a night, a frozen modem process, upgraded with data and with links of an attacker in the way, an upgrade whose
migration fails, purged. Says how long each took; ends
with status 1 at the first thing that is not so.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from tests.packaging.box import (
    NUMBERS,
    UNITS,
    Box,
    active,
    alert,
    all_out,
    as_user,
    check,
    eventually,
    fresh_tree,
    install,
    main_pid,
    ordered,
    ready,
    simulators,
    told,
)
from tests.packaging.night import night
from tests.packaging.technician import follow, visit, write

RELEASES = {"deb12": "bookworm", "deb13": "trixie"}
MIGRATIONS = "usr/lib/plp-alerte/venv/lib/python3.*/site-packages/db/migrations"
GOOD = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE trial_{n} (id INTEGER)')\n"
BAD = GOOD + "    raise RuntimeError('a migration that fails')\n"
# Later versions of the package, and their migrations.
LATER = {"98.0+trial": {1: GOOD}, "99.0+trial": {1: GOOD, 2: BAD}}
CONFIG = "".join(
    f"[modem:{name}]\ndevice = /var/lib/plp-alerte/{name}.tty\nnumber = {NUMBERS[name]}\n" for name in NUMBERS
)
PEOPLE = 200
# To `plp setup`, one line for each question: the zone; the first admin; the modems, which are simulated, and listed; a
# test SMS by the first one; the technician's number; the members; neither mail nor a backup yet, nor a look at the
# machine.
ZONE = "Zone d'essai\n5278\n101\n04/000 00 00\n"
ANSWERS = ("y\n" + ZONE + "y\n" + "y\n" + "y\na\n" + "y\n0400 00 00 00\n" + "y\nlist.csv\n" + "n\n" * 3, 1)


def variant(package: Path, folder: Path, version: str, migrations: dict[int, str]) -> Path:
    """The package under another version, with more migrations."""
    tree = folder / version
    subprocess.run(["dpkg-deb", "-R", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    lines = [
        f"Version: {version}" if line.startswith("Version:") else line for line in control.read_text().splitlines()
    ]
    control.write_text("\n".join(lines) + "\n")
    for number, code in migrations.items():
        next(tree.glob(MIGRATIONS)).joinpath(f"9{number:03}_trial.py").write_text(code.format(n=number))
    made = folder / f"{version}.deb"
    subprocess.run(
        ["dpkg-deb", "-Znone", "--root-owner-group", "-b", str(tree), str(made)], check=True, stdout=subprocess.DEVNULL
    )
    shutil.rmtree(tree)
    return made


def out_twice(box: Box) -> int:
    """Members to whom one text went twice. The duty phone may well be told the same again."""
    seen, twice = set(), 0
    for name in "ab":
        for line in (box.root / f"var/lib/plp-alerte/{name}.jsonl").read_text().splitlines():
            record = json.loads(line)
            if str(record.get("to")).startswith("+324701") and "text" in record:
                key = (record["to"], record["text"])
                twice += key in seen
                seen.add(key)
    return twice


def brought(box: Box, package: Path) -> Path:
    """The folder with the package and its checksum."""
    folder = box.root / "root/plp"
    folder.mkdir()
    shutil.copyfile(package, folder / package.name)
    (folder / "SHA256SUMS").write_text(f"{sha256(package.read_bytes()).hexdigest()}  {package.name}\n")
    return folder


def by_the_guide(box: Box, package: Path) -> str:
    """A new technician with the guide; returns the secret of the admin's authenticator."""
    folder = brought(box, package)
    with told("guide: installed without a network, three units active"):
        said = follow(box, "Installer le paquet", {})
        eventually("the units are active", lambda: active(box))
    check(f"{package.name}: OK" in said, "the checksum")
    check("Empreinte SHA-256" in said, "the certificate's fingerprint")
    check("plp-alerte " in box.run("plp", "--version"), "plp --version")
    check(box.root.joinpath("usr/share/man/man1/plp.1.gz").exists(), "the manual")
    rows = "".join(f"P{n},N{n},+324701{n:05},,fr,Q,member\n" for n in range(PEOPLE))
    (folder / "list.csv").write_text("first_name,last_name,mobile,email,language,neighbourhood,role\n" + rows)
    with told('guide: two modems plugged in, a test SMS, the first admin with a second factor, "Prêt"'):
        write(box.root / "etc/plp-alerte/config.ini", CONFIG)
        simulators(box)
        box.run("systemctl", "restart", "plp-modem")
        eventually("two modems are ready", lambda: ready(box))
        said = follow(box, "Mettre en service", {"sudo plp setup": ANSWERS})
        link = re.search(r"https://[^:]+(:8443/setup/\S+)", said)
        check(link is not None and "reçu (accusé de réception)" in said, said)
        secret = visit(box, f"https://localhost{link[1]}")
    left = box.run("plp", "setup", "--list", status=1)
    check("ok    la zone" in left and "MANQUE une sauvegarde" in left, left)
    check("répondez" not in said, said)  # each answer went to its question
    return secret


def backed_up_and_restored(box: Box, other: Box, package: Path, secret: str) -> None:
    """By the guide, on another tree, which then has the same console and sends."""
    (box.root / "root/safe").mkdir()
    with told("guide: backed up"):
        said = follow(box, "La sauvegarde", {})
    check("est entière" in said and "NON" not in said, said)
    fingerprint = box.run("plp", "certificate", "show")
    kept = Path(f"/proc/{box.init}/root/media/backup")
    name = max(path.name for path in kept.glob("plp-*.age"))
    shutil.copytree(kept, other.root / "root/stick")
    shutil.copytree(box.root / "root/safe", other.root / "root/safe")
    brought(other, package)
    # As the guide's first step says: backups are of the machine of this name.
    other.run("hostname", box.root.name)
    with told("guide: another tree: installed, restored, the same console, two modems ready"):
        follow(other, "Installer le paquet", {})
        simulators(other)
        follow(other, "Après la perte du disque", {}, **{"plp-": name.removeprefix("plp-").removesuffix(".age")})
        eventually("the units are active", lambda: active(other))
        eventually("two modems are ready", lambda: ready(other))
        visit(other, "https://localhost:8443/login", secret)
    check(other.run("plp", "certificate", "show") == fingerprint, "the same certificate")
    check(alert(other, "Essai du second serveur") == PEOPLE, "everybody has it")


def hung(box: Box) -> None:
    before = main_pid(box, "plp-modem")
    with told("the modems' process frozen (SIGSTOP), until another one is ready"):
        box.run("systemctl", "kill", "-s", "STOP", "--kill-whom=main", "plp-modem")
        eventually("another process", lambda: main_pid(box, "plp-modem") not in (before, "0"))
        eventually("two modems are ready", lambda: ready(box))
    check(alert(box, "Essai deux") == PEOPLE, "everybody has it")


def attacked(box: Box, newer: Path) -> None:
    """A process of the modems that was broken into puts links in the way of an upgrade, and of what root calls."""
    victim = box.root / "etc/victim"
    victim.write_text("root's")
    before = victim.stat()
    for name in ("plp.db.before-upgrade", "plp.db.migrate.lock", ".journal.heads.part"):
        link = f"rm -f {name} && ln -s /etc/victim {name}"
        as_user(box, "plp-modem", "sh", "-c", f"cd /var/lib/plp-alerte && {link}")
    with told("an upgrade with an attacker's links in the way: nothing outside is written"):
        said = install(box, newer, status=1)
        check("the previous version goes on" in said, said)
        box.run("plp", "migrate", status=1)
    after = victim.stat()
    check(victim.read_text() == "root's", "the victim's content")
    check((after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode), "its owner")
    as_user(box, "plp-modem", "sh", "-c", "cd /var/lib/plp-alerte && find . -maxdepth 1 -lname /etc/victim -delete")
    victim.unlink()


def upgraded_in_mid_alert(box: Box, newer: Path) -> None:
    """With data, while half of an alert of two SMS each is out: the rest follows, nothing is lost or sent twice."""
    text = "Essai pendant la mise a jour. " * 8
    logs = [box.root / f"var/lib/plp-alerte/{name}.jsonl" for name in NUMBERS]

    def whole() -> int:
        return sum(log.read_text().count(text.strip()) for log in logs)

    with told("upgraded in the middle of an alert"), ThreadPoolExecutor(1) as other:
        number = ordered(box, text)
        eventually("the first SMS are out", lambda: whole() > PEOPLE / 10)
        installed = other.submit(install, box, newer)
        eventually("the modems' unit is stopped", lambda: box.ask("systemctl", "is-active", "plp-modem") != "active")
        midway = whole()
        installed.result()
        eventually("the units are active", lambda: active(box))
    check(midway < PEOPLE, "the alert was over before the upgrade")
    print(f"         {midway} of {PEOPLE} messages were out when the units stopped")
    eventually("two modems are ready", lambda: ready(box))
    check(all_out(box, number) == PEOPLE, "everybody has it")
    check(whole() == PEOPLE, f"{whole()} messages instead of {PEOPLE}")


def upgraded(box: Box, newer: Path, broken: Path) -> None:
    config = (box.root / "etc/plp-alerte/config.ini").read_text()
    attacked(box, newer)
    upgraded_in_mid_alert(box, newer)
    check((box.root / "etc/plp-alerte/config.ini").read_text() == config, "the configuration stays")
    check(len(box.json("member", "list")) == PEOPLE, "the members stay")
    check(alert(box, "Essai trois") == PEOPLE, "everybody has it")
    with told("an upgrade whose migration fails: the version before goes on"):
        said = install(box, broken, status=1)
        check("the previous version goes on" in said, said)
        eventually("the units are active", lambda: active(box))
    eventually("two modems are ready", lambda: ready(box))
    check(alert(box, "Essai quatre") == PEOPLE, "everybody has it")
    with told("the version before installed again"):
        install(box, newer)
        eventually("the units are active", lambda: active(box))
    check(not (box.root / "usr/lib/plp-alerte/previous").exists(), "nothing is left of going back")
    eventually("two modems are ready", lambda: ready(box))
    check(alert(box, "Essai cinq") == PEOPLE, "everybody has it")
    check(out_twice(box) == 0, "nothing twice")


def purged(box: Box) -> None:
    shutil.rmtree(box.root / "root/plp")
    with told("removed and purged; the data only after a yes"):
        box.run("dpkg", "-P", "plp-alerte")
        check((box.root / "var/lib/plp-alerte/plp.db").exists(), "without a yes the data stays")
        shutil.copyfile(box.root / "root/newer.deb", box.root / "root/package.deb")
        box.run("dpkg", "-i", "/root/package.deb")
        box.run("sh", "-c", "echo plp-alerte plp-alerte/purge boolean true | debconf-set-selections")
        box.run("systemctl", "stop", "sim-a", "sim-b")
        box.run("dpkg", "-P", "plp-alerte")
    kept = box.ask(
        "find",
        "/",
        "-xdev",
        "(",
        "-path",
        "/proc",
        "-o",
        "-path",
        "/sys",
        ")",
        "-prune",
        "-o",
        "-name",
        "*plp*",
        "-print",
    )
    check(kept == "", f"left behind: {kept}")
    check("plp" not in box.ask("getent", "passwd") + box.ask("getent", "group"), "no user is left")


def main(package: Path) -> None:
    release = next(name for debian, name in RELEASES.items() if f"+{debian}_" in package.name)
    with tempfile.TemporaryDirectory(prefix="plp-trial-") as temporary:
        folder = Path(temporary)
        with told("two fresh trees, and two later packages"):
            box, other = (Box(fresh_tree(folder / name, release)) for name in ("box", "other"))
            newer, broken = (variant(package, folder, *each) for each in LATER.items())
            shutil.copyfile(newer, box.root / "root/newer.deb")
        try:
            with told("booted systemd as process 1, twice"):
                box.start()
                other.start()
            secret = by_the_guide(box, package)
            backed_up_and_restored(box, other, package, secret)
            other.stop()
            night(box, secret)
            hung(box)
            upgraded(box, newer, broken)
            purged(box)
        except Exception:
            if box.init:
                print(
                    box.ask("journalctl", "--output=short-precise", "--lines=60", *(f"--unit={unit}" for unit in UNITS))
                )
            raise
        finally:
            box.stop()
            other.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

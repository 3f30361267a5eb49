"""Follow docs/several-machines.md with the package: `python -m tests.packaging.postgres PACKAGE.deb`, as root, with
debootstrap. A server with Debian's PostgreSQL and two boxes, in fresh trees on a network of their own: the commands of
the document typed, its lines written as they stand, until an alert is sent by both boxes, and again with a role for
each process. About a minute and a half, and minutes more for the first trees: not part of `make test`.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.packaging.box import NUMBERS, ROOT, Box, active, alert, check, eventually, fresh_tree, install, told
from tests.packaging.technician import CONFIG, write

PEOPLE = 40
SERVER, BOXES = ("db", "192.0.2.7"), {"nord": "192.0.2.11", "sud": "192.0.2.12"}
SECRET, ROLES = "mot de passe à moi", {"plp-console": "un autre", "plp-modem": "un troisième"}
# What a command asks, by its words.
TYPED = {"createuser": f"{SECRET}\n{SECRET}\n", "database.password'": f"{SECRET}\n"} | {
    f"\\password {role}": f"{word}\n{word}\n" for role, word in ROLES.items()
}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
KEYS, BRIDGE = "mkdir /root/keys", "plptrial"
ZONE = "Zone d'essai\n5278\n101\n04/000 00 00\n"


def blocks(heading: str) -> Iterator[tuple[str, str]]:
    """Kind ("" for commands) and content of each block of text below this heading of the document."""
    document = (ROOT / "docs/several-machines.md").read_text(encoding="utf-8")
    section = document.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    check(bool(section), heading)
    for indent, kind, content in re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL):
        yield kind, re.sub(rf"^{indent}", "", content, flags=re.MULTILINE)


def commands(content: str) -> list[str]:
    """The commands of a block; a loop is one."""
    return re.findall(r"^(?:for .*?^done|.+?)$", content, re.MULTILINE | re.DOTALL)


def follow(box: Box, heading: str, skipped: str = "\0") -> str:
    """Do what stands below this heading, but for blocks with the words `skipped`. Returns the output."""
    said = ""
    for kind, content in blocks(heading):
        if skipped in content:
            continue
        if kind == "ini":
            write(box.root / CONFIG, content)
            continue
        for line in commands(content):
            if not line.startswith("sudo apt"):  # the tree has it: a box has no network
                typed = next((answer for words, answer in TYPED.items() if words in line), "")
                said += box.run("bash", "-c", f"cd /root && {line}", typed=typed)
    return said


def tree_with(kept: str, tree: Path, *packages: str) -> Path:
    """A fresh tree with further packages, kept in build/ for the next time."""
    file = ROOT / "build" / f"debootstrap-{kept}.tar"
    if file.exists():
        tree.mkdir()
        subprocess.run(["tar", "-C", str(tree), "-xf", str(file)], check=True)
    else:
        fresh_tree(tree, "trixie")
        quiet = tree / "usr/sbin/policy-rc.d"  # nothing is started while it is installed
        quiet.write_text("#!/bin/sh\nexit 101\n")
        quiet.chmod(0o755)
        shutil.copyfile("/etc/resolv.conf", tree / "etc/resolv.conf")
        get = [
            "chroot",
            str(tree),
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-qq",
            "--no-install-recommends",
        ]
        subprocess.run([*get, "update"], check=True, **QUIET)
        subprocess.run([*get, "install", "-y", "sudo", *packages], check=True, **QUIET)
        quiet.unlink()
        subprocess.run(["tar", "-C", str(tree), "-cf", str(file), "."], check=True)
    (tree / "etc/hostname").write_text(f"{tree.name}\n")
    (tree / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {tree.name}\n")
    return tree


def connect(box: Box, address: str) -> None:
    """Plug the box into the network."""
    outside, inside = f"plp{box.init}", f"plq{box.init}"
    for command in (
        f"ip link add {outside} type veth peer name {inside}",
        f"ip link set {outside} master {BRIDGE} up",
        f"ip link set {inside} netns {box.init} name eth0",
    ):
        subprocess.run(command.split(), check=True)
    for command in (f"ip addr add {address}/24 dev eth0", "ip link set eth0 up", f"hostname {box.root.name}"):
        box.run(*command.split())


def modem(box: Box, number: str) -> None:
    """A simulated modem as the user that owns its port, and its section."""
    data = "/var/lib/plp-alerte"
    box.run("systemd-run", "--unit=sim-a", "--uid=plp-modem", "--gid=plp-data",
            "/usr/lib/plp-alerte/venv/bin/python", "-m", "modem.sim", "--link", f"{data}/a.tty",
            "--log", f"{data}/a.jsonl", "--submit-ms", "50", "--number", number)  # fmt: skip
    write(box.root / CONFIG, f"[modem:a]\ndevice = {data}/a.tty\nnumber = {number}\n")


def sent(box: Box) -> int:
    """How many SMS its modem took."""
    return (box.root / "var/lib/plp-alerte/a.jsonl").read_text().count('"text"')


def is_ready(box: Box) -> bool:
    return active(box) and box.ask("plp", "modem", "list", "--json").count('"ready"') >= 1


def both_send(boxes: list[Box], text: str) -> None:
    for box in boxes:
        eventually(f"{box.root.name} is ready", lambda box=box: is_ready(box))
    before = [sent(box) for box in boxes]
    check(alert(boxes[0], text) == PEOPLE, "everybody has it")
    new = [sent(box) - was for box, was in zip(boxes, before, strict=True)]
    check(all(new) and sum(new) == PEOPLE, f"by both boxes, nobody twice: {new}")


def moves(nord: Box) -> None:
    """The first box has a zone and people, and takes them along."""
    follow(nord, "What each box needs")
    rows = "".join(f"P{n},N{n},+324701{n:05},,fr,Q,member\n" for n in range(PEOPLE))
    (nord.root / "root/list.csv").write_text("first_name,last_name,mobile,email,language,neighbourhood,role\n" + rows)
    nord.run("plp", "member", "import", "/root/list.csv")
    nord.run("plp", "setup", typed=f"y\n{ZONE}" + "n\n" * 20, status=1)
    follow(nord, "From one box to PostgreSQL, and back")


def joins(sud: Box, nord: Box) -> None:
    """The second box has a journal of its own, of which a head is noted."""
    for number in range(3):
        sud.run("plp", "user", "add", f"Essai {number}", "--role", "admin")
    eventually("a head of its own database", (sud.root / "var/lib/plp-alerte/journal.heads").exists)
    follow(sud, "What each box needs")
    for _kind, content in blocks("Another box joins"):
        if KEYS in content:
            nord.run("bash", "-c", content)
            shutil.copytree(nord.root / "root/keys", sud.root / "root/keys")
    follow(sud, "Another box joins", skipped=KEYS)


def get_roles(box: Box, server: Box) -> None:
    """Both units get their roles, which the server makes once."""
    heading, roles = "A role for each process", server.root / "root/roles.sql"
    if not roles.exists():
        roles.write_text(box.run("plp", "roles"))
        follow(server, heading, skipped="plp-$unit")
    follow(box, heading, skipped="psql")
    for role, word in ROLES.items():
        (box.root / f"etc/plp-alerte/secrets/{role.removeprefix('plp-')}.pgpass").write_text(f"*:*:*:{role}:{word}\n")
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "restart", "plp-console", "plp-modem", "plp-jobs")


def trial(server: Box, nord: Box, sud: Box) -> None:
    """All of the document, in its order."""
    with told("the server"):
        follow(server, "The server")
    for box in (nord, sud):
        shutil.copyfile(server.root / "etc/postgresql/17/main/server.crt", box.root / "root/server.crt")
    with told("the first box moves"):
        moves(nord)
    with told("the second box joins"):
        joins(sud, nord)
    with told("an alert by both boxes"):
        both_send([nord, sud], "Essai sur deux serveurs")
    for box in (nord, sud):
        check("Journal intègre" in box.run("plp", "audit", "verify"), "the journal")
        check("NON" not in box.run("plp", "check"), "plp check")
    with told("a role for each process, and an alert"):
        for box in (nord, sud):
            get_roles(box, server)
        both_send([nord, sud], "Essai avec un rôle par service")


def main(package: Path) -> None:
    """Make the trees and the network, follow the document, and take all of it away."""
    boxes: list[Box] = []
    with tempfile.TemporaryDirectory(prefix="plp-postgres-") as folder:
        subprocess.run(["ip", "link", "add", BRIDGE, "type", "bridge"], check=True)
        subprocess.run(["ip", "link", "set", BRIDGE, "up"], check=True)
        try:
            for name, address in (SERVER, *BOXES.items()):
                needs = "postgresql" if name == "db" else "postgresql-client"
                boxes.append(Box(tree_with(f"trixie-{needs}", Path(folder, name), needs)))
                boxes[-1].start()
                connect(boxes[-1], address)
            server, *both = boxes
            for box, number in zip(both, NUMBERS.values(), strict=True):
                install(box, package)
                modem(box, number)
                eventually("the units are active", lambda box=box: active(box))
            trial(server, *both)
        finally:
            for box in boxes:
                box.stop()
            subprocess.run(["ip", "link", "del", BRIDGE], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

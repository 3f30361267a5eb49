"""Try the Debian package as a box would: `python packaging/trial.py PACKAGE.deb`, as root, with Debian's debootstrap.

In a fresh tree of this release, without a network, with systemd as process 1 in namespaces of its own: installed, an
alert through the simulator, a frozen modem process, upgraded with data, an upgrade whose migration fails, purged. Says
how long each took; ends with status 1 at the first thing that is not so.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNITS = ("plp-console", "plp-modem", "plp-jobs")
MIGRATIONS = "usr/lib/plp-alerte/venv/lib/python3.*/site-packages/db/migrations"
GOOD = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE trial_{n} (id INTEGER)')\n"
BAD = GOOD + "    raise RuntimeError('a migration that fails')\n"
# Later versions of the package, and their migrations.
LATER = {"98.0+trial": {1: GOOD}, "99.0+trial": {1: GOOD, 2: BAD}}
CONFIG = "[modem:a]\ndevice = /var/lib/plp-alerte/a.tty\n[modem:b]\ndevice = /var/lib/plp-alerte/b.tty\n"
PEOPLE = 200
# What the box gets of the machine: nothing but a terminal and chance.
BOOT = """
set -e
mount --make-rprivate /
mount --bind {root} {root}
mount -t proc proc {root}/proc
mount -t sysfs -o ro sysfs {root}/sys
mount -t cgroup2 cgroup2 {root}/sys/fs/cgroup
mount -t tmpfs tmpfs {root}/run
mount -t tmpfs -o mode=755 tmpfs {root}/dev
mkdir {root}/dev/pts {root}/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts {root}/dev/pts
for node in null zero full random urandom tty; do touch {root}/dev/$node; mount --bind /dev/$node {root}/dev/$node; done
ln -s pts/ptmx {root}/dev/ptmx
ln -s /proc/self/fd {root}/dev/fd
mkdir -p {root}/old
cd {root}
pivot_root . old
umount -l /old
ip link set lo up 2>/dev/null || true
export container=plp
exec /lib/systemd/systemd --log-target=null systemd.unit=multi-user.target
"""


class Box:
    """A tree with systemd as process 1; `run` runs in it, without a network."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0

    def start(self) -> None:
        """Boot."""
        cgroup = _cgroup()
        command = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        self._process = subprocess.Popen(
            [*command, "bash", "-c", BOOT.format(root=self.root)],
            preexec_fn=lambda: (cgroup / "cgroup.procs").write_text(str(os.getpid())) and None,
        )
        eventually("systemd is there", self._booted)
        eventually("it has booted", lambda: self.ask("systemctl", "is-system-running") in ("running", "degraded"))

    def stop(self) -> None:
        """Power off, hard."""
        if self._init:
            os.kill(self._init, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        eventually("nothing of it runs", lambda: "populated 0" in (_cgroup() / "cgroup.events").read_text())

    def run(self, *command: object, status: int = 0) -> str:
        """The command's output; it must end with this status."""
        done = self._do(*command)
        if done.returncode != status:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def ask(self, *command: object) -> str:
        """The command's output, whatever its status."""
        return self._do(*command).stdout.strip()

    def json(self, *command: object) -> object:
        return json.loads(self._do("plp", *command, "--json").stdout)

    def _do(self, *command: object) -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", "-t", str(self._init), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        inside += ["LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *map(str, command)]
        return subprocess.run(inside, capture_output=True, text=True)

    def _booted(self) -> bool:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._init = int(children[0]) if children else 0
        return bool(children) and b"systemd" in Path(f"/proc/{children[0]}/cmdline").read_bytes()


def _cgroup() -> Path:
    """A part of the machine's control groups that is the box's."""
    line = next(line for line in Path("/proc/mounts").read_text().splitlines() if " cgroup2 " in line)
    folder = Path(line.split()[1]) / f"plp-trial-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def eventually(what: str, holds: Callable[[], object], within_s: float = 120) -> None:
    until_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until_s:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.2)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say what was tried, and how long it took."""
    began_s = time.monotonic()
    yield
    print(f"{time.monotonic() - began_s:6.1f} s  {what}", flush=True)


def fresh_tree(folder: Path) -> Path:
    """A tree of this release with what the package needs, kept in build/ for the next time."""
    names = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    kept = ROOT / "build" / f"debootstrap-{names['VERSION_CODENAME']}.tar"
    tree = folder / "box"
    tree.mkdir()
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        needs = "systemd,systemd-sysv,dbus,udev,python3,debconf,libudev1,ca-certificates,iproute2"
        run = ["debootstrap", "--variant=minbase", f"--include={needs}", names["VERSION_CODENAME"], str(tree)]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "-C", str(tree), "-cf", str(kept), "."], check=True)
    else:
        subprocess.run(["tar", "-C", str(tree), "-xf", str(kept)], check=True)
    return tree


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


def install(box: Box, package: Path, status: int = 0) -> str:
    """By dpkg, which fetches nothing."""
    shutil.copyfile(package, box.root / "root" / "package.deb")
    return box.run("dpkg", "-i", "/root/package.deb", status=status)


def active(box: Box) -> bool:
    return all(box.ask("systemctl", "is-active", unit) == "active" for unit in UNITS)


def ready(box: Box) -> bool:
    modems = box.ask("plp", "modem", "list", "--json")
    return modems.count('"ready"') == 2


def simulators(box: Box) -> None:
    """Two modems, as the modems' user: whose ports they are."""
    for name in "ab":
        python = "/usr/lib/plp-alerte/venv/bin/python"
        link = f"/var/lib/plp-alerte/{name}.tty"
        box.run("systemd-run", f"--unit=sim-{name}", "--uid=plp-modem", "--gid=plp-data", python, "-m", "modem.sim",
                "--link", link, "--log", f"/var/lib/plp-alerte/{name}.jsonl", "--submit-ms", "50")  # fmt: skip


def alert(box: Box, text: str) -> int:
    """Send to all, and wait until nothing waits; returns how many have it."""
    number = box.json("broadcast", "send", "--all", "--text", text, "--yes")["id"]
    counts: dict[str, int] = {}

    def out() -> bool:
        counts.clear()
        counts.update(box.json("broadcast", "show", number)["counts"])
        return not any(counts.get(state, 0) for state in ("queued", "sending"))

    eventually("all out", out)
    return sum(counts.get(state, 0) for state in ("delivered", "sent"))


def out_twice(box: Box) -> int:
    """Numbers to which one text went twice."""
    seen, twice = set(), 0
    for name in "ab":
        for line in (box.root / f"var/lib/plp-alerte/{name}.jsonl").read_text().splitlines():
            record = json.loads(line)
            if "to" in record and "text" in record:
                key = (record["to"], record["text"])
                twice += key in seen
                seen.add(key)
    return twice


def main_pid(box: Box, unit: str) -> str:
    return box.ask("systemctl", "show", "-p", "MainPID", "--value", unit)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(what)


def first_installation(box: Box, package: Path) -> None:
    with told("installed without a network, three units active"):
        install(box, package)
        eventually("the units are active", lambda: active(box))
    check("plp-alerte " in box.run("plp", "--version"), "plp --version")
    check(box.root.joinpath("usr/share/man/man1/plp.1.gz").exists(), "the manual")
    config = box.root / "etc/plp-alerte/config.ini"
    config.write_text(config.read_text() + CONFIG)
    rows = "".join(f"P{n},N{n},+324701{n:05},,fr,Q,member\n" for n in range(PEOPLE))
    (box.root / "root/m.csv").write_text("first_name,last_name,mobile,email,language,neighbourhood,role\n" + rows)
    box.run("plp", "member", "import", "/root/m.csv")
    with told("restarted, until two modems are ready"):
        simulators(box)
        box.run("systemctl", "restart", "plp-modem")
        eventually("two modems are ready", lambda: ready(box))
    with told(f"an alert to {PEOPLE}"):
        check(alert(box, "Essai un") == PEOPLE, "everybody has it")


def hung(box: Box) -> None:
    before = main_pid(box, "plp-modem")
    with told("the modems' process frozen (SIGSTOP), until another one is ready"):
        box.run("systemctl", "kill", "-s", "STOP", "--kill-whom=main", "plp-modem")
        eventually("another process", lambda: main_pid(box, "plp-modem") not in (before, "0"))
        eventually("two modems are ready", lambda: ready(box))
    check(alert(box, "Essai deux") == PEOPLE, "everybody has it")


def upgraded(box: Box, newer: Path, broken: Path) -> None:
    config = (box.root / "etc/plp-alerte/config.ini").read_text()
    with told("upgraded with data"):
        install(box, newer)
        eventually("the units are active", lambda: active(box))
    eventually("two modems are ready", lambda: ready(box))
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
    with tempfile.TemporaryDirectory(prefix="plp-trial-") as temporary:
        folder = Path(temporary)
        with told("a fresh tree, and two later packages"):
            box = Box(fresh_tree(folder))
            newer, broken = (variant(package, folder, *each) for each in LATER.items())
            shutil.copyfile(newer, box.root / "root/newer.deb")
        try:
            with told("booted systemd as process 1"):
                box.start()
            first_installation(box, package)
            hung(box)
            upgraded(box, newer, broken)
            purged(box)
        finally:
            box.stop()
            for part in sorted(_cgroup().rglob("*/"), reverse=True):
                part.rmdir()
            _cgroup().rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

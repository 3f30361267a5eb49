"""A box to try the package in: a fresh Debian tree without a network, with systemd as process 1 of its namespaces."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
NUMBERS = {"a": "+32470000701", "b": "+32470000702"}
UNITS = ("plp-console", "plp-modem", "plp-jobs")
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
mount -t devpts -o newinstance,ptmxmode=0666,mode=0660 devpts {root}/dev/pts
for node in null zero full random urandom tty; do touch {root}/dev/$node; mount --bind /dev/$node {root}/dev/$node; done
ln -s pts/ptmx {root}/dev/ptmx
ln -s /proc/self/fd {root}/dev/fd
mkdir -p {root}/old
cd {root}
pivot_root . old
umount -l /old
mount --make-rshared /
ip link set lo up 2>/dev/null || true
export container=plp
exec /lib/systemd/systemd --log-target=null systemd.unit=multi-user.target
"""


class Box:
    """A tree with systemd as process 1; `run` runs in it, without a network."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.init = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._cgroup = _cgroup(root.name)

    def start(self) -> None:
        """Boot."""
        command = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        self._process = subprocess.Popen(
            [*command, "bash", "-c", BOOT.format(root=self.root)],
            preexec_fn=lambda: (self._cgroup / "cgroup.procs").write_text(str(os.getpid())) and None,
        )
        eventually("systemd is there", self._booted)
        eventually("it has booted", lambda: self.ask("systemctl", "is-system-running") in ("running", "degraded"))

    def stop(self) -> None:
        """Power off without a shutdown."""
        if not self._cgroup.exists():
            return
        if self.init:
            os.kill(self.init, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        eventually("nothing of it runs", lambda: "populated 0" in (self._cgroup / "cgroup.events").read_text())
        for part in sorted(self._cgroup.rglob("*/"), reverse=True):
            part.rmdir()
        self._cgroup.rmdir()

    def run(self, *command: object, status: int = 0, typed: str = "") -> str:
        """The command's output; it must end with this status."""
        done = self._do(*command, typed=typed)
        if done.returncode != status:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def ask(self, *command: object) -> str:
        """The command's output, whatever its status."""
        return self._do(*command).stdout.strip()

    def json(self, *command: object) -> object:
        done = self._do("plp", *command, "--json")
        if not done.stdout:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout)

    def _do(self, *command: object, typed: str = "") -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", "-t", str(self.init), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        inside += ["LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *map(str, command)]
        return subprocess.run(inside, capture_output=True, text=True, input=typed)

    def _booted(self) -> bool:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self.init = int(children[0]) if children else 0
        return bool(children) and b"systemd" in Path(f"/proc/{children[0]}/cmdline").read_bytes()


def _cgroup(name: str) -> Path:
    """A part of the machine's control groups that is this box's."""
    line = next(line for line in Path("/proc/mounts").read_text().splitlines() if " cgroup2 " in line)
    folder = Path(line.split()[1]) / f"plp-trial-{os.getpid()}-{name}"
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


def fresh_tree(tree: Path, release: str) -> Path:
    """A tree of this release with what the package needs, kept in build/ for the next time."""
    kept = ROOT / "build" / f"debootstrap-{release}.tar"
    tree.mkdir()
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        needs = "systemd,systemd-sysv,dbus,udev,python3,debconf,ca-certificates,iproute2"
        run = ["debootstrap", "--variant=minbase", f"--include={needs}", release, str(tree)]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["tar", "-C", str(tree), "-cf", str(kept), "."], check=True)
    else:
        subprocess.run(["tar", "-C", str(tree), "-xf", str(kept)], check=True)
    (tree / "etc/hostname").write_text(f"{tree.name}\n")
    return tree


def install(box: Box, package: Path, status: int = 0) -> str:
    """Install with dpkg, which downloads nothing."""
    shutil.copyfile(package, box.root / "root" / "package.deb")
    return box.run("dpkg", "-i", "/root/package.deb", status=status)


def as_user(box: Box, user: str, *command: object, status: int = 0) -> str:
    """The output of a command with the rights of one of the units."""
    groups = "plp-data,plp-jobs" if user == "plp-jobs" else "plp-data"
    return box.run("setpriv", f"--reuid={user}", "--regid=plp-data", f"--groups={groups}", *command, status=status)


def active(box: Box) -> bool:
    return all(box.ask("systemctl", "is-active", unit) == "active" for unit in UNITS)


def ready(box: Box) -> bool:
    modems = box.ask("plp", "modem", "list", "--json")
    return modems.count('"ready"') == 2


def simulators(box: Box) -> None:
    """Create two modems as the user that owns their ports."""
    for name in "ab":
        python = "/usr/lib/plp-alerte/venv/bin/python"
        link = f"/var/lib/plp-alerte/{name}.tty"
        box.run("systemd-run", f"--unit=sim-{name}", "--uid=plp-modem", "--gid=plp-data", python, "-m", "modem.sim",
                "--link", link, "--log", f"/var/lib/plp-alerte/{name}.jsonl", "--submit-ms", "50",
                "--number", NUMBERS[name], "--neighbours", "/var/lib/plp-alerte")  # fmt: skip


def ordered(box: Box, text: str) -> int:
    """Order an alert to all; returns its number."""
    return box.json("broadcast", "send", "--all", "--text", text, "--yes")["id"]


def all_out(box: Box, number: int) -> int:
    """Wait until nothing of this alert waits; returns how many have it."""
    counts: dict[str, int] = {}

    def out() -> bool:
        counts.clear()
        counts.update(box.json("broadcast", "show", number)["counts"])
        return not any(counts.get(state, 0) for state in ("queued", "sending"))

    eventually("all out", out)
    return sum(counts.get(state, 0) for state in ("delivered", "sent"))


def alert(box: Box, text: str) -> int:
    """Send to all, and wait until nothing waits; returns how many have it."""
    return all_out(box, ordered(box, text))


def check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(what)


def main_pid(box: Box, unit: str) -> str:
    return box.ask("systemctl", "show", "-p", "MainPID", "--value", unit)

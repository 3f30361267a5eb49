"""Two boxes on one PostgreSQL, one of them killed again and again, the server restarted: `python -m tests.e2e.hosts`.

    PEOPLE MODEMS KILLS SUBMIT_MS WITHIN_S

`MODEMS` is how many each box has. Prints a line of JSON: what the networks took against what people are shown. It is a
process of its own because the models are bound to one database, and so that the server is its own.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.box import eventually, host_box, mobile, share_key
from tests.support.postgres import fresh_url, server

TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"
# Shown so, the network must have taken it.
KNOWN = ("sent", "delivered")


@dataclass(frozen=True)
class Trial:
    """What is done to whom; the restart of the server comes half way."""

    people: int
    modems: int
    kills: int
    submit_ms: int
    within_s: float


class Pair:
    """`steady` is left alone; the daemon of `struck` is killed."""

    def __init__(self, folder: Path, trial: Trial) -> None:
        url = fresh_url()
        self.trial = trial
        self.boxes = [host_box(folder / host, url, trial.modems) for host in ("nord", "sud")]
        self.steady, self.struck = self.boxes
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """Everything up and the broadcast ordered; returns its id."""
        for number, box in enumerate(self.boxes):
            for name in box.modems:
                seed = str(100 * number + int(name[-1]))
                pace = ("--submit-ms", str(self.trial.submit_ms), "--report-ms", "200", "--seed", seed)
                box.start_simulator(name, *pace)
        self.steady.plp("migrate")
        share_key(*self.boxes)
        self.steady.import_members(self.trial.people)
        self.steady.start("modem")
        self._daemon = self.struck.start("modem")
        every = 2 * self.trial.modems
        eventually("every modem ready", lambda: self.steady.ready_modems() == every)
        return self.steady.send(TEXT)

    def log(self, tpdus: bool = False) -> list[dict[str, Any]]:
        """What both networks took."""
        return [record for box in self.boxes for record in box.log(tpdus=tpdus)]

    def kill(self) -> None:
        """-9, and a new daemon at once."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait()
        self._daemon = self.struck.start("modem")

    def close(self) -> None:
        for box in self.boxes:
            box.close()


def run(trial: Trial) -> dict[str, Any]:
    """Lost: nobody sent to them and they are not shown as unconfirmed. Doubled: two parts reached them."""
    chance = random.Random(5278)
    with tempfile.TemporaryDirectory(prefix="plp-hosts-") as folder:
        pair = Pair(Path(folder), trial)
        try:
            broadcast = pair.start()
            blows = ["kill"] * trial.kills
            blows.insert(trial.kills // 2 + 1, "restart")
            for number, blow in enumerate(blows, 1):
                mark = trial.people * number // (len(blows) + 2)
                eventually("the broadcast goes on", lambda mark=mark: len(pair.log()) >= mark, trial.within_s)
                time.sleep(chance.uniform(0, 0.2))
                assert len(pair.log()) < trial.people, "the broadcast ended before the blows did"
                if blow == "kill":
                    pair.kill()
                else:
                    server().stop()
                    time.sleep(1.0)
                    server().start()
            began_s = time.monotonic()
            eventually("an end", lambda: _ended(pair, broadcast), trial.within_s)
            return {"after_s": round(time.monotonic() - began_s, 1), **_compared(pair, broadcast)}
        finally:
            pair.close()


def _ended(pair: Pair, broadcast: int) -> bool:
    return not {"queued", "sending"} & set(pair.steady.counts(broadcast))


def _compared(pair: Pair, broadcast: int) -> dict[str, Any]:
    taken = Counter(record["to"] for record in pair.log(tpdus=True))
    counts = pair.steady.counts(broadcast)
    shown = {state: pair.steady.people(broadcast, state) for state in counts}
    people = {mobile(number) for number in range(pair.trial.people)}
    known = set().union(*(shown.get(state, set()) for state in KNOWN))
    return {
        "counts": counts,
        "taken": len(taken),
        "lost": len(people - set(taken) - shown.get("unconfirmed", set())),
        "invented": len(known - set(taken)),
        "doubled": sum(times > 1 for times in taken.values()),
        "unconfirmed": counts.get("unconfirmed", 0),
        "by_host": dict(Counter(record["modem"][:-1] for record in pair.log())),
    }


if __name__ == "__main__":
    people, modems, kills, submit_ms, within_s = sys.argv[1:]
    told = run(Trial(int(people), int(modems), int(kills), int(submit_ms), float(within_s)))
    sys.stdout.write(json.dumps(told) + "\n")

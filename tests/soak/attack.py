"""An attack as a process of its own: `python -m tests.soak.attack PORT SECONDS TTY`, on a console with TLS on loopback.

Wrong sign-ins from 200 addresses, half-sent requests from 32 and unread style sheets from 16, each begun again when it
ends; and a stick at TTY that says nonsense without end. Says `begun` once it stands, and in the end what came of the
sign-ins. These are a process of their own: the others keep one busy with handshakes.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.console.pressure import AGAIN_S, LONGEST_S, Attacker, addresses
from tests.console.running import Running

SIGNING_IN, HALF_SENT, UNREAD = 200, 32, 16
HALF_SENT_EACH, UNREAD_EACH = 64, 30
BEGUN_AFTER_S = 5
NONSENSE = b'\r\n+CMT: "",24\r\nABCDEF\r\n+CDS: 24\r\nGHIJKL\r\n' * 50
NONSENSE_EVERY_S = 0.05


async def _sign_in_again_and_again(attacker: Attacker, source: str, until_s: float) -> None:
    while time.monotonic() < until_s:
        await attacker.wrong_sign_in(source, "Dominique")
        await asyncio.sleep(AGAIN_S)


async def _sign_in(attacker: Attacker, seconds: float) -> None:
    until_s = time.monotonic() + seconds
    asyncio.get_running_loop().call_later(BEGUN_AFTER_S, lambda: print("begun", flush=True))
    crowd = [_sign_in_again_and_again(attacker, source, until_s) for source in addresses(SIGNING_IN, 2000)]
    await asyncio.gather(*crowd)


async def _hold(attacker: Attacker, seconds: float) -> None:
    crowd = [attacker.half_sent(source, seconds) for source in addresses(HALF_SENT, 3000) * HALF_SENT_EACH]
    crowd += [attacker.slow_reader(source, seconds) for source in addresses(UNREAD, 4000) * UNREAD_EACH]
    await asyncio.gather(*crowd)


def _talk(tty: Path, until_s: float) -> None:
    """A stick that takes every command, and says what no modem says."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    tty.symlink_to(os.ttyname(theirs))
    while time.monotonic() < until_s:
        with suppress(BlockingIOError):
            os.write(ours, b"\r\nOK\r\n" * os.read(ours, 4096).count(b"\r"))
        with suppress(BlockingIOError):
            os.write(ours, NONSENSE)
        time.sleep(NONSENSE_EVERY_S)
    tty.unlink()


def main() -> None:
    port, seconds, tty = int(sys.argv[1]), min(float(sys.argv[2]), LONGEST_S), Path(sys.argv[3])
    attacker = Attacker(Running(None, port, tls=True))  # type: ignore[arg-type]
    attacker.visit()
    stick = multiprocessing.Process(target=_talk, args=(tty, time.monotonic() + seconds))
    others = multiprocessing.Process(target=lambda: asyncio.run(_hold(attacker, seconds)))
    stick.start()
    others.start()
    asyncio.run(_sign_in(attacker, seconds))
    stick.join()
    others.join()
    print(json.dumps(attacker.tally.statuses))


if __name__ == "__main__":
    main()

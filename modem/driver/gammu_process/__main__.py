"""`python -m modem.driver.gammu_process`: questions on standard input, answers on standard output; no arguments."""

import ctypes
import os
import signal
import sys

from modem.driver.gammu_process.session import Session

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Until the driver goes."""
    # Beside the end of its pipe: a phone that is being asked must not be asked on for nobody.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    questions, answers = os.dup(sys.stdin.fileno()), os.dup(sys.stdout.fileno())
    # libgammu and its Python part print; that must not meet the answers
    os.dup2(2, 1)
    Session(questions, answers).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

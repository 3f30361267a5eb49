"""`python -m modem.sim --link PATH --log FILE.jsonl …`: a simulated modem as a separate process. Ready when the link
exists; SIGTERM and SIGINT end it with exit 0. Exit 1: a path cannot be used; 2: usage.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from modem.sim import command_line

_CHECKOUT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Runs until a signal; returns the exit status. In a checkout it is the modem of tests/simulator."""
    kind: ModuleType = command_line
    if (_CHECKOUT / "tests" / "simulator" / "options.py").exists():
        sys.path.insert(0, str(_CHECKOUT))
        kind = importlib.import_module("tests.simulator.options")
    return command_line.run(kind, arguments)


if __name__ == "__main__":
    sys.exit(main())

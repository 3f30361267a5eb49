"""`python -m modem.sim --link PATH --log FILE.jsonl …`. SIGTERM and SIGINT: exit 0; 1: a path is no good; 2: usage."""

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

"""What became of a broadcast under a fault."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PEOPLE = 300
AT_ONCE = 3
WITHIN_S = 240
SUBMIT_MS = 10


def outcome(spec: str, *more: str, submit_ms: int = SUBMIT_MS) -> dict[str, Any]:
    command = [
        "-m",
        "tests.soak.faultrun",
        str(PEOPLE),
        str(WITHIN_S),
        str(submit_ms),
        *([spec] if spec else []),
        *more,
    ]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=3 * WITHIN_S)
    if done.returncode:
        return {"spec": spec, "error": done.stderr.strip().splitlines()[-1]}
    told: dict[str, Any] = json.loads(done.stdout)
    return {"spec": spec, **told}

"""The process that gives one answer of many rows: it reads a request (`console.web.preparing`) and lets the same view
answer it, with the same rights, behind everything else. It prints how far it is, in the end the headers.
Decision: docs/adr/0197.
"""

import json
import os
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.test import run_wsgi_app

from base.settings.reading import load_settings
from console.web.preparing import IS_APART, LARGEST_BYTES, LONGEST_S
from plp.services.apart import limit, tell_progress

# What of the answer's head is the view's own.
_KEPT = ("Content-Type", "Content-Disposition", "Content-Security-Policy")
UNANSWERED = 10


def main() -> int:
    """Standard input to the file whose number is the argument; returns the exit status."""
    limit(int(LONGEST_S))
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_console, daemon=True).start()
    tell_progress(_say)
    from console.web.app import create_app  # it reads every view, also the one that asks for this module

    app = create_app(load_settings(Path(asked["config"])), asked["demo"])
    app.config[IS_APART] = True
    pieces, status, headers = run_wsgi_app(app, _environ(asked["environ"], asked["form"].encode()))
    if not status.startswith("200 "):
        return UNANSWERED
    size = 0
    with os.fdopen(int(sys.argv[1]), "wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_BYTES:
                return UNANSWERED
            file.write(piece)
    _say({name: headers[name] for name in _KEPT if name in headers})
    return 0


def _environ(environ: dict[str, str], form: bytes) -> dict[str, Any]:
    posted = environ["REQUEST_METHOD"] == "POST"
    body = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(form))} if posted else {}
    return {
        **environ,
        **body,
        "wsgi.version": (1, 0),
        "wsgi.input": BytesIO(form),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": True,
    }


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _end_with_the_console() -> None:
    """Nobody fetches what is prepared after the console has ended: its end closes our input."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(UNANSWERED)


if __name__ == "__main__":
    sys.exit(main())

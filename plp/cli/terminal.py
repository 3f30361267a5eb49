"""The person at the terminal, for the journal."""

import os
import pwd

from plp.rules.people import Actor


def operator() -> Actor:
    """The system's user by uid: what the environment says (LOGNAME, USER) anybody can set."""
    uid = os.getuid()
    try:
        return Actor("terminal", pwd.getpwuid(uid).pw_name)
    except KeyError:  # a uid without a name, as in some containers
        return Actor("terminal", f"uid {uid}")

"""Who types, for the audit."""

import getpass
import os


def who() -> str:
    """The name of whoever sits at the terminal."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"uid {os.getuid()} (terminal)"

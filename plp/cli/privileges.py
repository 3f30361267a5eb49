"""A command that root starts goes on as the service's user: in the data's folder others write, and a link that one of
them put there would lead root elsewhere. It is root again only for files that the caller named, or that root keeps.
"""

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

_AS = "PLP_RUN_AS"
_caller = os.getuid(), os.getgid()


def step_down() -> None:
    """Take the rights that PLP_RUN_AS names (a user, `:` and groups; the package's `plp` sets it) where root calls."""
    user, _, names = os.environ.pop(_AS, "").partition(":")
    if not user or os.geteuid() != 0:
        return
    groups = [grp.getgrnam(name).gr_gid for name in names.split(",")]
    uid = pwd.getpwnam(user).pw_uid
    os.setgroups(groups)
    os.setresgid(groups[0], groups[0], _caller[1])
    os.setresuid(uid, uid, _caller[0])


@contextmanager
def as_caller() -> Iterator[None]:
    """The rights of whoever called, for the length of the block."""
    uid, gid = os.geteuid(), os.getegid()
    os.seteuid(_caller[0])
    os.setegid(_caller[1])
    try:
        yield
    finally:
        os.setegid(gid)
        os.seteuid(uid)


def caller_uid() -> int:
    """The uid of whoever called."""
    return _caller[0]

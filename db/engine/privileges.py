"""A command started by root continues as the service's user: others can write in the data folder, and a link made by
one of them could lead root elsewhere. It acts as root again only for files that the caller named, or that root owns.
"""

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

_AS = "PLP_RUN_AS"
_caller = _service = os.getuid(), os.getgid()


def step_down() -> None:
    """Take the rights that PLP_RUN_AS names (a user, `:` and groups; the package's `plp` sets it) where root calls."""
    global _service
    user, _, names = os.environ.pop(_AS, "").partition(":")
    if not user or os.geteuid() != 0:
        return
    groups = [grp.getgrnam(name).gr_gid for name in names.split(",")]
    _service = uid, gid = pwd.getpwnam(user).pw_uid, groups[0]
    os.setgroups(groups)
    os.setresgid(gid, gid, _caller[1])
    os.setresuid(uid, uid, _caller[0])
    # Where libpq, ssh and others look for what is the user's: in root's they would find a door that is shut.
    os.environ["HOME"] = pwd.getpwnam(user).pw_dir


def as_caller() -> AbstractContextManager[None]:
    """The caller's rights, for the length of the block."""
    return _acting(*_caller)


def as_service() -> AbstractContextManager[None]:
    """The service's rights, within a block of `as_caller`."""
    return _acting(*_service)


def caller_uid() -> int:
    """The caller's uid."""
    return _caller[0]


@contextmanager
def _acting(uid: int, gid: int) -> Iterator[None]:
    before = os.geteuid(), os.getegid()
    _switch(uid, gid)
    try:
        yield
    finally:
        _switch(*before)


def _switch(uid: int, gid: int) -> None:
    if (os.geteuid(), os.getegid()) != (uid, gid):
        os.seteuid(_caller[0])
        os.setegid(gid)
        os.seteuid(uid)

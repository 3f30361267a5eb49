"""Who may import whom (docs: the decision records; the rooms of the house)."""

from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, Module, modules, within

# A room may import itself and what stands here. `modem.errors` is what `modem.sms` raises.
MAY_IMPORT = {
    # The console shows a mail before it goes as the jobs will write it: letters are pure but for the zone's words.
    "console": ("db", "jobs.letters", "modem.sms", "modem.errors"),
    "jobs.letters": ("db",),
    "jobs": ("db", "modem.sms", "modem.errors"),
    "db": (),
    "modem.errors": (),
    "modem.sms": ("modem.errors",),
    "modem.at": ("modem.errors",),
    "modem.driver": ("modem.at", "modem.sms", "modem.errors"),
    "modem.sim": (),
    "modem.discovery": ("modem.driver", "modem.errors"),
    "modem.service": ("db", "modem"),
    "modem.doctor": ("db", "modem"),
    "modem.commands": ("db", "modem.service", "modem.doctor"),
    "modem": (),
    "plp": PACKAGES,
}

# What only some rooms may use: the web process cannot open a port, the daemon cannot render a page.
ONLY_IN = {
    "peewee": ("db",),
    "playhouse": ("db",),
    "sqlite3": ("db",),
    "db.models": ("db",),
    "serial": ("modem.driver",),
    "gammu": ("modem.sms", "modem.driver"),
    "flask": ("console",),
    "jinja2": ("console", "jobs"),
    "pyudev": ("modem.discovery",),
    "smspdudecoder": ("modem.sim",),
}

# Pure rooms: no port, no thread, no clock, no log.
PURE = ("modem.sms", "modem.at", "modem.errors")
IMPURE = ("serial", "threading", "time", "logging", "db", "os", "socket", "select", "subprocess", "asyncio", "signal")


def room(name):
    """The most particular room that a module is in."""
    return max((known for known in MAY_IMPORT if within(name, known)), key=len)


def trespasses(module):
    """What this module imports and may not, in words."""
    here = room(module.name)
    for imported in sorted(module.imports()):
        if within(imported, *PACKAGES, "plp") and not within(imported, here, *MAY_IMPORT[here]):
            yield f"{module.name} imports {imported}"
        for guarded, rooms in ONLY_IN.items():
            if within(imported, guarded) and not within(module.name, *rooms):
                yield f"{module.name} imports {imported}, which only {', '.join(rooms)} may"
        if within(module.name, *PURE) and within(imported, *IMPURE):
            yield f"{module.name} is pure and imports {imported}"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_imports_what_its_room_may(module):
    assert list(trespasses(module)) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("console.pages", "import serial"),
        ("console.pages", "from modem.driver.at import AtDriver"),
        ("console.pages", "from modem import service"),
        ("console.pages", "from db.models import Member"),
        ("console.pages", "from db import models"),
        ("jobs.loop", "def later():\n    from modem.service import daemon"),
        ("db.outbox.orders", "from modem.sms import compose"),
        ("db.outbox.orders", "import console.ordering"),
        ("modem.sms.submit", "import time"),
        ("modem.sms.submit", "from db.numbers import parse_mobile"),
        ("modem.at.engine", "from threading import Lock"),
        ("modem.at.engine", "from ..driver import port"),
        ("modem.driver.at", "from modem.service import policy"),
        ("modem.driver.at", "from db import outbox"),
        ("modem.sim.phone", "from modem.at import AtEngine"),
        ("modem.sim.phone", "from modem.sms import compose"),
        ("modem.service.worker", "from peewee import OperationalError"),
        ("modem.service.worker", "import console"),
        ("modem.service.worker", "from flask import render_template"),
    ],
)
def test_the_rules_see_a_trespass(name, line):
    fake = Module(name, Path(*name.split(".")).with_suffix(".py"), line)
    assert len(list(trespasses(fake))) >= 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("console.pages", "from db.members import members\nfrom modem.sms import compose\nimport flask"),
        ("modem.service.worker", "from modem.driver.protocol import ModemDriver\nfrom db import outbox"),
        ("modem.at.engine", "from .framing import Framer"),
        ("db.outbox.claim", "from db.models import Part\nimport peewee"),
    ],
)
def test_the_rules_let_the_ordinary_through(name, line):
    fake = Module(name, Path(*name.split(".")).with_suffix(".py"), line)
    assert list(trespasses(fake)) == []


def test_every_room_with_a_wall_is_known():
    assert {module.name.split(".")[0] for module in modules()} == {*PACKAGES, "plp"}
    assert {room(module.name) for module in modules() if module.name.startswith("modem.")} >= {
        "modem.sms",
        "modem.at",
        "modem.driver",
        "modem.sim",
        "modem.service",
    }
    strangers = [module.name for module in modules() if room(module.name) == "modem" and module.name != "modem"]
    assert strangers == []

"""Who may import whom, by package (docs/adr/0029-the-house.md), and that no two packages import each other."""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, Module, modules, within

# A package may import itself and what stands here; the most particular entry counts.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    # The console shows a mail before it goes, as the jobs will write it: letters are pure but for the zone's words.
    "console": ("base", "db", "plp.services", "plp.serving", "rules", "plp.letters", "modem.sms", "modem.errors"),
    "plp": (),
    "plp.__main__": ("plp.cli",),
    "rules": (),
    # The ground of every process, below the database: config.ini, the watchdog, the sentences' catalogues.
    "base": ("rules",),
    # Knows nothing of the product, and every loop speaks to it.
    "base.watchdog": (),
    # The log and the end of a process, for every command that is one.
    "plp.process": ("base",),
    # Sockets with limits, for whoever talks to other machines.
    "plp.conversation": ("base",),
    # The console's address, certificate and secret key, for the console and the commands that look at them.
    "plp.serving": ("base", "db", "rules"),
    "plp.letters": ("base", "db", "rules"),
    "plp.services": ("base", "db", "rules", "plp.letters", "modem.sms", "modem.errors"),
    "plp.jobs": ("base", "db", "plp.services", "rules", "plp.letters", "plp.conversation", "modem.sms", "modem.errors"),
    "plp.cli": ("base", "db", "modem", "plp", "rules"),
    "db": ("base", "rules"),
    "modem": (),
    "modem.errors": (),
    "modem.sms": ("modem.errors",),
    "modem.at": ("modem.errors",),
    "modem.driver": ("base", "modem.at", "modem.sms", "modem.errors"),
    "modem.sim": ("modem.sms", "modem.errors"),
    "modem.discovery": ("modem.driver", "modem.errors", "rules"),
    "modem.daemon": ("base", "db", "rules", "modem"),
    "modem.doctor": ("base", "db", "rules", "modem"),
}

# Inside db, a package may import those on its own floor (without circles) and on the floors below.
DB_FLOORS = (
    ("db.engine",),
    ("db.models", "db.migrations"),
    ("db.journal",),
    ("db.people", "db.modems", "db.mail"),
    ("db.alerts",),
    ("db.inbound", "db.bulletins"),
    ("db.operations",),
    ("db.partnership",),
)

# What only some packages may use: the web process cannot open a port, the daemon cannot render a page.
ONLY_IN = {
    "peewee": ("db",),
    "playhouse": ("db",),
    "sqlite3": ("db",),
    "db.models": ("db",),
    "serial": ("modem.driver",),
    "gammu": ("modem.sms",),
    "flask": ("console",),
    "jinja2": ("console", "plp.letters"),
    "smspdudecoder": (),
    "click": ("plp.cli",),
    "rich": ("plp.cli",),
}

# Pure packages: no port, no thread, no clock, no log.
PURE = ("modem.sms", "modem.at", "modem.errors", "rules")
IMPURE = (
    *("serial", "threading", "time", "logging", "socket", "select", "subprocess", "asyncio", "signal", "os"),
    *("db", "flask"),
)


def most_particular(name, known):
    """The longest of the known packages that a module is in, or None."""
    return max((package for package in known if within(name, package)), key=len, default=None)


def floor(name):
    """On which floor of db a module stands; None outside db and for db itself."""
    return next((number for number, packages in enumerate(DB_FLOORS) if within(name, *packages)), None)


def trespasses(module):
    """What this module imports and may not, in words."""
    here = most_particular(module.name, MAY_IMPORT)
    # The packages that it is in are imported with it: `from modem import errors` names `modem` too.
    for imported in sorted(name for name in module.imports() if not within(module.name, name)):
        if within(imported, *PACKAGES) and not within(imported, here, *MAY_IMPORT[here]):
            yield f"{module.name} imports {imported}"
        if None not in (floor(module.name), floor(imported)) and floor(imported) > floor(module.name):
            yield f"{module.name} imports {imported}, from a floor above"
        for guarded, packages in ONLY_IN.items():
            if within(imported, guarded) and not within(module.name, *packages):
                yield f"{module.name} imports {imported}, which only {', '.join(packages)} may"
        if within(module.name, *PURE) and within(imported, *IMPURE):
            yield f"{module.name} is pure and imports {imported}"


def packages_between(found):
    """Each package with those that its own modules import; a `__main__` is imported by nobody."""
    own = {module.name: module.package for module in found if module.path.name != "__main__.py"}
    edges = defaultdict(set)
    for module in found:
        for imported in module.imports() if module.name in own else ():
            if imported in own and own[imported] != module.package:
                edges[module.package].add(own[imported])
    return edges


def test_a_module_imports_what_its_package_may():
    assert [fault for module in modules() for fault in trespasses(module)] == []


def test_no_two_packages_import_each_other():
    try:
        TopologicalSorter(packages_between(modules())).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_folder_holds_more_modules_than_one_can_look_through():
    folders = defaultdict(list)
    for module in modules():
        if module.path.name != "__init__.py" and not within(module.name, "db.migrations"):
            folders[module.package].append(module.name)
    assert {folder: len(names) for folder, names in folders.items() if len(names) > 15} == {}


def test_a_package_says_what_it_is_and_passes_nothing_on():
    """`from package import name` finds a module of it, never a name of somewhere else."""
    passing_on = [
        module.name
        for module in modules()
        if module.path.name == "__init__.py" and any(within(name, *PACKAGES) for name in module.imports())
    ]
    assert passing_on == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("console.web.app", "import serial"),
        ("console.web.app", "from modem.driver.at import AtDriver"),
        ("console.web.app", "from modem import daemon"),
        ("console.web.app", "from db.models.people import Member"),
        ("console.web.app", "from db import models"),
        ("console.web.app", "from plp.cli import main"),
        ("console.web.app", "from plp.jobs.smtp import postman"),
        ("plp.jobs.scheduler", "def later():\n    from modem.daemon import daemon"),
        ("plp.services.orders.placing", "from plp.jobs import welcome"),
        ("plp.services.orders.placing", "import console.web.app"),
        ("plp.cli.checking", "from console.web.app import create_app"),
        ("db.engine.connection", "from plp.process import log_to_stderr"),
        ("base.settings.reading", "from db.engine import files"),
        ("base.watchdog", "from rules.refusals import Refusal"),
        ("rules.numbers", "from base.settings import kinds"),
        ("rules.numbers", "from db.people import audience"),
        ("rules.numbers", "import time"),
        ("db.alerts.orders.enqueue", "from modem.sms import composition"),
        ("db.alerts.orders.enqueue", "from plp.services import orders"),
        ("db.people.zone", "from db.alerts.templates import seeds"),
        ("db.engine.connection", "from db.models.people import Member"),
        ("db.journal.audit", "from db.people.members import saving"),
        ("modem.sms.submit", "import time"),
        ("modem.sms.submit", "from rules.numbers import parse_mobile"),
        ("modem.at.engine", "from threading import Lock"),
        ("modem.at.engine", "from ..driver import port"),
        ("modem.driver.at", "from modem.daemon.policy import error_table"),
        ("modem.driver.at", "from db.alerts import orders"),
        ("modem.sim.modem", "from modem.at import engine"),
        ("modem.daemon.worker.worker", "from peewee import OperationalError"),
        ("modem.daemon.worker.worker", "import console"),
        ("modem.daemon.worker.worker", "from plp.services import orders"),
        ("modem.daemon.worker.worker", "from flask import render_template"),
    ],
)
def test_the_rules_see_a_trespass(name, line):
    fake = Module(name, Path(*name.split(".")).with_suffix(".py"), line)
    assert len(list(trespasses(fake))) >= 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("console.people.members.pages", "from db.people.members.listing import members\nimport flask"),
        (
            "console.alerts.writing.confirming",
            "from plp.services.orders.placing import place\nfrom modem.sms import composition",
        ),
        (
            "modem.daemon.worker.worker",
            "from modem.driver.base.interface import ModemDriver\nfrom db import alerts",
        ),
        ("modem.at.engine", "from .framing import Framer"),
        ("db.alerts.queue.claim", "from db.models.broadcasts import Part\nimport peewee"),
        ("db.operations.retention", "from db.alerts.progress import counts"),
    ],
)
def test_the_rules_let_the_ordinary_through(name, line):
    fake = Module(name, Path(*name.split(".")).with_suffix(".py"), line)
    assert list(trespasses(fake)) == []


def test_a_circle_is_seen():
    first = Module("db.people.zone", Path("db/people/zone.py"), "import db.mail.claim")
    second = Module("db.mail.claim", Path("db/mail/claim.py"), "import db.people.zone")
    with pytest.raises(CycleError):
        TopologicalSorter(packages_between((first, second))).prepare()


def test_every_package_with_a_wall_is_known():
    assert {module.name.split(".")[0] for module in modules()} == set(PACKAGES)
    lost = [module.name for module in modules() if most_particular(module.name, MAY_IMPORT) in ("modem", "plp")]
    assert lost == ["modem", "plp"]
    assert [module.name for module in modules() if within(module.name, "db") and floor(module.name) is None] == ["db"]

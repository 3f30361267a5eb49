"""Modules that a command loads: the driver of PostgreSQL was a quarter of each start."""

import subprocess
import sys

import pytest

from plp.cli.main import _names_postgres

_LOADED = (
    "import sys\n"
    "from plp.cli.main import main\n"
    "main(['--config', sys.argv[1], *sys.argv[2:]], standalone_mode=False)\n"
    "print(*(name for name in ('psycopg', 'asyncio', 'flask', 'peewee') if sys.modules.get(name)))\n"
)


def loaded(config, *words):
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, str(config), *words], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.slow
@pytest.mark.parametrize("words", [("broadcast", "list"), ("member", "list"), ("migrate",)])
def test_a_command_on_sqlite_loads_neither_the_driver_of_postgresql_nor_the_web(tmp_path, words):
    config = tmp_path / "config.ini"
    config.write_text("[zone]\nname = Essai\n; url = postgresql://plp@nord/plp\n")
    assert loaded(config, "migrate") == {"peewee"}
    assert loaded(config, *words) == {"peewee"}


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ("[database]\nurl = postgresql://plp@nord/plp\n", True),
        ("[database]\nURL: Postgres://plp@nord/plp\n", True),
        ("[database]\nurl =\n  postgresql://plp@nord/plp\n", True),
        ("[database]\nurl = sqlite:///var/plp.db\n# url = postgresql://plp@nord/plp\n", False),
        ("", False),
    ],
)
def test_where_config_ini_names_postgresql_its_driver_is_loaded(tmp_path, lines, named):
    config = tmp_path / "config.ini"
    config.write_text(lines)
    assert _names_postgres(config) is named


def test_without_a_config_ini_there_is_no_postgresql(tmp_path):
    assert not _names_postgres(tmp_path / "config.ini")

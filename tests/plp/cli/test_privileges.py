"""A command that root starts follows no link that others put where the data is, and still reaches root's own files."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sampling import left_to_soak

ROOT = Path(__file__).parents[3]
SITE = sysconfig.get_path("purelib")


def _others_reach(path: Path) -> bool:
    return path.exists() and all(folder.stat().st_mode & 1 for folder in path.resolve().parents)


# One that nobody may run as well, unlike one in root's home.
_PYTHONS = (Path(sys.executable), Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"))
PYTHON = next((path for path in _PYTHONS if _others_reach(path)), None)

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up"),
    pytest.mark.skipif(PYTHON is None or not _others_reach(ROOT / "plp"), reason="others must reach the program"),
    pytest.mark.slow,
]


@pytest.fixture
def house() -> Iterator[Path]:
    """A house whose folder of data others write, as the package makes it; `root` in it is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="plp-house-"))
    folder.chmod(0o755)
    (folder / "config.ini").write_text("[zone]\nname = Zone d'essai\n")
    for name, mode in (("var", 0o2770), ("tls", 0o2770), ("root", 0o700)):
        (folder / name).mkdir()
        (folder / name).chmod(mode)
    for name in ("var", "tls"):
        shutil.chown(folder / name, group="nogroup")
    (folder / "root" / "victim").write_text("root's")
    yield folder
    shutil.rmtree(folder)


def plp(house: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON), "-m", "plp", "--config", str(house / "config.ini"), *map(str, arguments)],
        env={**os.environ, "PLP_RUN_AS": "nobody:nogroup", "PYTHONPATH": SITE, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        umask=0o007,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["plp.db", "plp.db.migrate.lock", "plp.db.waiting.lock", "journal.key"])
@pytest.mark.parametrize("target", ["victim", left_to_soak("new")])
def test_a_link_beside_the_database_leads_root_nowhere(house: Path, name: str, target: str) -> None:
    (house / "var" / name).symlink_to(house / "root" / target)
    assert "Traceback" not in plp(house, "migrate").stderr
    assert [path.name for path in (house / "root").iterdir()] == ["victim"]
    assert (house / "root" / "victim").read_text() == "root's"


def test_a_link_beside_the_certificate_leads_root_nowhere(house: Path) -> None:
    (house / "tls" / ".console.key.part").symlink_to(house / "root" / "victim")
    made = plp(house, "certificate", "new")
    assert made.returncode == 0, made.stderr
    assert (house / "root" / "victim").read_text() == "root's"
    assert (house / "root" / "victim").stat().st_mode & 0o777 == 0o644


def test_the_caller_s_own_files_are_read_and_written_as_the_caller(house: Path) -> None:
    assert plp(house, "migrate").returncode == 0
    made = [path for path in (house / "var").iterdir() if path.owner() != "nobody"]
    assert made == []
    (house / "root").chmod(0o755)  # what is in it is root's alone all the same
    (house / "root" / "list.csv").touch(0o600)
    (house / "root" / "list.csv").write_text("prénom;nom;gsm;quartier\nAnne;L;0470 00 00 01;Ehein\n")
    imported = plp(house, "member", "import", house / "root" / "list.csv")
    assert imported.returncode == 0, imported.stderr
    assert plp(house, "backup-key", house / "root" / "zone.key").returncode == 0
    assert {path.owner() for path in (house / "root").iterdir()} == {"root"}


def test_the_private_key_of_backups_is_the_caller_s_alone_wherever_it_is(house: Path) -> None:
    """In a folder that is the service's, and shared."""
    shutil.chown(house / "var", user="nobody")
    assert plp(house, "backup-key", house / "var" / "zone.key").returncode == 0
    key = house / "var" / "zone.key"
    assert (key.owner(), key.stat().st_mode & 0o777) == ("root", 0o600)


def test_what_libraries_look_for_at_home_is_the_service_s_home_and_not_root_s():
    """libpq looks there for a certificate of the user's, and stops where it may not look."""
    said = "import os; from db.engine.privileges import step_down; step_down(); print(os.environ['HOME'])"
    done = subprocess.run(
        [str(PYTHON), "-c", said],
        env={**os.environ, "HOME": "/root", "PLP_RUN_AS": "nobody:nogroup", "PYTHONPATH": SITE},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == pwd.getpwnam("nobody").pw_dir


def test_postgresql_s_programs_run_as_one_user_whatever_rights_the_command_has_now(tmp_path):
    """Debian's wrapper of them is in Perl, which refuses a search path of two users."""
    program = tmp_path / "pg_dump"
    program.write_text(
        f"#!{PYTHON}\nimport os\nassert os.getuid() == os.geteuid()\nassert os.getgid() == os.getegid()\n"
    )
    program.chmod(0o755)
    said = (
        "import os; os.setresgid(65534, 0, 0); os.setresuid(65534, 0, 0); "
        "from db.engine.copies import _run; _run(['pg_dump'], 'postgresql:///plp')"
    )
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": SITE}
    done = subprocess.run([str(PYTHON), "-c", said], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

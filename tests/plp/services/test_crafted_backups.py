"""A file that looks like a backup, made by somebody who has the public key: a sentence, and nothing is changed."""

import gzip
import io
import json
import shutil
import tarfile
from collections import namedtuple

import pyrage
import pytest

from plp.services.backup.archive import back_up, unpack
from plp.services.backup.restoring import try_backup
from rules.sentences import CodedRefusal
from tests.support.backups import house_with_backups, let_go

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("database")]

ABOUT = {
    "made_at": "2026-01-01T00:00:00+00:00", "host": "box", "kind": "sqlite", "version": "1", "files": [],
    "left_out": [], "format": 1,
}  # fmt: skip


@pytest.fixture
def house(database):
    return house_with_backups(database.parent)


@pytest.fixture
def genuine(house, now, tmp_path):
    """The files of a backup of this house, by name."""
    folder = tmp_path / "genuine"
    folder.mkdir()
    unpack(house.folder / "kept" / back_up(house, "test", now), house.folder / "far.key", folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tried(house, now, files):
    """The sentence with which it is refused."""
    public = (house.folder / "far.key").read_text().partition("public key: ")[2].partition("\n")[0]
    packed = io.BytesIO()
    with gzip.open(packed, "wb") as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    path = house.folder / "crafted.age"
    path.write_bytes(pyrage.encrypt(packed.getvalue(), [pyrage.x25519.Recipient.from_str(public)]))
    with let_go(house), pytest.raises(CodedRefusal) as refusal:
        try_backup(house, path, house.folder / "far.key", now)
    assert "\x1b" not in str(refusal.value)
    return refusal.value.code


@pytest.mark.parametrize(
    "about",
    [
        b"[]", b"null", b"[" * 200_000, b"\xff\xfe{}",
        *(
            json.dumps(ABOUT | changed).encode()
            for changed in (
                {"made_at": "yesterday"}, {"made_at": 5}, {"made_at": "\x1b[2J"}, {"host": "\x9b2J"}, {"left_out": [1]},
                {"format": 2, "version": "\x1b]0;x\x07"}, {"kind": {"a": 1}}, {"more": "x"},
            )
        ),
    ],
)  # fmt: skip
def test_what_a_backup_says_of_itself(house, now, genuine, about):
    assert tried(house, now, genuine | {"manifest.json": about}) == "backup_unreadable"


@pytest.mark.parametrize("name", ["manifest.json", "database"])
def test_without_what_every_backup_has(house, now, genuine, name):
    del genuine[name]
    assert tried(house, now, genuine) == "backup_unreadable"


def test_one_that_grows_beyond_the_room_on_the_disk(house, now, genuine, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 20_000_000))
    assert tried(house, now, genuine | {"more": bytes(10_000_000)}) == "backup_too_big"


@pytest.mark.parametrize("name", ["", "..", ".plain", "../evil", "/tmp/evil"])
def test_names_that_lead_elsewhere_are_passed_over(house, now, genuine, tmp_path, name):
    del genuine["manifest.json"]
    assert tried(house, now, {name: b"evil", **genuine}) == "backup_unreadable"
    assert not list(tmp_path.rglob("evil"))


def test_a_key_and_heads_that_are_none(house, now, genuine):
    assert tried(house, now, genuine | {"journal.heads": b"\xff\xfe", "journal.key_file": b"\xff\xfe"}) != ""

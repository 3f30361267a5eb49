"""One file that only the key opens, and none of whose bytes can be changed."""

import io
import os
import pwd
import shutil
import subprocess
import tarfile

import pyrage
import pytest

from plp.services.backup.archive import DATABASE, Manifest, new_identity, pack, unpack
from rules.sentences import CodedRefusal

ABOUT = Manifest("2026-11-24T20:40:00+00:00", "box", "sqlite", "1.0", ("config.ini",))


@pytest.fixture
def packed(tmp_path):
    secret, public = new_identity()
    (tmp_path / "key").write_text(f"# kept far away\n{secret}\n")
    (tmp_path / "copy").write_bytes(b"SQLite" * 20_000)
    (tmp_path / "config.ini").write_bytes(b"[zone]\n")
    pack(ABOUT, tmp_path / "copy", {"config.ini": tmp_path / "config.ini"}, (public,), tmp_path / "backup.age")
    (tmp_path / "config.ini").unlink()
    return tmp_path / "backup.age"


def opened(packed, folder):
    folder.mkdir()
    return unpack(packed, packed.parent / "key", folder)


def test_what_goes_in_comes_out_and_nothing_is_left_beside_it(packed, tmp_path):
    about = opened(packed, tmp_path / "out")
    assert about.made_at == ABOUT.made_at
    assert (tmp_path / "out" / DATABASE).read_bytes() == (tmp_path / "copy").read_bytes()
    assert (tmp_path / "out" / "config.ini").read_bytes() == b"[zone]\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.age", "copy", "key", "out"]


def test_any_flipped_byte_any_missing_end_and_any_added_one_is_refused_with_a_sentence(packed, tmp_path):
    whole = packed.read_bytes()
    at = [0, 30, 60, 120, 200, len(whole) // 2, len(whole) - 17, len(whole) - 1]
    broken = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in at]
    for number, content in enumerate([*broken, whole[:-1], whole[: len(whole) // 2], whole + b"x", b""]):
        (tmp_path / "broken.age").write_bytes(content)
        folder = tmp_path / f"out{number}"
        folder.mkdir()
        with pytest.raises(CodedRefusal, match=r"broken\.age ne peut pas être ouvert"):
            unpack(tmp_path / "broken.age", tmp_path / "key", folder)
        assert list(folder.iterdir()) == []


def test_another_key_and_no_key_are_told(packed, tmp_path):
    (tmp_path / "key").write_text(new_identity()[0])
    with pytest.raises(CodedRefusal, match="autre clé"):
        opened(packed, tmp_path / "out")
    (tmp_path / "key").write_text("bonjour")
    with pytest.raises(CodedRefusal, match="n'est pas une clé privée age"):
        opened(packed, tmp_path / "out2")


def test_no_name_in_a_forged_backup_leads_out_of_its_folder(packed, tmp_path):
    secret, public = new_identity()
    (tmp_path / "key").write_text(secret)
    forged = io.BytesIO()
    with tarfile.open(fileobj=forged, mode="w:gz") as tar:
        for name in ("../escaped", "/etc/escaped", "a/b"):
            about = tarfile.TarInfo(name)
            about.size = 1
            tar.addfile(about, io.BytesIO(b"x"))
    packed.write_bytes(pyrage.encrypt(forged.getvalue(), [pyrage.x25519.Recipient.from_str(public)]))
    with pytest.raises(CodedRefusal, match="n'est pas une sauvegarde"):
        opened(packed, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "escaped").exists()


def test_a_backup_of_a_newer_format_is_not_guessed_at(tmp_path, packed):
    secret, public = new_identity()
    (tmp_path / "key").write_text(secret)
    newer = Manifest(ABOUT.made_at, "box", "sqlite", "9.0", format=2)
    pack(newer, tmp_path / "copy", {}, (public,), packed)
    with pytest.raises(CodedRefusal, match="version plus récente"):
        opened(packed, tmp_path / "out")


@pytest.mark.client
@pytest.mark.skipif(shutil.which("age") is None, reason="needs Debian's age")
def test_debian_s_own_tools_open_it(packed, tmp_path):
    plain = subprocess.run(["age", "-d", "-i", tmp_path / "key", packed], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:gz") as tar:
        assert tar.getnames() == ["manifest.json", "config.ini", DATABASE]


def test_a_secret_comes_back_to_the_user_and_with_the_mode_that_it_had(tmp_path):
    secret, public = new_identity()
    (tmp_path / "key").write_text(secret)
    (tmp_path / "copy").write_bytes(b"SQLite")
    for name, mode in (("mail.password", 0o600), ("console.key", 0o640), ("odd", 0o4777)):
        (tmp_path / name).write_text(name)
        (tmp_path / name).chmod(mode)
    (tmp_path / "link").symlink_to("console.key")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(tmp_path / "console.key", nobody.pw_uid, nobody.pw_gid)
    there = {name: tmp_path / name for name in ("mail.password", "odd")} | {"console.key": tmp_path / "link"}
    pack(ABOUT, tmp_path / "copy", there, (public,), tmp_path / "backup.age")
    opened(tmp_path / "backup.age", tmp_path / "out")
    for name, mode in (("mail.password", 0o600), ("console.key", 0o640), ("odd", 0o644)):
        was, now = (tmp_path / name).stat(), (tmp_path / "out" / name).stat()
        assert (now.st_mode & 0o7777, now.st_uid, now.st_gid) == (mode, was.st_uid, was.st_gid), name

"""`plp backup`, `plp backup-key`, `plp restore`: what they print, and that a try is no more than a try."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plp.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A box with a database and a place for backups; its folder."""
    monkeypatch.setenv("PLP_DEMO", "0")
    public = CliRunner().invoke(main, ["backup-key", str(tmp_path / "zone.key")]).stdout.strip()
    settings = f"[database]\nhost = box\n[backup]\nrecipient = {public}\nto = kept\nsame_disk = yes\n"
    (tmp_path / "config.ini").write_text(settings)
    plp(tmp_path, "migrate")
    return tmp_path


def plp(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(folder / "config.ini"), *arguments])


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["backup-key", str(tmp_path / "zone.key")])
    assert made.stdout.startswith("age1")
    assert "AGE-SECRET-KEY" not in made.output
    assert (tmp_path / "zone.key").stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(main, ["backup-key", str(tmp_path / "zone.key")])
    assert (again.exit_code, "existe déjà" in again.stderr) == (1, True)


def test_from_the_first_backup_to_another_disk(box: Path, tmp_path: Path) -> None:
    name = plp(box, "backup").stdout.strip()
    assert plp(box, "backup", "--list").stdout.split() == [name]
    assert f"1 conservées dans kept, la dernière : {name}" in plp(box, "check").stdout
    tried = plp(box, "restore")  # the newest, with this machine's own key
    assert (tried.exit_code, "est entière" in tried.stdout) == (0, True)
    disk = tmp_path / "new"
    disk.mkdir()
    key, file = str(box / "zone.key"), str(box / "kept" / name)
    done = plp(disk, "restore", file, "--identity", key, "--all", "--yes")
    assert done.exit_code == 0, done.output
    assert (disk / "config.ini").read_text() == (box / "config.ini").read_text()
    assert (disk / "var/journal.key").read_text() == (box / "var/journal.key").read_text()
    assert plp(disk, "audit", "verify").exit_code == 0
    assert plp(disk, "member", "list", "--json").stdout == "[]\n"


def test_a_copy_goes_into_a_new_file(box: Path, tmp_path: Path) -> None:
    copy = tmp_path / "stick.age"
    name = plp(box, "backup", str(copy)).stdout.strip()
    assert copy.read_bytes() == (box / "kept" / name).read_bytes()
    assert "est entière" in plp(box, "restore", str(copy)).stdout
    again = plp(box, "backup", str(copy))
    assert (again.exit_code, "existe déjà" in again.stderr) == (1, True)
    nowhere = plp(box, "backup", str(tmp_path / "missing" / "stick.age"))
    assert (nowhere.exit_code, "Impossible de lire ou d'écrire" in nowhere.stderr) == (1, True)


def test_a_console_restored_on_another_box_has_its_certificate(box: Path, tmp_path: Path) -> None:
    settings = (box / "config.ini").read_text() + "[console]\ncertificate = tls/c.crt\nkey = tls/c.key\n"
    (box / "config.ini").write_text(settings)
    fingerprint = plp(box, "certificate").stdout.split("SHA-256 : ")[1].split("\n")[0]
    file = box / "kept" / plp(box, "backup").stdout.strip()
    disk = tmp_path / "new"
    (disk / "tls").mkdir(parents=True)
    (disk / "tls/c.crt").write_text("that of a box which nobody knows")
    (disk / "tls/c.crt").chmod(0o644)
    assert plp(disk, "restore", str(file), "--identity", str(box / "zone.key"), "--all", "--yes").exit_code == 0
    shown = plp(disk, "certificate", "show")
    assert (shown.exit_code, fingerprint in shown.stdout) == (0, True)
    assert [(disk / "tls" / name).stat().st_mode & 0o777 for name in ("c.crt", "c.key")] == [0o644, 0o600]
    assert list((disk / "tls").glob("c.crt.before-restore-*"))


def test_the_machine_s_key_made_by_root_serves_the_jobs_of_the_folder_s_group(box: Path) -> None:
    assert plp(box, "backup").exit_code == 0
    assert (box / "var/backup.key").stat().st_mode & 0o777 == 0o600
    (box / "var/backup.key").unlink()
    (box / "var").chmod(0o2770)
    assert plp(box, "backup").exit_code == 0
    assert (box / "var/backup.key").stat().st_mode & 0o777 == 0o640


def test_what_a_backup_lacks_is_said_by_the_check_and_by_the_restore(box: Path, tmp_path: Path) -> None:
    (box / "zone.password").mkdir()  # not readable as a file, even for root
    with (box / "config.ini").open("a") as config:
        config.write("[plan_b]\npassword_file = zone.password\n")
    file = box / "kept" / plp(box, "backup").stdout.strip()
    assert (
        "NON   sauvegarde : La dernière sauvegarde est incomplète : « plp jobs » n'a pas pu lire plan_b"
        in plp(box, "check").stdout
    )
    disk = tmp_path / "new"
    disk.mkdir()
    done = plp(disk, "restore", str(file), "--identity", str(box / "zone.key"), "--all", "--yes")
    assert "absents de cette sauvegarde : plan_b.password_file" in done.stdout


def test_a_flipped_byte_is_one_line_and_nothing_is_changed(box: Path) -> None:
    file = box / "kept" / plp(box, "backup").stdout.strip()
    whole = file.read_bytes()
    file.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    before = (box / "var/plp.db").read_bytes()
    refused = plp(box, "restore", str(file), "--yes")
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "est endommagé ou" in refused.stderr
    assert (box / "var/plp.db").read_bytes() == before


def test_without_a_place_or_a_backup_it_says_what_to_do(box: Path) -> None:
    assert "Aucune sauvegarde de box" in plp(box, "restore").stderr
    (box / "config.ini").write_text("[zone]\nname = X\n")
    refused = plp(box, "backup")
    assert (refused.exit_code, "docs/backup.md" in refused.stderr) == (1, True)

"""`plp certificate`: one that vouches for itself and works, or the zone's own with each of its faults told."""

import re
import ssl
import subprocess
from datetime import timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from base.settings.reading import load_settings
from db.operations.incidents import open_incidents
from plp.cli.main import main
from plp.jobs.alarms.telling import look
from plp.services import certificates
from plp.services.certificates import VALID_FOR, card_of, made
from plp.serving import check_certificate
from tests.support.moment import START

NAME = "plp.police.example.be"
NOW = START
DAY = timedelta(days=1)
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "middle", "own", "other")}


def pem(key, password=None):
    secret = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)


def issued(name, issuer, key=None, first=-DAY, last=90 * DAY, host=NAME):
    """A certificate for KEYS[name], or `key`, which KEYS[issuer] signed, as PEM."""
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key((key or KEYS[name]).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + first)
        .not_valid_after(NOW + last)
    )
    if host:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return built.sign(KEYS[issuer], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


OWN, MIDDLE, ROOT = issued("own", "middle"), issued("middle", "root", host=""), issued("root", "root", host="")


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.ini"
    path.write_text(f"[mail]\npublic_url = https://{NAME}\n[console]\ncertificate = c.crt\nkey = c.key\n")
    return path


def run(config, *arguments):
    return CliRunner().invoke(main, ["--config", str(config), "certificate", *map(str, arguments)])


def taken(config, certificate, key):
    (config.parent / "theirs.crt").write_bytes(certificate)
    (config.parent / "theirs.key").write_bytes(key)
    return run(config, "take", config.parent / "theirs.crt", config.parent / "theirs.key")


def test_one_of_its_own_works_and_shows_its_fingerprint(config):
    told = run(config, "new", "--name", "192.0.2.7")
    assert told.exit_code == 0, told.output
    context = check_certificate(load_settings(config).console)
    assert isinstance(context, ssl.SSLContext)
    written = (config.parent / "c.crt").read_bytes()
    der = ssl.PEM_cert_to_DER_cert(written.decode())
    fingerprint = re.search(r"Empreinte SHA-256 : ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", told.stdout)[1]
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    assert fingerprint == digest.finalize().hex(":").upper()
    card = card_of(written)
    assert {NAME, "192.0.2.7", "localhost", "127.0.0.1"} <= set(card.names)
    assert timedelta(days=396) < card.ends_at - NOW < timedelta(days=397)
    assert oct((config.parent / "c.key").stat().st_mode & 0o777) == "0o600"
    assert fingerprint in run(config, "show").stdout


@pytest.fixture
def at_home(monkeypatch):
    """A machine with a name and three addresses."""
    monkeypatch.setattr(certificates.socket, "gethostname", lambda: "plp.zone.example.be")
    answer = subprocess.CompletedProcess([], 0, "192.0.2.5 10.0.0.5 fd00::5 \n")
    monkeypatch.setattr(certificates.subprocess, "run", lambda *_command, **_options: answer)


@pytest.mark.usefixtures("at_home")
def test_it_is_for_all_that_the_guide_tells_people_to_type(config):
    config.write_text("[console]\nlisten = 198.51.100.7:8443\ncertificate = c.crt\nkey = c.key\n")
    assert run(config, "new").exit_code == 0
    names = set(card_of((config.parent / "c.crt").read_bytes()).names)
    typed = {"plp.zone.example.be", "plp.local", "192.0.2.5", "10.0.0.5", "fd00::5", "198.51.100.7", "localhost"}
    assert typed <= names


@pytest.mark.usefixtures("at_home")
def test_check_names_the_address_that_came_after_the_certificate(config, monkeypatch):
    config.write_text("[console]\nlisten = 0.0.0.0:0\ncertificate = c.crt\nkey = c.key\n")
    run(config, "new")

    def console():
        said = CliRunner().invoke(main, ["--config", str(config), "check"]).stdout
        return next(line for line in said.splitlines() if " console : " in line)

    CliRunner().invoke(main, ["--config", str(config), "migrate"])
    assert console().startswith("ok")
    answer = subprocess.CompletedProcess([], 0, "192.0.2.6\n")
    monkeypatch.setattr(certificates.subprocess, "run", lambda *_command, **_options: answer)
    assert (
        console()
        == "!     console : le certificat ne vaut pas pour 192.0.2.6 : « plp certificate new » en crée un autre"
    )


@pytest.mark.parametrize("name", ["list csv", "https://10.0.0.5:8443", "10.0.0.5:8443", "-x", "a..b"])
def test_what_is_no_name_and_no_address_is_refused(config, name):
    refused = run(config, "new", "--name", name)
    assert (refused.exit_code, "n'est ni un nom de machine ni une adresse" in refused.stderr) == (1, True)
    assert not (config.parent / "c.crt").exists()


def test_without_a_place_in_the_configuration_it_says_what_to_write_there(config):
    config.write_text("")
    told = run(config, "new")
    assert f"certificate = {config.parent}/tls/console.crt" in told.stdout
    assert f"key = {config.parent}/tls/console.key" in told.stdout
    assert (run(config, "show").exit_code, run(config, "new", "--name", "a" * 70 + ".be").exit_code) == (1, 1)


def test_one_that_an_authority_signed_is_not_replaced_by_accident(config):
    assert taken(config, OWN + MIDDLE + ROOT, pem(KEYS["own"])).exit_code == 0
    assert run(config, "show").exit_code == 0
    refused = run(config, "new")
    assert (refused.exit_code, "--yes" in refused.stderr) == (1, True)
    assert run(config, "new", "--yes").exit_code == 0
    assert run(config, "new").exit_code == 0


RSA_1024 = rsa.generate_private_key(65537, 1024)
FAULTS = {
    "expiré le": (issued("own", "root", last=-DAY / 2), pem(KEYS["own"])),
    "à partir du": (issued("own", "root", first=DAY), pem(KEYS["own"])),
    "ne correspond pas à ce certificat": (OWN, pem(KEYS["other"])),
    "doit être le premier du fichier, il est le n° 2": (MIDDLE + OWN, pem(KEYS["own"])),
    "n° 2 du fichier n'a pas signé": (OWN + ROOT + MIDDLE, pem(KEYS["own"])),
    "n° 3 du fichier n'a pas signé": (OWN + MIDDLE + issued("other", "other"), pem(KEYS["own"])),
    "aucun nom": (issued("own", "root", host=""), pem(KEYS["own"])),
    "n'est pas un certificat": (b"-----BEGIN NOTHING-----", pem(KEYS["own"])),
    "n'est pas une clé privée": (OWN, OWN),
    "protégée par un mot de passe": (OWN, pem(KEYS["own"], b"quatre mots")),
    "que 1024 bits": (issued("own", "root", key=RSA_1024), pem(RSA_1024)),
    "RSA ou ECDSA": (OWN, pem(ed25519.Ed25519PrivateKey.generate())),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_zone_s_own_is_a_sentence(config, fault):
    run(config, "new")
    before = (config.parent / "c.crt").read_bytes()
    refused = taken(config, *FAULTS[fault])
    assert (refused.exit_code, fault in refused.stderr) == (1, True), refused.output
    assert refused.stderr.count("\n") == 1
    assert (config.parent / "c.crt").read_bytes() == before


def test_names_that_it_does_not_cover_are_told(config):
    told = taken(config, issued("own", "root", host="autre.example.be"), pem(KEYS["own"]))
    assert (told.exit_code, NAME in told.stderr) == (0, True)
    assert NAME not in taken(config, issued("own", "root", host="*.police.example.be"), pem(KEYS["own"])).stderr


def test_files_that_are_not_there_are_told(config):
    refused = run(config, "take", config.parent / "none", config.parent / "none")
    assert (refused.exit_code, "Impossible de lire" in refused.stderr) == (1, True)


@pytest.mark.tuesday
def test_its_end_is_an_incident_a_month_before(config, database, now):
    (config.parent / "var").mkdir(exist_ok=True)
    pem, key = made(["localhost"], now)
    (config.parent / "c.crt").write_bytes(pem)
    (config.parent / "c.key").write_bytes(key)
    (config.parent / "c.key").chmod(0o600)
    settings = load_settings(config)

    def told(at):
        look(settings, at)
        return [card.sentence for card in open_incidents() if card.kind == "certificate"]

    assert told(now) == []
    assert told(now + VALID_FOR - 31 * DAY) == []
    (sentence,) = told(now + VALID_FOR - 29 * DAY)
    assert "expire le 26/12/2027" in sentence
    (config.parent / "c.crt").write_bytes(made(["localhost"], now + VALID_FOR)[0])
    assert told(now + VALID_FOR - 29 * DAY) == []


def test_in_a_shared_folder_the_jobs_may_read_the_key_to_back_it_up(config):
    (config.parent / "config.ini").write_text("[console]\ncertificate = tls/c.crt\nkey = tls/c.key\n")
    (config.parent / "tls").mkdir()
    (config.parent / "tls").chmod(0o2750)
    assert run(config, "new").exit_code == 0
    assert [(config.parent / "tls" / name).stat().st_mode & 0o777 for name in ("c.crt", "c.key")] == [0o644, 0o640]

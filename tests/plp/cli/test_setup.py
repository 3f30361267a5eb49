"""`plp setup`: asks in order what a new box lacks, does it as the other commands do, and says what is left."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from base.settings.reading import load_settings
from console.admin.upkeep import _WHERE as PAGES
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.people.zone import directory, zone
from plp.cli.main import main
from plp.cli.setup import _STEPS as TAKEN
from plp.services.machine import first_steps

pytestmark = pytest.mark.slow

STEPS = [
    "la zone",
    "le certificat",
    "un administrateur",
    "un modem",
    "un SMS",
    "le technicien",
    "des membres",
    "l'e-mail",
    "une sauvegarde",
    "un serveur",
]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLP_DEMO", "0")
    (tmp_path / "config.ini").write_text("[zone]\nname = Zone d'essai\n")
    (tmp_path / "list.csv").write_text(
        "first_name;last_name;mobile;neighbourhood;consent_sms\nAnne;Exemple;0470 00 00 01;Plainevaux;yes\n"
    )
    return tmp_path


def plp(folder: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--config", str(folder / "config.ini"), *arguments], input=typed)


def told(result: Result) -> dict[str, bool]:
    """The list at the end: which step is done."""
    lines = [line for line in result.stdout.splitlines() if line.startswith(("ok ", "MANQUE "))]
    return {step: line.startswith("ok") for line in lines for step in STEPS if f" {step}" in line}


def test_from_nothing_to_what_a_terminal_can_do(box: Path) -> None:
    zone = "y\nZone d'essai\n5278\n101\n04/000 00 00\n"
    rest = "y\ny\ny\ny\ny\n0470 00 00 02\n" + f"y\n{box / 'list.csv'}\ny\ny\n{box / 'zone.key'}\ny\n"
    asked = plp(box, "setup", typed=zone + rest)
    assert asked.exit_code == 1
    assert "/setup/" in asked.stdout  # the first admin's link
    assert "Aucun modem prêt" in asked.stderr
    assert "Remplissez [mail] from et smtp" in asked.stderr
    assert (box / "tls").is_dir()
    assert (box / "zone.key").exists()
    assert "age1" in asked.stdout
    done = told(asked)
    assert list(done) == STEPS
    assert [step for step, held in done.items() if held] == ["la zone", "le technicien", "des membres", "un serveur"]


def test_a_fresh_box_asks_for_its_zone_until_each_question_is_answered(box: Path) -> None:
    (box / "config.ini").write_text("[zone]\n")
    plp(box, "setup", typed="n\n" * 10)
    assert not told(plp(box, "setup", "--list"))["la zone"]
    refused = plp(box, "broadcast", "send", "--all", "--text", "Essai", "--yes")
    assert (refused.exit_code, "la zone de police n'a pas encore de nom" in refused.stderr) == (1, True)
    answered = plp(box, "setup", typed="y\n\nZone d'essai\n9999\n\n04/000 00 00\n" + "n\n" * 9)
    assert told(answered)["la zone"]
    assert "Nom de la zone: Nom de la zone: " in answered.stdout.replace("\n", "")  # nothing is no answer


def test_each_step_is_one_that_setup_can_take_and_each_page_is_of_a_step(box: Path) -> None:
    plp(box, "migrate")
    bind("sqlite:///var/plp.db", box)
    with connected():
        steps = list(first_steps(load_settings(box / "config.ini"), utc_now()))
    assert sorted(TAKEN) == sorted(steps)
    assert set(PAGES) <= set(steps)


def test_what_is_done_is_not_asked_again_and_no_is_an_answer(box: Path) -> None:
    plp(box, "setup", typed="y\nZone d'essai\n5278\n101\n04/000 00 00\n" + "n\n" * 9)
    again = plp(box, "setup", typed="n\n" * 9)
    assert "Nom de la zone" not in again.stdout
    assert told(again)["la zone"]


@pytest.mark.parametrize("yes", ["o", "Oui", "y", "ja", ""])
@pytest.mark.parametrize("no", ["n", "NON", "nee"])
def test_yes_and_no_are_words_of_the_technicians_language(box: Path, yes: str, no: str) -> None:
    asked = plp(box, "setup", typed=f"{yes}\nZone d'essai\n5278\n101\n04/000 00 00\n" + f"{no}\n" * 9)
    assert told(asked)["la zone"]
    assert "répondez" not in asked.output


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        (["n", "Zone d'essai", "5278", "101", "04/000 00 00"], "« n » ne répond pas à cette question"),
        (["Zone d'essai", "liste.csv", "5278", "101", "04/000 00 00"], "n'est pas un code de zone"),
        (["Zone d'essai", "5278", "n", "101", "04/000 00 00"], "« n » ne répond pas à cette question"),
        (["Zone d'essai", "5278", "911", "101 ou 112", "04/000 00 00"], "n'est pas un numéro d'urgence"),
        (["Zone d'essai", "5278", "101", "n", "04/000 00 00"], "« n » ne répond pas à cette question"),
        (["Zone d'essai", "5278", "101", "list.csv", "04/000 00 00"], "n'est pas un numéro de téléphone"),
    ],
)
def test_an_answer_is_read_by_the_rule_of_config_ini_and_asked_again(
    box: Path, answers: list[str], refused: str
) -> None:
    asked = plp(box, "setup", typed="\n".join(["y", *answers]) + "\n" + "n\n" * 9)
    assert refused in asked.output
    assert told(asked)["la zone"]
    bind("sqlite:///var/plp.db", box)
    with connected():
        kept = zone()
    assert (kept.name, kept.code, kept.phone) == ("Zone d'essai", "5278", "04/000 00 00")
    assert kept.emergency in ("101", "101 ou 112")


def test_neither_a_file_nor_a_no_is_the_technicians_number(box: Path) -> None:
    typed = "n\n" * 5 + "y\nlist.csv\nn\n0470 00 00 02\n" + "n\n" * 4
    asked = plp(box, "setup", typed=typed)
    assert "« list.csv » n'est pas un numéro de téléphone" in asked.output
    assert told(asked)["le technicien"]
    bind("sqlite:///var/plp.db", box)
    with connected():
        assert [entry.contact for entry in directory()] == ["0470 00 00 02"]


def test_a_no_makes_no_key_and_a_list_that_is_not_there_is_asked_again(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(box)
    typed = "n\n" * 6 + f"y\nn\nnone.csv\n{box / 'list.csv'}\nn\ny\nn\n{box / 'zone.key'}\nn\n"
    asked = plp(box, "setup", typed=typed)
    assert "Impossible de lire none.csv" in asked.output
    assert told(asked)["des membres"]
    assert (box / "zone.key").exists()
    assert not (box / "n").exists()


def test_another_word_is_asked_about(box: Path) -> None:
    asked = plp(box, "setup", typed="peut-être\n" + "n\n" * 9)
    assert "répondez « o » (oui) ou « n » (non)" in asked.output
    assert "faire cette étape maintenant ? [O/n]" in asked.output
    assert not told(asked)["la zone"]


def test_the_list_asks_nothing_and_makes_nothing(box: Path) -> None:
    assert plp(box, "setup", "--list").exit_code == 1
    assert not (box / "var").exists()
    plp(box, "migrate")
    assert list(told(plp(box, "setup", "--list"))) == STEPS


def test_the_first_link_names_the_machine_where_the_console_listens_everywhere(box: Path) -> None:
    with (box / "config.ini").open("a") as config:
        config.write("[console]\nlisten = 0.0.0.0:8443\ncertificate = c.crt\nkey = c.key\n")
    asked = plp(box, "setup", typed="n\nn\ny\n" + "n\n" * 7)
    assert f"https://{socket.gethostname()}:8443/setup/" in asked.stdout

"""`plp member import`: files that cannot be written, and lists whose columns nobody knows."""

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.members.listing import members
from plp.cli.main import main
from tests.support.journal import copied
from tests.support.people import person


@pytest.fixture
def config(tmp_path, seeded):
    path = tmp_path / "config.ini"
    path.write_text("[database]\nurl = sqlite:///plp.db\n", encoding="utf-8")
    copied(seeded, tmp_path / "plp.db")
    with Installation(path).open_database():
        for number in (1, 11):
            person(number, utc_now(), email=f"m{number}@example.org")
    return path


def test_a_file_for_the_refused_rows_that_cannot_be_written_is_refused_before_anything_is_stored(config, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("prénom;nom;gsm\nAnne;Neuve;0470 99 99 99\n", encoding="utf-8")
    where = tmp_path / "missing" / "refused.csv"
    refused = CliRunner().invoke(
        main, ["--config", str(config), "member", "import", str(file), "--refused", str(where)]
    )
    assert (refused.exit_code, f"{where} ne peut pas être écrit" in refused.output) == (1, True)
    with Installation(config).open_database():
        assert len(members().rows) == 2


UNCLEAR = "nom;gsm;quartier;Consentement\nMaes;0470 88 00 01;Ehein;oui\nRossi;0470 88 00 02;Ehein;non\n"


@pytest.mark.parametrize("how", [(), ("--dry-run",), ("--json",)])
def test_a_list_with_a_column_that_may_be_a_consent_is_refused_with_how_to_map_it(config, tmp_path, how):
    file = tmp_path / "list.csv"
    file.write_text(UNCLEAR, encoding="utf-8")
    plp = ["--config", str(config), "member"]
    refused = CliRunner().invoke(main, [*plp, "import", str(file), *how])
    assert refused.exit_code == 1
    assert "la colonne Consentement" in refused.output
    assert "Consentement=consent_sms" in refused.output
    for column in ("Consentement", "4"):
        done = CliRunner().invoke(main, [*plp, "import", str(file), "--map", f"{column}=consent_sms"])
        assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, [*plp, "import", str(file), *how]).exit_code == 0, "it is known by now"
    with Installation(config).open_database():
        sms = {card.last_name: card.sms for card in members().rows}
    assert (sms["Maes"], sms["Rossi"]) == (True, False)

"""`plp member import`: lists whose columns nobody knows."""

import pytest
from click.testing import CliRunner

from db.engine.clock import utc_now
from db.operations.installation import Installation
from db.people.members.listing import members
from plp.cli.main import main
from plp.services.people.importing import import_list
from plp.services.people.reading import list_in
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


UNCLEAR = "nom;gsm;quartier;Consentement\nMaes;0470 88 00 01;Ehein;oui\nRossi;0470 88 00 02;Ehein;non\n"


@pytest.mark.parametrize("how", [(), ("--dry-run",), ("--json",)])
def test_a_list_with_a_column_that_may_be_a_consent_is_refused_until_the_console_knows_it(config, tmp_path, how):
    file = tmp_path / "list.csv"
    file.write_text(UNCLEAR, encoding="utf-8")
    command = ["--config", str(config), "member", "import", str(file), *how]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "la colonne Consentement" in refused.output
    assert "Importez d'abord cette liste dans la console" in refused.output
    columns = ["last_name", "mobile", "neighbourhood", "consent_sms"]
    with Installation(config).open_database():
        import_list(list_in(file.read_bytes(), file.name), columns, "anne", utc_now())
    assert CliRunner().invoke(main, command).exit_code == 0, "it is known by now"
    with Installation(config).open_database():
        sms = {card.last_name: card.sms for card in members().rows}
    assert (sms["Maes"], sms["Rossi"]) == (True, False)

"""docs/hardware.md lists each model of the table, and each kind that is played, with what was truly tried."""

from modem.driver.models.models import TABLE
from tests.modem.driver.hardware_page import BEGIN, END, FOREIGN, PAGE, PROFILES, TRANSCRIPTS, played, written

EC25 = "| EC25 | EC25EFAR06A06M4G | Proximus, 4G | 2027-01-14 | 31 sent (median 3.1 s), reports yes, 4 received |\n"


def test_the_page_has_the_table_that_is_made_of_the_checkout():
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page), "run python -m tests.modem.driver.hardware_page"


def test_every_model_and_everything_that_is_played_has_a_row():
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    models = [line.partition(",")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    assert [model for model in models if f"| {model} |" not in table] == []
    files = [*PROFILES.glob("*.toml"), *FOREIGN.glob("*.toml"), *TRANSCRIPTS.glob("*.txt")]
    stems = {file.stem for file in files} - {"default"}
    assert {how.split("`")[1] for files in played().values() for how in files} == stems
    assert [stem for stem in stems if f"`{stem}`" not in table] == []


def test_no_row_claims_a_real_stick_before_somebody_reported_one():
    page = PAGE.read_text(encoding="utf-8")
    rows = [
        line
        for line in page.partition(BEGIN)[2].partition(END)[0].splitlines()
        if line.startswith("| ") and "Real stick" not in line
    ]
    assert {line.rpartition(" | ")[2] for line in rows} == {"none yet |"}
    assert "**No stick has been tried yet.**" in page


def test_a_report_that_is_sent_in_stands_in_its_models_row():
    page = PAGE.read_text(encoding="utf-8").replace("|---|---|---|---|---|\n\n", f"|---|---|---|---|---|\n{EC25}\n", 1)
    assert "| 4G | simulated profile `ec25` | Proximus, 4G, 2027-01-14 |" in written(page)

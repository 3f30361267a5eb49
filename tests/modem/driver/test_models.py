"""The table of models: read whole, found by USB id and by what a modem says of itself."""

import csv
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from modem.driver.models.models import KNOWN, TABLE, Access, Kind, MatchBy, by_usb_id, for_model, rows
from modem.driver.models.quirks import quirks_for
from tools.modem_table import before_switch, table

RULES = Path("/usr/lib/udev/rules.d")
MODEMMANAGERS = list(csv.DictReader(KNOWN.read_text("utf-8").splitlines(), strict=True))


def test_where_modemmanager_knows_an_id_of_ours_it_names_the_same_at_port():
    told = {line["usb_id"]: line["at"].split() for line in MODEMMANAGERS}
    ours = [(usb_id, row.at) for row in rows() for usb_id in row.usb_ids if usb_id in told]
    assert [(usb_id, at, told[usb_id]) for usb_id, at in ours if set(at) != set(told[usb_id])] == []
    assert len(ours) >= len(told)


@pytest.mark.client
def test_what_modemmanager_knows_is_made_of_debians_rules():
    if not (RULES / "77-mm-quectel-port-types.rules").exists():
        pytest.skip("apt-get install modemmanager")
    made = [{**line, "usb_id_before_switch": ""} for line in table(RULES)]
    assert made == [{**line, "usb_id_before_switch": ""} for line in MODEMMANAGERS]


def test_sticks_that_pretend_to_be_cd_roms_are_found_in_usb_modeswitchs_files(tmp_path):
    told = 'TargetVendor=0x2001\nTargetProductList="7e35,7e36"\n'
    (tmp_path / "2001:ab00").write_text(told)
    (tmp_path / "12d1:1f01:uPr").write_text("TargetVendor= 0x12d1\nTargetProduct= 0x14DB\n")
    (tmp_path / "0000:0000").write_text("Mode=1\n")
    assert before_switch(tmp_path) == {
        "2001:7e35": ["2001:ab00"],
        "2001:7e36": ["2001:ab00"],
        "12d1:14db": ["12d1:1f01"],
    }


def names(found):
    return found.names if found else None


def test_the_packaged_table():
    own = len(TABLE.read_text().splitlines()) - 1
    assert {row.note for row in rows()[own:]} <= {line["note"] for line in MODEMMANAGERS}
    ids = [usb_id for row in rows() for usb_id in row.usb_ids]
    assert {line["usb_id"] for line in MODEMMANAGERS} <= set(ids)
    (fibocom,) = by_usb_id("2cb7:0104")
    assert (fibocom.names, fibocom.at, fibocom.second_at) == ("Fibocom FM150", ("01",), ("02",))
    (e3372,) = by_usb_id("12D1:1506")
    assert (e3372.kind, e3372.match_by, e3372.at, e3372.init) == ("at", "protocol", ("02", "12"), ("AT^CURC=0",))
    (ec25,) = by_usb_id("2c7c:0125")
    assert (ec25.match_by, ec25.at, ec25.second_at) == ("interface", ("02",), ("03",))
    (mf190,) = by_usb_id("19d2:0082")
    assert mf190.init == ("AT+ZCDRUN=8", "AT+ZOPRT=5")
    (toby,) = by_usb_id("1546:1141")
    assert toby.settle_s == 20
    assert [row.kind for row in by_usb_id("10c4:ea60")] == ["bridge"]
    assert by_usb_id("dead:beef") == ()


def test_a_command_that_stands_twice_in_a_row_is_given_twice():
    (row,) = by_usb_id("19d2:0082")
    twice = replace(row, init=("AT+ZCDRUN=8", "AT+ZOPRT=5", "AT+ZCDRUN=8"))
    assert quirks_for(twice, "ZTE").init == ("AT+ZCDRUN=8", "AT+ZOPRT=5", "AT+ZCDRUN=8")


def test_a_models_commands_come_before_its_makers():
    (row,) = by_usb_id("19d2:0082")
    assert quirks_for(replace(row, init=("AT+ZCDRUN=8",)), "ZTE").init == ("AT+ZCDRUN=8", "AT+ZOPRT=5")


def test_ids_before_the_switch_are_another_question():
    assert by_usb_id("12d1:1f01") == ()
    before = [usb_id for row in rows() for usb_id in row.usb_ids_before_switch]
    assert (before.count("12d1:1f01"), before.count("12d1:1446")) == (1, 2)


@pytest.mark.parametrize(
    ("manufacturer", "model", "expected"),
    [
        ("huawei", "E173", "Huawei E173 E1750 E220"),
        ("huawei", "E173s", "Huawei E173s"),
        ("huawei", "E3372h", "Huawei E3372s/h stick firmware and E3131"),
        ("huawei", "E3372", "Huawei E3372s/h stick firmware and E3131"),
        ("Quectel", "EC25", "Quectel EC25 EG25"),
        ("Quectel", "EG25", "Quectel EC25 EG25"),
        ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "SIMCom SIM7000 SIM7100 SIM7600"),
        ("SIMCOM_Ltd", "SIMCOM_SIM800L", "SIM800 SIM900 Wavecom on a UART bridge"),
        ("ZTE INCORPORATED", "MF190", "ZTE MF190"),
        ("Sierra Wireless, Incorporated", "MC7430", "Sierra MC74xx MC7455 EM7455 EM7565"),
        ("Cinterion", "PLS83-W", "Cinterion PLS62 PLS63 PLS83"),
        ("Cinterion", "PLS8-E", "Cinterion PLS8"),
        ("u-blox", "SARA-U201", "u-blox SARA-U2 LISA-U2"),
        ("Telit", "LE910-EU1", "Telit LE910"),
        ("", "EC25", "Quectel EC25 EG25"),
        ("Somebody", "LE910", "Telit LE910"),
        ("huawei", "EC25", None),
        ("SIMULATION", "SimModem", None),
        ("Example", "NEC25", None),
        ("", "", None),
    ],
)
def test_by_what_it_says(manufacturer, model, expected):
    assert names(for_model(manufacturer, model)) == expected


def test_ids_that_models_share_are_told_apart_by_cgmm():
    assert len(by_usb_id("1e0e:9011")) == 2
    assert names(for_model("SIMCOM INCORPORATED", "SIM7670G", "1e0e:9011")) == "SIMCom SIM7670G"
    assert names(for_model("SIMCOM INCORPORATED", "A7600E-HNVW", "1e0e:9011")) == "SIMCom A7600E-H A7602E-H"
    assert for_model("SIMCOM INCORPORATED", "SIM7600", "1e0e:9011") is None


def test_an_id_of_one_model_decides_alone():
    assert names(for_model("", "", "2c7c:0125")) == "Quectel EC25 EG25"


def test_behind_a_bridge_the_names_decide():
    assert names(for_model("Quectel", "EC25", "1a86:7523")) == "Quectel EC25 EG25"
    assert for_model("Example", "X1", "1a86:7523") is None


PORTS, IDS = r"([0-9a-f]{2}( [0-9a-f]{2})*)?", r"[0-9a-f]{4}:[0-9a-f]{4}( [0-9a-f]{4}:[0-9a-f]{4})*"
FORMS = {
    "model": r"\S.*\S",
    "usb_id": IDS,
    "usb_id_before_switch": f"({IDS})?",
    "kind": "|".join(get_args(Kind)),
    "match_by": "|".join(("", *get_args(MatchBy))),
    "at": PORTS,
    "second_at": PORTS,
    "ignore": PORTS,
    "init": r"(AT\S+( AT\S+)*)?",
    "settle_s": r"\d*",
    "access": "|".join(("", *get_args(Access))),
    "note": ".*",
}
LINES = list(csv.DictReader(TABLE.read_text("utf-8").splitlines(), strict=True))


@pytest.mark.parametrize("cells", LINES, ids=lambda cells: cells["model"])
def test_each_cell_of_the_table_has_its_form(cells):
    assert list(cells) == list(FORMS)
    assert {column: cell for column, cell in cells.items() if not re.fullmatch(FORMS[column], cell)} == {}
    assert cells["kind"] != "at" or (cells["at"] and cells["match_by"])


def test_a_row_is_read_in_its_types():
    toby = next(row for row in rows() if row.settle_s == 20)
    assert (toby.kind, toby.usb_ids, toby.init) == ("at", ("1546:1141", "1546:1143"), ())

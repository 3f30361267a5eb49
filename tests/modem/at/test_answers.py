"""Answers of real dialects, with invented numbers."""

import pytest

from modem.at import answers
from modem.at.answers import NetworkStatus, StorageUse


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("+CREG: 0,1", NetworkStatus(1)),
        ("+CREG: 2,5", NetworkStatus(5)),
        ('+CREG: 2,1,"00C3","0001A2B3",7', NetworkStatus(1, 7)),
        ("+CREG: 2,1,00C3,A2B3", NetworkStatus(1)),
        ('+CREG: 2,2,"",""', NetworkStatus(2)),
        ('+CREG: 2, 1, "C3", "1A2B3", 0', NetworkStatus(1, 0)),
        ("+CREG: 1", None),
        ("+CREG:", None),
        ("+CREG: a,b", None),
    ],
)
def test_network_status(line, status):
    assert answers.network_status(["noise", line], "+CREG") == status


@pytest.mark.parametrize(
    ("status", "registered"),
    [(0, False), (1, True), (2, False), (3, False), (5, True), (6, True), (7, True), (8, False)],
)
def test_registered(status, registered):
    assert NetworkStatus(status).registered is registered


@pytest.mark.parametrize(
    ("line", "operator"),
    [
        ('+COPS: 0,2,"20601",7', ("20601", 7)),
        ('+COPS: 0,0,"Exemple, Belgique"', ("Exemple, Belgique", None)),
        ("+COPS: 0", None),
        ('+COPS: 0,2,""', None),
    ],
)
def test_operator(line, operator):
    assert answers.operator([line]) == operator


@pytest.mark.parametrize(
    ("access", "technology"), [(0, "2G"), (3, "2G"), (2, "3G"), (6, "3G"), (7, "4G"), (9, "4G"), (None, None)]
)
def test_technology(access, technology):
    assert answers.technology(access) == technology


@pytest.mark.parametrize(
    ("line", "dbm"),
    [("+CSQ: 0,0", -113), ("+CSQ: 21,99", -71), ("+CSQ: 31,0", -51), ("+CSQ: 99,99", None), ("+CSQ: x", None)],
)
def test_signal(line, dbm):
    assert answers.signal_dbm([line]) == dbm


@pytest.mark.parametrize(
    ("line", "state"),
    [("+CPIN: READY", "READY"), ("+CPIN: SIM PIN", "SIM PIN"), ('+CPIN: "SIM PUK"', "SIM PUK"), ("READY", None)],
)
def test_pin_state(line, state):
    assert answers.pin_state([line]) == state


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["huawei"], "huawei"),
        (['+CGMM: "E3372"'], "E3372"),
        (["Revision: 11.126.16.04"], "11.126.16.04"),
        (["SIMCOM_Ltd"], "SIMCOM_Ltd"),
        ([], ""),
    ],
)
def test_text_line(lines, text):
    assert answers.text_line(lines) == text


def test_imei_and_imsi():
    assert answers.imei(["+CGSN: 350000000000017"]) == "350000000000017"
    assert answers.imei(['"350000000000017"']) == "350000000000017"
    assert answers.imei(["none"]) is None
    assert answers.imsi(["206010000000001"]) == "206010000000001"
    assert answers.imsi(["+CIMI: 206010000000001"]) == "206010000000001"


@pytest.mark.parametrize(
    "line",
    [
        "+CCID: 8932000000000000012",
        '+CCID: "8932000000000000012"',
        "ICCID: 8932000000000000012",
        "8932000000000000012F",
        "^ICCID: 8932000000000000012F",
        "^ICCID: 982300000000000010F2",
    ],
)
def test_iccid(line):
    assert answers.iccid([line]) == "8932000000000000012"


def test_iccid_that_is_none():
    assert answers.iccid(["+CCID: unknown", "+CCID: 12"]) is None


def test_smsc():
    assert answers.smsc(['+CSCA: "+32470000001",145']) == "+32470000001"
    assert answers.smsc(['+CSCA: "32470000001",145']) == "+32470000001"
    assert answers.smsc(['+CSCA: "",129']) is None


def test_storages():
    assert answers.storages(['+CPMS: "SM",3,30,"SM",3,30,"SM",3,30'])[0] == StorageUse("SM", 3, 30)
    assert answers.storages(["+CPMS: 3,30,3,30,3,30"]) == [StorageUse("", 3, 30)] * 3
    assert answers.storages(["+CPMS: 3,30,3,30"]) == [StorageUse("", 3, 30)] * 2
    assert answers.storages(["OK"]) == []


@pytest.mark.parametrize(
    ("line", "reference"),
    [("+CMGS: 0", 0), ("+CMGS:255", 255), ('+CMGS: 7,"26/11/24"', 7), ("+CMGS: 256", None), ("+CMGS: ", None)],
)
def test_reference(line, reference):
    assert answers.reference([line]) == reference


def test_stored_at():
    assert answers.stored_at('+CDSI: "SR",12') == ("SR", 12)
    assert answers.stored_at("+CMTI: SM, 3") == ("SM", 3)
    assert answers.stored_at("+CMTI: ") is None


ENDLESS = "9" * 3000


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (answers.storages, f'+CPMS: "SM",{ENDLESS[:1500]},{ENDLESS[:1500]}'),
        (lambda lines: answers.stored_at(lines[0]), f'+CMTI: "SM",{ENDLESS}'),
        (lambda lines: answers.network_status(lines, "+CREG"), f"+CREG: 2,{ENDLESS}"),
        (answers.signal_dbm, f"+CSQ: {ENDLESS}"),
    ],
)
def test_a_number_that_no_column_takes_is_none(read, line):
    assert not read([line])


def test_a_name_moves_no_cursor_and_is_not_endless():
    assert answers.text_line(["E\x9b2J3372" + "x" * 4000]) == "E2J3372" + "x" * 93
    assert answers.operator(['+COPS: 0,2,"206\x9b01",7']) == ("20601", 7)

"""The table of codes: every one has a rule, and those of the reference have theirs.

docs/reference/modem-facts.md, "Error codes and what to do".
"""

from datetime import timedelta

import pytest

from modem.daemon.policy import error_table
from modem.daemon.policy.error_table import DEFAULT, reason_of, rule_for, rule_of, without_validity
from modem.errors import CmeError, CmsError, CommandError

# code, about, fate, remedy, the waits before its retries in seconds, whether they go on until the deadline
TABLE = [
    (1, "recipient", "fail", "none", (), False),
    *[(code, "sim", "retry", "suspend", (15,), False) for code in (8, 10, 21, 29)],
    *[(c, "network", "retry", "none", (30, 60, 120, 240, 300), True) for c in (17, 22, 42, 47, 192, 194)],
    (27, "recipient", "retry", "none", (300, 900), False),
    *[(code, "sim", "retry", "retire", (15,), False) for code in (28, 193)],
    (30, "unclear", "retry", "none", (60,), False),
    (38, "unclear", "retry", "none", (60, 300), False),
    (41, "network", "retry", "none", (5, 30, 120, 60, 300), False),
    *[(code, "bearer", "retry", "switch_bearer", (15,), False) for code in (50, 69)],
    *[(c, "pdu", "retry", "none", (30,), False) for c in (81, 95, 96, 97, 98, 99, 111, 127, *range(128, 160))],
    *[(code, "recipient", "fail", "none", (), False) for code in (195, 196)],
    (197, "recipient", "sent", "none", (), False),
    *[(code, "pdu", "retry", "none", (2,), False) for code in (198, 199)],
    *[(c, "modem", "retry", "purge", (2, 10, 30, 120, 300), True) for c in (208, 211, 320, 321, 322)],
    (300, "modem", "retry", "reopen", (2, 10, 30), False),
    *[(code, "either", "retry", "none", (2, 2, 10, 30), True) for code in (302, 304, 305, 3870)],
    *[(code, "modem", "retry", "none", (5, 10, 30, 60), False) for code in (515, 517)],
    (310, "sim", "retry", "no_sim", (15,), False),
    (311, "sim", "retry", "pin", (15,), False),
    *[(code, "sim", "retry", "puk", (15,), False) for code in (312, 316, 317, 318)],
    *[(code, "sim", "retry", "sim_failure", (15,), False) for code in (313, 315)],
    (314, "modem", "retry", "none", (2, 2, 2, 2, 2), False),
    (330, "sim", "retry", "restore_smsc", (5, 30), False),
    *[(code, "network", "retry", "await_network", (10, 30, 60), True) for code in (331, 332)],
    (350, "bearer", "retry", "retire", (15,), False),
    (500, "unknown", "retry", "probe", (30,), False),
]


def test_a_code_that_has_a_rule():
    rules = [(row[0], rule_of(row[0])) for row in TABLE]
    assert [(code, rule.about, rule.fate, rule.remedy, rule.delays_s, rule.endless) for code, rule in rules] == TABLE


def test_every_other_code_is_temporary_with_two_retries():
    known = {row[0] for row in TABLE}
    others = [rule_of(code) for code in range(600) if code not in known]
    assert len(others) == 600 - sum(code < 600 for code in known)
    assert set(others) == {DEFAULT}
    assert (DEFAULT.fate, len(DEFAULT.delays_s), DEFAULT.endless) == ("retry", 2, False)


def test_a_refused_part_never_comes_back_at_once():
    rules = {code: rule_of(code) for code in (None, *range(512))}
    waits = {code: rule.wait(0) for code, rule in rules.items() if rule.fate == "retry"}
    assert len(waits) > 400
    assert {code: wait for code, wait in waits.items() if wait < timedelta(seconds=2)} == {}


def test_waits_are_used_up_or_go_on():
    assert [rule_of(38).wait(n) for n in range(3)] == [timedelta(minutes=1), timedelta(minutes=5), None]
    assert [rule_of(42).wait(n).total_seconds() for n in (0, 4, 5, 99)] == [30, 300, 300, 300]
    assert rule_of(1).wait(0) is None


@pytest.mark.parametrize(
    ("cme", "cms"),
    [(10, 310), (11, 311), (12, 316), (13, 313), (14, 314), (15, 315), (16, 311), (18, 318), (20, 322), (30, 331)],
)
def test_the_modems_own_numbers_are_translated(cme, cms):
    assert rule_for(CmeError("AT+CMGS", cme)) == rule_of(cms)


def test_a_number_of_the_modem_that_means_nothing_to_sms_is_temporary():
    assert rule_for(CmeError("AT+CMGS", 1)) == DEFAULT
    assert rule_for(CommandError("AT+CMGS")) == rule_of(500)
    assert rule_for(CmsError("AT+CMGS", 38)) == rule_of(38)


def test_reasons_are_short_and_name_the_numbering():
    assert [reason_of(error) for error in (CmsError("", 38), CmeError("", 30), CommandError(""))] == [
        "CMS 38",
        "CME 30",
        "ERROR",
    ]
    assert without_validity("CMS 198")
    assert without_validity("CMS 199")
    assert not without_validity("CMS 19")
    assert error_table.rule_of(198).delays_s == (2,)

import pytest

from modem.at.commands import Final
from modem.at.events import Late, Prompt, Response, Urc
from modem.driver.dialogue.footing import ANSWER_TAKES_S, RESTART_TAKES_S, Footing

OK = Response("AT", (), Final("OK"))
RECEIPT = Response("AT+CMGS=20", ("+CMGS: 7",), Final("OK"))


@pytest.fixture
def footing():
    footing = Footing()
    footing.minds_echo = True
    footing.found(0.0)
    return footing


def test_answers_in_time_carry_on(footing):
    for tenths in range(0, 100, 15):
        assert not footing.may_have_restarted(tenths / 10)
        footing.heard(OK, tenths / 10)
        assert footing.is_sure(tenths / 10 + 0.4)


def test_a_pause_ends_it_and_no_answer_brings_it_back(footing):
    assert not footing.is_sure(RESTART_TAKES_S)
    footing.heard(OK, ANSWER_TAKES_S)
    footing.heard(Prompt("AT+CMGS=20"), ANSWER_TAKES_S + 0.1)
    assert not footing.is_sure(ANSWER_TAKES_S + 0.2)
    assert footing.may_have_restarted(ANSWER_TAKES_S + 0.2)
    footing.begin()
    footing.found(5.0)
    assert footing.is_sure(5.1)


def test_a_receipt_may_take_as_long_as_the_network_wants(footing):
    footing.heard(RECEIPT, 30.0)
    assert footing.is_sure(30.4)


@pytest.mark.parametrize(
    "line", ["SMS Ready", "Call Ready", "PB DONE", "+CFUN: 1", "+CPIN: READY", "+QIND: SMS DONE", "APP RDY", "+WIND: 4"]
)
def test_what_a_start_says_casts_doubt(footing, line):
    footing.heard(Urc(line.partition(":")[0], (line,)), 0.1)
    assert not footing.is_sure(0.1)
    assert footing.is_suspect
    footing.heard(RECEIPT, 0.2)
    assert not footing.is_sure(0.2)


def test_a_late_answer_casts_doubt_but_is_no_restarts(footing):
    footing.heard(Late("AT+CSQ", (), Final("OK")), 0.1)
    assert (footing.is_sure(0.1), footing.is_suspect) == (False, False)


def test_an_echo_counts_only_where_it_was_off(footing):
    footing.echoed(1)
    assert (footing.is_sure(0.1), footing.has_echoed) == (False, True)
    always = Footing()
    always.found(0.0)
    always.echoed(1)
    assert always.is_sure(0.1)

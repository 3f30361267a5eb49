"""Faults that lose no message: it goes out once, and what is heard of it is read as it was said."""

import pytest

from modem.driver.base.interface import StoredEvent
from modem.errors import ModemTimeout
from tests.contract.bench import ANNA, BERT, Keeper, nothing, part, within

# A driver that has its own dialogue with the modem.
pytestmark = [pytest.mark.needs("port"), pytest.mark.slow]

DELIVERED, TRYING = 0x00, 0x30
LONG = " ".join(f"mot{number} été €" for number in range(36))  # 3 parts


@pytest.mark.parametrize("locked", [(), ("locked", "radio-off:4", "nofinal:+CPIN")], ids=["open", "locked"])
@pytest.mark.parametrize(
    "wire",
    ["staleprompt", "full", "garbage@0.3", "urc@0.3", "simbusy:1", "staleprompt,garbage@0.2,echo,urc@0.2"],
)
def test_what_a_wire_does_to_lines(bench, monkeypatch, wire, locked):
    monkeypatch.setattr("modem.driver.dialogue.dialogue.SETTLED_S", 0.05)
    bench = bench(faults=[wire, *locked], sim="SIM PIN" if locked else "READY", pin=Keeper())
    assert bench.driver.open().imsi == bench.identity.imsi
    within(20, lambda: bench.driver.registration().registered)
    assert [bench.driver.submit(part(f"Essai {number}"), nothing) for number in range(3)] == [0, 1, 2]
    assert bench.sent == ["Essai 0", "Essai 1", "Essai 2"]
    assert bench.phone.pin_tries == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("report-early", [(0, DELIVERED)]),
        ("report-late:0.1", [(0, DELIVERED)]),
        ("report-twice", [(0, DELIVERED), (0, DELIVERED)]),
        ("report-trying", [(0, TRYING), (0, DELIVERED)]),
        ("report-smsc", [(0, DELIVERED)]),
        ("report-reference:3", [(3, DELIVERED)]),
        ("report:70", [(0, 70)]),
    ],
)
def test_what_the_network_says_of_it(bench, fault, told):
    bench = bench(faults=[fault])
    bench.driver.open()
    assert bench.driver.submit(part(), nothing) == 0
    heard = [bench.report() for _ in told]
    assert [(report.reference, report.status, report.recipient) for report in heard] == [(*each, ANNA) for each in told]


def test_reports_that_overtake_each_other_are_each_of_its_own(bench):
    bench = bench(faults=["report-disorder:0.3"])
    bench.driver.open()
    taken = [bench.driver.submit(part(f"Essai {number}"), nothing) for number in range(6)]
    assert sorted(bench.report().reference for _ in taken) == taken


def test_a_prompt_that_never_comes_hands_nothing_over(bench, monkeypatch):
    monkeypatch.setattr("modem.driver.dialogue.handover.PROMPT_TIMEOUT_S", 0.5)
    bench = bench(faults=["noprompt@=1"])
    bench.driver.open()
    with pytest.raises(ModemTimeout):
        bench.driver.submit(part(), pytest.fail)
    assert bench.sent == []
    bench.driver.close()
    bench.driver.open()
    bench.driver.submit(part("Encore"), nothing)
    assert bench.sent == ["Encore"]


@pytest.mark.parametrize(
    ("fault", "parts"), [("inbound-disorder", [3, 2, 1]), ("inbound-twice", [1, 2, 3, 1, 2, 3]), ("inbound-missing", 2)]
)
def test_parts_of_a_text_come_as_the_network_gave_them(bench, fault, parts):
    bench = bench(faults=[fault])
    bench.driver.open()
    bench.host.order(f"inbound {BERT} {LONG}")
    count = parts if isinstance(parts, int) else len(parts)
    came = [bench.driver.read_stored(bench.event(StoredEvent)).concatenation for _ in range(count)]
    assert {each.total for each in came} == {3}
    assert len({each.seq for each in came}) == 2 if isinstance(parts, int) else [each.seq for each in came] == parts

"""Handing one part over: exactly as it is, at most once, and with an ending for everything that can happen."""

import threading
import time

import pytest

from modem.driver.base.interface import LateReceipt, PortLost
from modem.errors import CmsError, PduError, PortGone, SubmitUnconfirmed
from modem.sms.submit import encode_submit
from tests.contract.bench import ANNA, CARL, nothing, part, within
from tests.modem.sms.examples import THREE_PARTS, UCS2, parts_of
from tests.simulator.dialects import PROFILES


def test_each_kind_of_modem(bench, profile):
    """Who answers, a message in each alphabet, and the report."""
    bench = bench(profile)
    identity, about = bench.driver.open(), PROFILES[profile]
    assert (identity.imei, identity.imsi, identity.iccid) == (
        bench.identity.imei,
        bench.identity.imsi,
        bench.identity.iccid,
    )
    assert (identity.manufacturer, identity.model) == (about.manufacturer, about.model)
    assert about.revision.endswith(identity.revision)  # `Revision:` and its like before it say nothing
    assert identity.smsc == (bench.phone.smsc if bench.manager is None else None)
    texts = [("Vol rue Haute, 21h40 é€", "gsm7"), ("Forêt ’ œ 🚨", "ucs2")]
    receipts = [bench.driver.submit(part(*text), nothing) for text in texts]
    assert receipts == [0, 1]
    assert [(m["to"], m["text"], m["encoding"]) for m in bench.network.messages.lines] == [
        (ANNA, *text) for text in texts
    ]
    report = bench.report()
    assert (report.reference, report.recipient, report.status) == (0, ANNA, 0)


CORNERS = "~^{}[]\\|€@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¤¡ÄÖÑÜ§\n¿äöñüà"


@pytest.mark.needs("port")
def test_every_octet_is_as_it_was_made(bench):
    bench = bench()
    bench.driver.open()
    texts = [THREE_PARTS, UCS2 + " ~" * 20, CORNERS]
    parts = [one for reference, text in enumerate(texts) for one in parts_of(text, ANNA, reference)]
    for one in parts:
        bench.driver.submit(one, nothing)
    assert [line["tpdu"] for line in bench.network.tpdus.lines] == [encode_submit(one)[2:] for one in parts]
    assert bench.sent == texts


def test_references_wrap(bench):
    bench = bench()
    bench.phone.next_reference = 255
    bench.driver.open()
    assert [bench.driver.submit(part(), nothing) for _ in range(2)] == [255, 0]


def test_without_validity_it_is_sent_so(bench):
    bench = bench()
    bench.driver.open()
    bare = part(validity=None)
    bench.driver.submit(bare, nothing)
    assert bench.network.tpdus.lines[0]["tpdu"] == encode_submit(bare)[2:]


@pytest.mark.needs("port")
def test_what_cannot_be_sent_exactly_is_not_sent(bench):
    bench = bench()
    bench.driver.open()
    for bad in (part("n’ouvrez"), part("a" * 161), part(number="0470000002")):
        with pytest.raises(PduError) as raised:
            bench.driver.submit(bad, pytest.fail)
        assert bad.text not in str(raised.value)
    assert bench.network.tpdus.lines == []


def test_nothing_reaches_the_network_before_on_pdu_start(bench):
    bench = bench()
    bench.driver.open()
    taken = []
    bench.driver.submit(part(), lambda: taken.append(len(bench.network.tpdus.lines)))
    assert taken == [0]
    assert len(bench.network.tpdus.lines) == 1


def test_on_pdu_start_fails(bench):
    class DatabaseGone(Exception):
        pass

    def fails():
        raise DatabaseGone

    bench = bench()
    bench.driver.open()
    with pytest.raises(DatabaseGone):
        bench.driver.submit(part(), fails)
    assert bench.network.tpdus.lines == []
    assert bench.driver.submit(part(), nothing) == 0


def test_refusals_by_code(bench):
    codes = {f"{CARL[:-3]}{code}": code for code in (101, 138, 500)}
    bench = bench(faults=[f"number:{number}=cms:{code}" for number, code in codes.items()])
    bench.driver.open()
    for number, code in codes.items():
        with pytest.raises(CmsError) as raised:
            bench.driver.submit(part(number=number), nothing)
        assert raised.value.code == code
        assert number not in str(raised.value)
    assert bench.driver.submit(part("Encore"), nothing) == 0
    assert bench.sent == ["Encore"]


def test_refusal_because_there_is_no_network(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("network off")
    with pytest.raises(CmsError) as raised:
        bench.driver.submit(part(), nothing)
    assert raised.value.code == 331
    bench.host.order("network on")
    within(5, lambda: bench.driver.registration().registered)
    assert bench.driver.submit(part(), nothing) == 0


@pytest.mark.needs("port")
@pytest.mark.slow
def test_lines_that_nobody_asked_for_and_dribbled_bytes(bench):
    bench = bench(faults=["urc@0.5,dribble"])
    bench.driver.open()
    for number in range(2):
        assert bench.driver.submit(part(f"Essai {number}"), nothing) == number
    assert bench.sent == ["Essai 0", "Essai 1"]


@pytest.mark.needs("port")
@pytest.mark.slow
def test_result_that_never_comes(bench):
    bench = bench(faults=["unanswered@=1"], submit_timeout_s=1)
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    assert 0.9 < raised.value.waited_s < 30  # the limit is one second, the default sixty
    bench.driver.close()
    bench.driver.open()
    bench.driver.submit(part("Encore"), nothing)
    assert bench.sent == ["Essai é€", "Encore"]


@pytest.mark.needs("port")
@pytest.mark.slow
def test_modem_that_hangs_when_the_pdu_may_be_out(bench):
    bench = bench(submit_timeout_s=1)
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), lambda: bench.host.order("hang"))
    assert raised.value.waited_s < 3
    bench.host.order("resume")
    bench.driver.close()
    bench.driver.open()
    bench.driver.submit(part("Encore"), nothing)
    assert bench.sent[-1] == "Encore"


@pytest.mark.slow
@pytest.mark.needs("port")
def test_result_that_comes_late(bench):
    bench = bench(submit_s=1.0, submit_timeout_s=0.2)
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    assert bench.event(LateReceipt) == LateReceipt(0, raised.value.submit)


def test_close_from_another_thread_ends_a_submit(bench):
    bench = bench(faults=["unanswered"])
    bench.driver.open()
    ended = []

    def end():
        within(5, lambda: bench.network.tpdus.lines)
        began = time.monotonic()
        bench.driver.close()
        ended.append(time.monotonic() - began)

    closer = threading.Thread(target=end)
    closer.start()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    closer.join()
    assert isinstance(raised.value.__cause__, PortGone)
    assert ended[0] < 1
    bench.driver.open()


@pytest.mark.needs("port")
def test_port_vanishes_while_idle_and_returns(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("unplug")
    assert bench.event(PortLost) == PortLost()
    with pytest.raises(PortGone):
        bench.driver.submit(part(), nothing)
    with pytest.raises(PortGone):
        bench.driver.open()
    bench.host.order("replug")
    bench.driver.open()
    bench.driver.submit(part(), nothing)
    assert len(bench.sent) == 1


@pytest.mark.needs("port")
def test_port_vanishes_before_the_pdu(bench):
    bench = bench()
    bench.driver.open()
    bench.host.order("unplug")
    with pytest.raises(PortGone):
        bench.driver.submit(part(), pytest.fail)


@pytest.mark.needs("port")
def test_port_vanishes_when_the_pdu_may_be_out(bench):
    bench = bench()
    bench.driver.open()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), lambda: bench.host.order("unplug"))
    assert isinstance(raised.value.__cause__, PortGone)


def test_port_vanishes_when_the_network_has_it(bench):
    bench = bench(faults=["unanswered"])
    bench.driver.open()

    def unplug():
        within(5, lambda: bench.network.tpdus.lines)
        bench.host.order("unplug")

    unplugger = threading.Thread(target=unplug)
    unplugger.start()
    with pytest.raises(SubmitUnconfirmed) as raised:
        bench.driver.submit(part(), nothing)
    unplugger.join()
    assert raised.value.waited_s < 5

"""What each stick is to us, as it really shows itself on the bus."""

import pytest

from modem.discovery.verdicts import judge
from modem.driver.models.models import rows
from tests.modem.discovery.sticks import ec25, interface, stick

# usb-modeswitch's and the kernel's own lists: E3372 in stick mode, E173, E220, LE910.
E3372 = stick(
    "12d1:1506",
    interface("00", "10", "/dev/ttyUSB0", subclass="02"),
    interface("01", "12", "/dev/ttyUSB1", subclass="02"),
    interface("02", "16", subclass="02"),
    interface("03", "50", usb_class="08"),
)
E173 = stick(
    "12d1:1436",
    interface("00", "01", "/dev/ttyUSB0", subclass="01"),
    interface("01", "03", "/dev/ttyUSB1", subclass="01"),
    interface("02", "02", "/dev/ttyUSB2", subclass="01"),
    interface("03", "50", usb_class="08"),
)
E220 = stick("12d1:1003", interface("00", "ff", "/dev/ttyUSB0"), interface("01", "ff", "/dev/ttyUSB1"))
LE910 = stick("1bc7:1201", *(interface(f"0{n}", "00", f"/dev/ttyUSB{n}") for n in range(7)))


@pytest.mark.parametrize(
    ("device", "ports"),
    [
        (ec25(), ("/dev/ttyUSB2", "/dev/ttyUSB3")),
        (ec25(first=4), ("/dev/ttyUSB6", "/dev/ttyUSB7")),
        (E3372, ("/dev/ttyUSB1",)),
        (E173, ("/dev/ttyUSB2", "/dev/ttyUSB0")),
        (E220, ("/dev/ttyUSB1", "/dev/ttyUSB0")),
        (LE910, ("/dev/ttyUSB4", "/dev/ttyUSB5")),
        (stick("1e2d:0061", interface("00", "01", "/dev/ttyACM0", usb_class="02"),
               interface("02", "01", "/dev/ttyACM1", usb_class="02")), ("/dev/ttyACM1", "/dev/ttyACM0")),
    ],
    ids=["EC25", "EC25 beside another", "E3372", "E173", "E220", "LE910", "PLS8"],
)  # fmt: skip
def test_the_at_ports_are_found_by_interface_or_by_protocol(device, ports):
    verdict = judge(device)
    assert (verdict.kind, verdict.ports, str(verdict.reason)) == ("modem", ports, "")
    assert verdict.names


def test_models_that_share_an_id_share_their_ports_once():
    shared = stick("1e0e:9011", *(interface(f"0{n}", "00", f"/dev/ttyUSB{n}") for n in range(6)))
    verdict = judge(shared)
    assert verdict.ports == ("/dev/ttyUSB4", "/dev/ttyUSB5")
    assert "A7600E" in verdict.names
    assert "SIM7670G" in verdict.names


@pytest.mark.parametrize(
    ("device", "kind", "words"),
    [
        (stick("12d1:14dc", interface("00", "00", usb_class="02")), "hilink", ["HiLink", "sans port AT", "stick"]),
        (stick("12d1:14fe", interface("00", "50", usb_class="08")), "unswitched", ["CD-ROM", "usb-modeswitch", "14fe"]),
        (stick("12d1:1f01", interface("00", "50", usb_class="08")), "unswitched", ["CD-ROM", "HiLink", "autre modem"]),
        (stick("05c6:9008", interface("00", "ff")), "download", ["secours Qualcomm", "défectueux"]),
        (stick("2c7c:0125", interface("02", "00")), "portless", ["Quectel EC25", "option"]),
        (
            stick(
                "0489:e0ff", interface("00", "00", usb_class="02", subclass="0e"), interface("03", "ff", "/dev/ttyUSB0")
            ),
            "managed",
            ["e0ff", "driver = mo"],
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_what_to_do(device, kind, words):
    verdict = judge(device)
    assert (verdict.kind, verdict.ports) == (kind, ())
    assert [word for word in words if word not in str(verdict.reason)] == []


@pytest.mark.parametrize(
    ("usb_id", "kind"),
    [("1a86:7523", "bridge"), ("10c4:ea60", "bridge"), ("0403:6001", "bridge"), ("2341:0043", "unknown"),
     ("1d6b:0002", "unknown")],
)  # fmt: skip
def test_bridges_and_strangers_have_no_ports_for_us_and_nothing_is_said(usb_id, kind):
    verdict = judge(stick(usb_id, interface("00", "ff", "/dev/ttyUSB0")))
    assert (verdict.kind, verdict.ports, str(verdict.reason)) == (kind, (), "")


def test_every_row_of_the_table_is_judged_as_it_says():
    kinds = {
        "at": {"portless"},
        "hilink": {"hilink"},
        "edl": {"download"},
        "bridge": {"bridge"},
        "managed": {"managed"},
    }
    for row in rows():
        assert {judge(stick(usb_id)).kind for usb_id in row.usb_ids} == kinds[row.kind]
        assert {judge(stick(usb_id)).kind for usb_id in row.usb_ids_before_switch} <= {"unswitched"}


def test_no_row_calls_a_port_that_it_ignores_an_at_port():
    assert [row.names for row in rows() if set(row.ignore) & {*row.at, *row.second_at}] == []


def test_protocols_of_other_classes_mean_something_else():
    assert judge(stick("12d1:1506", interface("00", "02", "/dev/ttyACM0", usb_class="02"))).kind == "portless"

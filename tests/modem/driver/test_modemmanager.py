"""ModemManager's answers to Send, and what they leave open: with a bus that is played."""

from datetime import timedelta

import pytest
from jeepney import DBusAddress, new_signal

from modem.driver.dbus.managed import Managed
from modem.driver.dbus.messages import refusal
from modem.driver.modemmanager import ModemManagerDriver
from modem.errors import CmeError, CmsError, CommandError, ModemTimeout, NotAllowed, NotManaged, SubmitUnconfirmed
from modem.sms.message import OutgoingPart

MODEM = "/org/freedesktop/ModemManager1/Modem/0"
MM = "org.freedesktop.ModemManager1.Error"
ONE = OutgoingPart("+32470000002", "Essai", "gsm7", 1, 1, 0, timedelta(hours=4))
LONG = OutgoingPart("+32470000002", "Essai" * 40, "gsm7", 1, 1, 0, timedelta(hours=4))


class PlayedBus:
    """Registered; `send` and `told` are answers of Send and of the message's properties, or errors."""

    def __init__(self, send=None, told=None):
        self.send, self.told = send, told or {"MessageReference": 300}

    def call(self, path, interface, method, signature="", *arguments, timeout_s=0.0):
        if method == "Send" and self.send is not None:
            raise self.send
        return "/org/freedesktop/ModemManager1/SMS/1"

    def properties(self, path, interface, timeout_s=0.0):
        if interface == ".Modem":
            return {"State": 8}
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    def close(self):
        """Nothing to end."""


def submit(part, **played):
    driver = ModemManagerDriver("auto", on_event=lambda: None)
    driver._bus = PlayedBus(**played)
    driver._modem = Managed(driver._bus, MODEM)
    return driver.submit(part, lambda: None)


def test_the_reference_is_an_octet():
    assert submit(ONE) == 44


@pytest.mark.parametrize("error", [CommandError("GetAll"), CmsError("GetAll", 304), NotManaged("gone")])
def test_once_it_said_sent_nothing_makes_it_a_refusal(error):
    with pytest.raises(SubmitUnconfirmed) as raised:
        submit(ONE, told=error)
    assert raised.value.__cause__ is None


ERRORS = [
    ("Message.NetworkTimeout", "Network timeout", CmsError, 332),
    ("Message.Unknown", "Unknown: Unknown message error: 38", CmsError, 38),
    ("Message.Invented", "", CmsError, None),
    ("MobileEquipment.SimPuk", "SIM PUK required", CmeError, 12),
    ("MobileEquipment.Unknown", "Unknown mobile equipment error: 515", CmeError, 515),
    ("Core.WrongState", "Wrong state", CommandError, None),
    ("Core.Failed", "QMI protocol error: 'WmsCauseCode'", CommandError, None),
]


@pytest.mark.parametrize(("name", "text", "kind", "code"), ERRORS)
def test_a_refusal_of_one_sms_is_a_refusal_and_of_a_long_text_it_leaves_open_what_went_out(name, text, kind, code):
    error = refusal("Send", f"{MM}.{name}", text)
    with pytest.raises(kind) as raised:
        submit(ONE, send=error)
    assert (type(raised.value), raised.value.code) == (kind, code)
    with pytest.raises(SubmitUnconfirmed) as unclear:
        submit(LONG, send=error)
    assert unclear.value.__cause__ is error


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Core.Failed", "Couldn't read message reference"),
        ("Serial.ResponseTimeout", "Serial command timed out"),
        ("Core.Timeout", "QMI core error: Transaction timed out"),
        ("Core.Failed", "MBIM status error: SmsNetworkTimeout"),
        ("Core.Cancelled", "Cancelled"),
    ],
)
def test_what_does_not_tell_is_unconfirmed(name, text):
    with pytest.raises(SubmitUnconfirmed) as raised:
        submit(ONE, send=refusal("Send", f"{MM}.{name}", text))
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (refusal("Send", "org.freedesktop.DBus.Error.NoReply", ""), NotManaged),
        (refusal("Send", f"{MM}.Core.Failed", "PolicyKit authorization failed"), NotAllowed),
        (ModemTimeout("Send"), ModemTimeout),
    ],
)
def test_nobody_who_answers_is_unconfirmed(error, cause):
    with pytest.raises(SubmitUnconfirmed) as raised:
        submit(ONE, send=error)
    assert isinstance(raised.value.__cause__, cause)


@pytest.mark.parametrize(("kind", "enabled"), [(3, [False, True]), (6, []), (7, [])])
def test_only_a_modem_whose_texts_go_by_at_is_enabled_anew_after_one_came(kind, enabled):
    driver, bus = ModemManagerDriver("auto", on_event=lambda: None), PlayedBus()
    orders = []
    bus.call = lambda path, interface, method, signature="", *arguments, **_: orders.append((method, *arguments)) or []
    bus.properties = lambda *_: {"State": 8, "Ports": [("wwan0", 2), ("port", kind)], "Sim": "/"}
    driver._bus, driver._modem = bus, Managed(bus, MODEM)
    driver._modem.start(None)
    driver._hear(
        new_signal(
            DBusAddress(MODEM, interface="org.freedesktop.ModemManager1.Modem.Messaging"),
            "Added",
            "ob",
            ("/org/freedesktop/ModemManager1/SMS/3", True),
        )
    )
    driver.storage_use()
    driver.storage_use()
    assert [on for method, *on in orders if method == "Enable"] == [[on] for on in enabled]

"""Names of modems that nobody named."""

from modem.daemon.hotplug import found_name, is_found_name, notice_name

A, B, C = "350000000000017", "350000000010017", "990000000010017"


def test_the_last_four_digits_and_more_on_a_clash():
    assert found_name(A, {}) == "m0017"
    assert found_name(B, {"m0017": A}) == "m10017"
    assert found_name(C, {"m0017": A, "m10017": B}) == "m010017"
    assert found_name(A, {"a": B}) == "m0017"


def test_a_modem_keeps_its_name():
    assert found_name(B, {"m10017": B}) == "m10017"
    assert found_name(A, {"m0017": A, "m10017": B}) == "m0017"


def test_a_sections_name_is_not_a_found_one():
    assert is_found_name("m0017", A)
    assert not is_found_name("m0017", "350000000000025")
    assert not is_found_name("m", A)
    assert not is_found_name("0017", A)
    assert not is_found_name("m0017", None)
    assert found_name(A, {"a": A}) == "m0017"


def test_a_place_is_a_name():
    assert notice_name("1-1.2.4") == "usb-1-1-2-4"

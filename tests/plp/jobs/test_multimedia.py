"""Photos to our numbers: only the operator's notice comes, it is shown as that, and the writer is told once a day."""

from datetime import timedelta

import pytest

from db.inbound.inbox.items import Ref, items_of
from db.inbound.received import apply_inbound
from db.models.modem_records import InboundMessage, UnreadablePdu
from modem.errors import PduError
from modem.sms.incoming import decode_incoming
from plp.jobs.autoreply import answer_texts
from rules.replies.mms import MmsNotice, mms_notice
from rules.replies.values import Answer, Silence
from tests.plp.jobs.answering import CARD, HOUR, SETTINGS, answers, members_alerted, went_back
from tests.support.mms import RECORDED, WRITER, notice_from
from tests.support.people import mobile, ready_modem

SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("database")


def arrives(pdu, now):
    return apply_inbound(CARD, decode_incoming(pdu), False, now)


def shown():
    return items_of(Ref("sms", row.id) for row in InboundMessage.select().order_by(InboundMessage.id))


@pytest.mark.parametrize("pdus", RECORDED, ids=["first", "second"])
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the second part first"])
def test_a_recorded_notice_is_one_entry_with_its_writer_and_size(now, pdus, turned):
    for pdu in reversed(pdus) if turned else pdus:
        assert arrives(pdu, now)
        assert not arrives(pdu, now), "a part that is read twice is known"
    (entry,) = shown()
    assert (entry.sender, entry.mms_octets, entry.text, entry.missing) == (WRITER, 29_696, "", ())


def test_a_notice_that_misses_its_second_part_is_an_entry_all_the_same(now):
    arrives(RECORDED[0][0], now)
    (entry,) = shown()
    assert (entry.mms_octets, entry.missing) == (0, (2,))


def test_the_writer_is_told_once_a_day_and_an_officer_reads_it(now):
    members_alerted(now)
    for seconds in range(3):
        arrives(notice_from(mobile(1), now - seconds * SECOND), now)
        answer_texts(SETTINGS, now)
    ((number, words),) = went_back()
    assert number == mobile(1)
    assert "photos" in words
    entries = shown()
    assert [(entry.is_open, entry.mms_octets) for entry in entries] == [(True, 30_000)] * 3
    verdicts = [answers(entry.ref.id) for entry in entries]
    assert [(verdict.answer, verdict.silence) for verdict in verdicts] == [
        (Answer.NO_PICTURES, Silence.NONE),
        (Answer.NO_PICTURES, Silence.REPEATED),
        (Answer.NO_PICTURES, Silence.REPEATED),
    ]


def test_a_day_later_the_writer_is_told_again(now):
    members_alerted(now)
    for hours in (0, 25):
        then = now + hours * HOUR
        ready_modem("a", then)
        arrives(notice_from(mobile(1), then), then)
        answer_texts(SETTINGS, then)
    assert len(went_back()) == 2


def test_an_operator_s_settings_are_nobody_s_message(now):
    settings = notice_from(mobile(1), now).replace("0603BEAF84", "0603B6AF84")
    arrives(settings, now)
    assert shown() == []
    assert UnreadablePdu.select().count() == 1


def test_eight_bit_data_for_another_port_stay_unreadable(now):
    with pytest.raises(PduError, match="8-bit"):
        decode_incoming(notice_from(mobile(1), now).replace("05040B84", "05040B85"))


def test_a_notice_that_is_cut_anywhere_is_read_as_far_as_it_goes_or_not_at_all(now):
    push = bytes.fromhex(decode_incoming(notice_from("+32470000001", now)).text)
    whole = mms_notice(push)
    assert whole == MmsNotice("+32470000001", 30_000)
    for size in range(len(push)):
        cut = mms_notice(push[:size])
        assert cut is None or cut.octets in (0, 0x75, 30_000)


@pytest.mark.parametrize("address", [b"\x81", b"\x80luc@example.org\0", b"\x80\xff\xfe\0", b""])
def test_a_writer_without_a_number_is_nobody(address):
    body = b"\x8c\x82\x89" + bytes([len(address)]) + address
    assert mms_notice(b"\x01\x06\x01\xbe" + body) == MmsNotice("", 0)

"""What officers do about what people wrote: take it, be done with it, answer it once."""

from datetime import timedelta

import pytest

from db.inbound.inbox.answers import answers_of, mark_reply_refused, mark_reply_sent, owed_replies
from db.inbound.inbox.items import Ref, items_of, neighbourhood_at, station_address
from db.inbound.inbox.threads import threads
from db.inbound.received import mark_handled
from db.models.zone import AuditEntry
from plp.services.bulletins.relaying import save_relaying
from plp.services.inbox import handle, reopen, take
from plp.services.people.neighbourhoods import save_neighbourhood
from rules.refusals import Refusal
from rules.sentences import CodedRefusal
from tests.support.inbox import mail, pointed_to_station, replied, text

pytestmark = pytest.mark.usefixtures("database")


def later(now, minutes):
    return now + timedelta(minutes=minutes)


def test_done_is_done_with_what_was_seen_only(now):
    first, second = text(now), text(later(now, 1))
    handle([first], "Anne", later(now, 2))
    (row,) = threads().rows
    assert (row.items, row.open) == (2, 1)
    handle([first, second], "Bert", later(now, 3))
    assert [(item.handled_by, item.is_open) for item in items_of([first, second])] == [("Anne", False), ("Bert", False)]
    assert not mark_handled(second.id, now), "the automatic answers know as well"
    reopen([second], "Anne", later(now, 4))
    assert [item.is_open for item in items_of([first, second])] == [False, True]
    actions = [row.action for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert actions == ["inbox_handled", "inbox_handled", "inbox_reopened"]


def test_the_first_who_was_done_with_a_mail_stays(now):
    ref = mail(now)
    handle([ref], "Anne", now)
    handle([ref], "Bert", later(now, 1))
    (item,) = items_of([ref])
    assert (item.handled_by, item.handled_at) == ("Anne", now)


def test_somebody_else_takes_it_over_and_a_message_that_is_gone_harms_nobody(now):
    ref = mail(now)
    take([ref, Ref("mail", 9999), Ref("sms", 9999)], "Anne", now)
    take([ref], "Anne", later(now, 1))
    assert items_of([ref])[0].taken_at == now
    take([ref], "Bert", later(now, 2))
    assert (items_of([ref])[0].taken_by, threads().rows[0].taken_by) == ("Bert", "Bert")


def test_an_answer_is_written_once_however_often_it_is_pressed(now):
    ref = mail(now)
    for _press in range(2):
        replied(ref, " Merci. ", "nonce", "Anne", now)
        pointed_to_station(ref, "Anne", now)
    owed = owed_replies()
    assert [(each.kind, each.body) for each in owed] == [("letter", "Merci."), ("station", "")]
    assert not items_of([ref])[0].is_open
    mark_reply_sent(owed[0].id, "Merci.", letter=7)
    mark_reply_refused(owed[1].id, CodedRefusal("reply_not_mobile"))
    assert owed_replies() == []
    assert [(each.letter, str(each.refusal), each.by) for each in answers_of([ref])] == [
        (7, "", "Anne"),
        (None, "Seul un GSM belge peut recevoir une réponse.", "Anne"),
    ]


def test_answers_that_no_modem_takes_keep_no_answer_by_mail_back(now):
    for number in range(3):
        pointed_to_station(text(now, f"+3247000010{number}"), "Anne", now)
    replied(mail(now), "Nous passons.", "nonce", "Anne", now)
    assert [each.item.ref.channel for each in owed_replies(limit=2)] == ["mail", "sms", "sms"]


@pytest.mark.parametrize(
    ("sender", "reply_to", "address"),
    [
        ("luc@example.org", "", "luc@example.org"),
        ("luc@example.org", "p-membres@example.org", "luc@example.org"),
        ("p-membres@example.org", "luc@example.org", "luc@example.org"),
        ("rotheux@example.org", "luc@example.org", "luc@example.org"),
        ("rotheux@example.org", "", "rotheux@example.org"),
        ("luc@example.org", "ailleurs@googlegroups.com", "luc@example.org"),
        ("p-membres@example.org", "", ""),
        ("ailleurs@googlegroups.com", "p-membres@example.org", ""),
    ],
)
def test_what_is_for_one_person_goes_to_no_group(now, sender, reply_to, address):
    number = save_neighbourhood(None, "Rotheux", "rotheux@example.org", "test", now)
    save_relaying(number, None, "p-membres@example.org", "test", now)
    ref = mail(now, sender, reply_to=reply_to)
    (item,) = items_of([ref])
    assert station_address(item) == address
    assert [neighbourhood_at(f"{name}@example.org") for name in ("p-membres", "rotheux", "luc")] == [
        "Rotheux",
        "Rotheux",
        "",
    ]
    if not address:
        with pytest.raises(CodedRefusal, match="groupe"):
            pointed_to_station(ref, "Anne", now)
        return
    pointed_to_station(ref, "Anne", now)
    replied(ref, "Merci.", "nonce", "Anne", now)
    assert [(each.kind, each.address) for each in owed_replies()] == [
        ("station", address),
        ("letter", item.answer_to),
    ]


@pytest.mark.parametrize("sender", ["Proximus", "8850", "", "+33612345678"])
def test_who_cannot_be_answered(now, sender):
    ref = text(now, sender)
    with pytest.raises(Refusal, match="Impossible de répondre à cet expéditeur"):
        pointed_to_station(ref, "Anne", now)
    assert items_of([ref])[0].is_open


def test_what_a_machine_wrote_is_never_answered(now):
    for ref in (mail(now, kind="automatic"), mail(now, sender="")):
        with pytest.raises(Refusal, match="Impossible de répondre à cet expéditeur"):
            replied(ref, "Merci.", "nonce", "Anne", now)
    with pytest.raises(Refusal, match="n'existe plus"):
        replied(Ref("mail", 9999), "Merci.", "nonce", "Anne", now)
    with pytest.raises(Refusal, match="Rédigez"):
        replied(mail(now), " ", "nonce", "Anne", now)

"""What people wrote, by SMS and by e-mail, as an officer reads it: conversations, and what was done about each."""

from db.inbox.answers import (
    GroupOnly,
    OwedReply,
    answers_of,
    can_be_answered,
    enqueue_reply,
    enqueue_station_answer,
    mark_reply_refused,
    mark_reply_sent,
    owed_replies,
)
from db.inbox.erasure import erase_correspondence
from db.inbox.items import items_of
from db.inbox.marks import handle, reopen, take
from db.inbox.persons import is_group, neighbourhood_at, person_of, station_address
from db.inbox.threads import FILTERS, newest_item, thread_of, threads, unread
from db.inbox.values import Item, Person, Ref, SentAnswer, ThreadCard, ThreadPage

__all__ = [
    "FILTERS",
    "GroupOnly",
    "Item",
    "OwedReply",
    "Person",
    "Ref",
    "SentAnswer",
    "ThreadCard",
    "ThreadPage",
    "answers_of",
    "can_be_answered",
    "enqueue_reply",
    "enqueue_station_answer",
    "erase_correspondence",
    "handle",
    "is_group",
    "items_of",
    "mark_reply_refused",
    "mark_reply_sent",
    "neighbourhood_at",
    "newest_item",
    "owed_replies",
    "person_of",
    "reopen",
    "station_address",
    "take",
    "thread_of",
    "threads",
    "unread",
]

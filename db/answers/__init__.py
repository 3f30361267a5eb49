"""Texts that came in, judged: what they mean, who leaves, who said OK, what is answered, and what rings."""

from db.answers.alarms import RingingText, ringing, take_ringing
from db.answers.judging import answers_since, begin_verdict, save_verdict, unheard, unjudged, verdicts, was_answered
from db.answers.leaving import apply_start, apply_stop, left_by_text
from db.answers.owed import OwedAnswer, answer_orders, mark_answered, mark_silent, owed_answers
from db.answers.senders import apply_own_numbers, own_numbers, sender_card, texts_sent_lately
from db.answers.thread import Replies, Reply, answered_message, apply_ok, replies
from db.answers.told import AdminCard, admins_with_mail, out_on
from db.answers.values import Answer, Leaving, Meaning, SenderCard, Silence, Verdict, VerdictCard

__all__ = [
    "AdminCard",
    "Answer",
    "Leaving",
    "Meaning",
    "OwedAnswer",
    "Replies",
    "Reply",
    "RingingText",
    "SenderCard",
    "Silence",
    "Verdict",
    "VerdictCard",
    "admins_with_mail",
    "answer_orders",
    "answered_message",
    "answers_since",
    "apply_ok",
    "apply_own_numbers",
    "apply_start",
    "apply_stop",
    "begin_verdict",
    "left_by_text",
    "mark_answered",
    "mark_silent",
    "out_on",
    "owed_answers",
    "own_numbers",
    "replies",
    "ringing",
    "save_verdict",
    "sender_card",
    "take_ringing",
    "texts_sent_lately",
    "unheard",
    "unjudged",
    "verdicts",
    "was_answered",
]

"""Need to know: what each page shows of members to each role is one table, docs/need-to-know.md."""

import html
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from peewee import SqliteDatabase
from werkzeug.exceptions import MethodNotAllowed

from base.settings.values import MailSettings
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.inbox.items import Ref
from db.inbound.replies.judging import save_verdict
from db.inbound.replies.thread import apply_ok
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.broadcasts import Message
from db.people.members.listing import neighbourhoods
from plp.services.inbox import reopen
from plp.services.people.groups import put_into_group, save_group
from plp.services.tips import make_tip
from rules.replies.values import Answer, Meaning, Silence
from tests.console.alerts import scene
from tests.console.bulletins import scene as bulletins
from tests.console.conftest import words
from tests.support.endpoints import pages_without_a_number, table
from tests.support.inbound import received_texts
from tests.support.inbox import comes
from tests.support.need_to_know import ROLES, cell, rows
from tests.support.people import Text, mobile, order, person
from tests.support.sampling import left_to_soak

REPLY = "Ils sont partis vers le bois"
MARKS = {
    "names": "Prénom1",
    "mobiles": "0470 00 00 01",
    "mails": "membre1@example.org",
    "texts": "Vol rue de la Station",
    "replies": REPLY,
}

# Their own tests have these.
ELSEWHERE = ("api.", "entrance.")


@pytest.fixture
def known(app, sign_in, ready_modem):
    """Two members; one answered the alert, the other has it or not; a drill, a bulletin, a mail that waits."""
    ready_modem()
    now, mail = utc_now(), MailSettings(sender="plp@example.org")
    app.config["PLP_SETTINGS"] = replace(app.config["PLP_SETTINGS"], mail=mail)
    send_as(mail)
    with connected():
        roles = {1: "coordinator", 2: "member"}
        members = [person(n, now, email=f"membre{n}@example.org", role=role) for n, role in roles.items()]
        person(10, now, mobile="", landline="+3242000001")
        alert = order(now, Text(scene.TEXT)).id
        drill = order(now, Text(f"{scene.TEXT} EXERCICE"), kind="drill").id
    scene.modem_does(["unconfirmed", "sent", "CMS 1", "CMS 1"])
    with connected():
        apply_ok(Message.get(Message.broadcast == alert, Message.msisdn == mobile(1)).id, alert, now)
        comes(now, mobile(1), REPLY)
        reply = received_texts()[0].id
        tip = make_tip(Ref("sms", reply), "test", now)
        reopen([Ref("sms", reply)], "test", now)
        save_verdict(reply, now, Meaning.OTHER, "fr", Answer.NOT_READ, Silence.NONE, alert)
        copy = Copy("k", "membre1@example.org", "Prénom1 Nom001", "text", member_id=members[0])
        enqueue_letter(Letter("welcome", "Bienvenue"), [copy], now)
        place = neighbourhoods()[0].id
        group = save_group(None, "Commerçants", None, "test", now)
        put_into_group(group, members, "test", now)
    bulletin = bulletins.sent(sign_in("officer"))
    numbers = {"alert": alert, "drill": drill, "reply": reply, "member": members[0], "place": place}
    numbers |= {"group": group, "tip": tip}
    return numbers | {"bulletin": bulletin, "modem": "box/a", "message": 1, "entry": 1}


def page(browser, address):
    """The status and the text of a page, with its spaces and signs as a person reads them."""
    answer = browser.get(address)
    return answer.status_code, html.unescape(answer.text).replace("\u00a0", " ")


@pytest.mark.slow  # every page
@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_what_the_table_says(sign_in, known, role):
    browser = sign_in(role)
    found = {address: cell(*page(browser, address.format(**known)), MARKS) for address in rows()}
    assert found == {address: cells[role] for address, cells in rows().items()}


def test_every_page_that_opens_without_a_number_stands_in_the_table(app, sign_in):
    bound, browser = app.url_map.bind("localhost"), sign_in(*ROLES)
    pages = {name for name in pages_without_a_number(app) if not name.startswith(ELSEWHERE)}
    opens = {name for name in pages if browser.get(bound.build(name)).status_code == 200}
    kinds = ("alert", "drill", "bulletin", "reply", "member", "place", "message", "entry", "group", "tip")
    numbers = dict.fromkeys(kinds, 1)
    listed = {bound.match(address.format(**numbers, modem="box/a").partition("?")[0])[0] for address in rows()}
    assert len(opens) > 50
    assert opens - listed == set()


_FORM = re.compile(r'<form[^>]*method="post"[^>]*>|<[^>]*formaction="[^"]*"')
_ACTION = re.compile(r'action="([^"?#]*)')


@pytest.mark.slow  # every page
@pytest.mark.parametrize("role", ["auditor", *map(left_to_soak, ("admin", "officer", "technician", "coordinator"))])
def test_no_page_offers_a_form_that_would_be_refused(app, sign_in, known, role):
    browser, bound, offered = sign_in(role), app.url_map.bind("localhost"), set()
    for address in rows():
        answer = browser.get(address.format(**known))
        tags = _FORM.findall(answer.text) if answer.status_code == 200 else []
        for tag in tags:
            action = _ACTION.search(tag)
            posted = html.unescape(action[1]) if action and action[1] else address.format(**known).partition("?")[0]
            with suppress(MethodNotAllowed):  # the form around buttons that each have an address of their own
                offered.add((bound.match(posted, method="POST")[0], "POST"))
    assert ("entrance.logout", "POST") in offered
    assert {door for door in offered if table()[door][role] != "yes"} == set()


def test_a_coordinator_does_not_read_an_alert_before_it_leaves(sign_in, ready_modem):
    ready_modem()
    scene.people()
    officer, coordinator = sign_in("officer"), sign_in("coordinator")
    scene.sent(officer)
    for address in ("/", "/ready", "/status"):
        assert "rue de la Station" not in words(coordinator.get(address))
        assert "en cours" not in words(coordinator.get(address))
    assert "rue de la Station" in words(officer.get("/"))


WITHOUT_NAMES = ("/alerts/{alert}", "/alerts/{alert}/live", "/alerts/{alert}/answers", "/drills/{drill}/report")


@pytest.mark.parametrize("role", ["technician", "auditor"])
@pytest.mark.parametrize("address", WITHOUT_NAMES)
def test_who_mends_or_audits_reads_no_members_name(sign_in, known, address, role):
    status, text = page(sign_in(role), address.format(**known))
    assert status == 200
    assert "Prénom" not in text
    assert "0470 00 00" not in text
    assert "•" in text  # what is left of a number tells two people apart


# Tables that grow for ever, and indexes of what is open now, which does not.
HISTORY = ("part", "message", "attempt", "report", "audit_entry", "audit_seal", "inbound_verdict")
OPEN = ("part_queue", "part_sending", "part_unconfirmed", "attempt_open", "verdict_alarm", "verdict_held")
_NAMED = re.compile(r'(?:FROM|JOIN) "(\w+)" AS "(\w+)"')
_NEWEST = re.compile(r'LIMIT \?$|FROM "\w+" AS "t1" ORDER BY "t1"\."id" DESC LIMIT 1$')


def scans(sql, plan):
    """Reads of a whole history in SQLite's plan of a query; the newest rows by an index are none, nor is « 0 = 1 »."""
    tables = {alias: table for table, alias in _NAMED.findall(sql)}
    for step in plan:
        words = step.split()
        if words[0] == "SCAN" and tables.get(words[1], words[1]) in HISTORY and "(0 = 1)" not in sql:
            by_index = words[-1] if "INDEX" in words else ""
            if by_index not in OPEN and not _NEWEST.search(sql):
                yield step


@pytest.mark.slow  # every page
@pytest.mark.sqlite
@pytest.mark.parametrize(
    "roles",
    ["officer technician admin", *map(left_to_soak, ("coordinator", "officer", "technician", "admin"))],
)
def test_no_page_reads_through_the_history(sign_in, known, roles, monkeypatch):
    browser, asked = sign_in(*roles.split()), []
    execute = SqliteDatabase.execute_sql
    monkeypatch.setattr(
        SqliteDatabase, "execute_sql", lambda self, sql, *rest: asked.append((sql, rest)) or execute(self, sql, *rest)
    )
    for address in rows():
        browser.get(address.format(**known))
    monkeypatch.undo()
    with connected():
        queries = {sql: rest[0] if rest else () for sql, rest in asked if sql.startswith("SELECT")}
        plans = {
            sql: [step[3] for step in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
            for sql, values in queries.items()
        }
    assert len(plans) > 20
    assert [(sql[:200], found) for sql, plan in plans.items() if (found := list(scans(sql, plan)))] == []

"""A console over a house where every modem is in another state: no daemon runs, the database holds its last words."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page
from pyrage.x25519 import Identity
from werkzeug.serving import WSGIRequestHandler, make_server

from base.settings.reading import load_settings
from base.settings.values import Settings
from console.web.app import create_app
from db.alerts.orders.shared import ask_for
from db.engine.base import database
from db.engine.clock import utc_now
from db.engine.connection import bind, connected, writing
from db.inbound.received import apply_inbound, give_up_incomplete
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.incidents import DiskDay
from db.models.modem_records import ModemSample
from db.models.zone import Heartbeat
from db.modems import commands, signal_history, sims, status
from db.modems.commands import ask
from db.operations.runs import claim_run, mark_run_done, run_of
from modem.doctor.checks.facts import Facts, Finding, finding
from modem.doctor.report import report_shape
from modem.sms.incoming import decode_incoming
from plp.services.accounts.rights import add_account
from plp.services.machine import bring_up_to_date
from plp.services.zone import save_directory_entry
from rules.calendar import day_of
from rules.sentences import DOCTOR, NOTHING, Sentence, coded
from tests.browser.troubled_cards import fill_cards
from tests.browser.troubled_mail import fill_mail
from tests.browser.troubled_queue import PEOPLE, fill_queue
from tests.support.mms import notice_from
from tests.support.people import person

NAME, PASSWORD = "Sacha", "un mot de passe assez long"
HOST = "boite"

# What daemons say: (name, state, sentence, what the row holds besides).
MODEMS: tuple[tuple[str, str, Sentence, dict[str, object]], ...] = (
    ("a", "ready", NOTHING, {"operator": "Proximus", "technology": "4G", "signal_dbm": -79, "model": "Quectel EC25"}),
    (
        "b",
        "quarantined",
        coded("sim_new"),
        {"operator": "Orange", "technology": "2G", "signal_dbm": -97, "model": "huawei E3372"},
    ),
    ("c", "out_of_service", coded("sim_barred", reason="CMS 28"), {}),
    ("d", "paused", coded("refused_in_a_row"), {}),
    ("e", "suspended", coded("sim_refused", reason="CMS 21"), {}),
    ("f", "not_registered", coded("no_network"), {}),
    ("g", "faulty", coded("port_kept", holder="ModemManager (pid 812)"), {}),
    ("h", "absent", coded("port_gone"), {}),
    ("i", "no_sim", coded("sim_missing"), {}),
    ("j", "pin", coded("pin_asked"), {"pin_tries": 3}),
    ("k", "starting", coded("starting"), {}),
    (
        "usb-1-1-4",
        "faulty",
        coded("usb_hilink", names="Huawei E3372"),
        {"device": "1-1.4", "model": "Huawei E3372 HiLink", "imei": None, "imsi": None},
    ),
    ("l", "ready", NOTHING, {"operator": "Proximus", "technology": "4G", "signal_dbm": -71, "model": "Quectel EC25"}),
    ("m", "ready", NOTHING, {"operator": "Orange", "technology": "4G", "signal_dbm": -88, "model": "SIM7600E"}),
    ("n", "out_of_service", coded("suspended_by", who="Sacha", reason="antenne arrachée par le vent"), {}),
    ("o", "pin", coded("pin_refused", tries_left=1), {"pin_tries": 1}),
    ("p", "pin", coded("puk_asked"), {"pin_tries": 0, "imei": "356938035643890", "imsi": "206010000000090"}),
)

# What the doctor's sentences name.
NAMED: dict[str, object] = {
    "access": "3G",
    "better": "/dev/ttyUSB2",
    "codes": "CMS 350",
    "count": 2,
    "dbm": -107,
    "error": "AT+CGSN gave no IMEI",
    "first": "a",
    "fault": coded("database_silent", why="disk I/O error"),
    "found": "356938035643809",
    "holder": "ModemManager (pid 812)",
    "imei": "356938035643809",
    "left": 2,
    "lines": 64,
    "minutes": 7,
    "names": "Huawei E3372",
    "odd": coded("odd_driver", path="config.ini", line=12, section="modem:a", key="driver"),
    "other": "b",
    "owner": "b",
    "path": "/dev/ttyUSB2",
    "place": "SM",
    "port": "/dev/ttyUSB2",
    "reason": "CMS 28",
    "second": "b",
    "stage": "AT+CPIN?",
    "times": 3,
    "total": 20,
    "tty": "/dev/ttyUSB0",
    "usb_id": "12d1:14fe",
    "used": 17,
    "wanted": "356938035643801",
    "who": "Sacha",
    "remedy": coded("database_damaged_remedy"),
    "why": coded("database_damaged"),
    "host": HOST,
    "name": coded("process_jobs"),
    "since": "24/11 à 21:40",
}

PAGES = {
    "texte-a-accepter": "/shared-texts/1",
    "modems-en-panne": "/modems/",
    "modem-pret": f"/modems/{HOST}/a",
    "modem-mois": f"/modems/{HOST}/a?span=month",
    "modem-quarantaine": f"/modems/{HOST}/b",
    "modem-hors-service": f"/modems/{HOST}/c",
    "modem-pause": f"/modems/{HOST}/d",
    "modem-suspendu": f"/modems/{HOST}/e",
    "modem-sans-reseau": f"/modems/{HOST}/f",
    "modem-en-panne": f"/modems/{HOST}/g",
    "modem-debranche": f"/modems/{HOST}/h",
    "modem-sans-sim": f"/modems/{HOST}/i",
    "modem-pin": f"/modems/{HOST}/j",
    "modem-demarre": f"/modems/{HOST}/k",
    "modem-teste": f"/modems/{HOST}/l",
    "modem-sans-preuve": f"/modems/{HOST}/m",
    "modem-mis-hors-service": f"/modems/{HOST}/n",
    "modem-pin-refuse": f"/modems/{HOST}/o",
    "modem-puk": f"/modems/{HOST}/p",
    "incidents-techniques": "/incidents",
    "cartes-sim": "/sims/",
    "modems-diagnostic": "/modems/doctor",
    "modem-redemarrer": f"/modems/{HOST}/a/restart",
    "modem-hilink": f"/modems/{HOST}/usb-1-1-4",
    "file-attente": "/queue?view=queued",
    "file-non-confirmes": "/queue",
    "file-message": "/queue/12",
    "file-message-attend": "/queue/4",
    "messages-recus": "/inbox",
    "journal-modems": "/journal",
    "disque-bientot-plein": "/upkeep",
    "courrier-a-decider": "/mail?view=trouble",
    "courrier-en-attente": "/mail?view=waiting",
    "courrier-tout": "/mail?view=all",
}


@dataclass(frozen=True)
class Concatenated:
    """Where a part of a long text belongs."""

    reference: int
    seq: int
    total: int


@dataclass(frozen=True)
class Delivered:
    """A text as the daemon decodes it."""

    sender: str
    text: str
    sent_at: datetime
    concatenation: Concatenated | None = None
    is_push: bool = False


class _Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        del type, message, args


@contextmanager
def troubled_house(folder: Path) -> Iterator[str]:
    """The console's address; it ends with the block."""
    (folder / "config.ini").write_text(
        "[zone]\nname = Police locale Seraing/Neupré\ncode = 5278\nphone = 04/330 40 00\n"
        "[mail]\nfrom = plp@example.be\n"
        f"[backup]\nto = kept\nsame_disk = yes\nrecipient = {Identity.generate().to_public()}\n"
    )
    settings = load_settings(folder / "config.ini")
    opened = bind(settings.database.url, settings.folder)
    with connected():
        bring_up_to_date(opened, settings.zone)
        send_as(settings.mail)
        fill(utc_now())
        _fill_disk(settings, utc_now())
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, name="troubled-house")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()


def sign_in(page: Page, url: str) -> None:
    """As the one who is officer, technician and admin there."""
    page.goto(f"{url}/login")
    page.get_by_label("Nom d'utilisateur").fill(NAME)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{url}/")


def fill(now: datetime, people: int = PEOPLE) -> None:
    """Everything that the pages show, an evening's worth; the alert under way is to so many people."""
    add_account(NAME, ["officer", "technician", "admin"], PASSWORD, "test", now)
    with writing():
        for index, (name, state, sentence, values) in enumerate(MODEMS):
            who = {"imei": f"35693803564380{index:X}"[:15], "imsi": f"20601000000000{index:X}"[:15]}
            row = {"device": f"/dev/ttyUSB{index}", "state": state, "sentence": sentence.stored, **who, **values}
            status.save_modem(HOST, name, row, now)
        # A day ahead: no test is slow enough for it to grow stale.
        Heartbeat.create(host=HOST, process="modem", pid=1, seen_at=now + timedelta(days=1))
    _cards(now)
    _day(now)
    signal_history.apply_storages(HOST, "a", [("SM", 17, 20), ("ME", 3, 255)], now)
    commands.save_transcript(HOST, "a", "> AT\n< OK\n", now)
    ask(HOST, "c", "resume", NAME, now)
    _answers(now)
    ask_for("welcome", {"Bienvenue au PLP Plainevaux. Urgent: 101. Pas urgent: plp@example.org.": 45}, now)
    save_directory_entry(None, "Technicien de garde", "Modems", "0470 00 00 01", NAME, now)
    _texts(now)
    fill_cards(HOST, now)
    fill_mail(now)
    fill_queue(HOST, now, people)


def _fill_disk(settings: Settings, now: datetime) -> None:
    """A disk that loses half a gigabyte a day, and three nights' backups: tried, not tried, and without two files."""
    host, run = settings.host, run_of("backup", settings)
    claim_run(run, "night", host, now)
    mark_run_done(run, "night", "", now)
    taken = json.dumps({"database": 3 * 1024**3, "backups": 2 * 1024**3, "rest": 9 * 1024**3})
    for ago, left_out in ((2, ""), (1, ""), (0, "tls/console.key, secrets/pin-a")):
        at = now - timedelta(days=ago)
        audit.record(at, "plp", "backup_made", f"plp-{host}-{at:%Y-%m-%d-%H%M%S}.age", bytes=3 << 20, left_out=left_out)
    for ago in reversed(range(10)):
        at = now - timedelta(days=ago)
        room = {"total_bytes": 32 << 30, "free_bytes": (6 + ago // 2) << 30}
        DiskDay.create(host=host, day=day_of(at), measured_at=at, taken=taken, **room)


def _answers(now: datetime) -> None:
    """A balance, each finding of the doctor on one page, and the one of a modem."""
    commands.keep_ussd_code("206010000000000", "*123#")
    said = "Solde : 12,50 EUR\nValable jusqu'au 31/12/2026"
    every = [_finding(code) for code in DOCTOR]
    for modem, verb, state, text, imsi in (
        ("a", "ussd", "done", said, "206010000000000"),
        ("", "doctor", "done", _report(*every), ""),
        ("f", "doctor", "done", _report(_finding("network_none")), ""),
        ("a", "doctor", "done", _report(), ""),
    ):
        number = ask(HOST, modem, verb, NAME, now)
        (request,) = [each for each in commands.open_requests(HOST) if each.id == number]
        commands.keep_answer(request, HOST, modem, state, now, text, imsi)  # type: ignore[arg-type]


def _finding(code: str) -> Finding:
    named = re.findall(r"{(\w+)}", "".join(DOCTOR[code].values()))
    return finding(
        code, "a", **{"daemons_word": coded("modem_silent", stage="AT+CPIN?"), **{name: NAMED[name] for name in named}}
    )


def _report(*found: Finding) -> str:
    return json.dumps(report_shape(Facts(), found, stored=True))


def _cards(now: datetime) -> None:
    """The one that is in modem b is not the one that it had."""
    sims.apply_seen(HOST, "a", "356938035643800", "206010000000000", "8932000000000000017", now - timedelta(days=90))
    sims.apply_seen(HOST, "b", "356938035643801", "206010000000099", "8932000000000000990", now - timedelta(days=40))
    for further in sims.waiting_cards():
        sims.accept(further.id, "Dominique", now - timedelta(days=40))
    sims.apply_seen(HOST, "b", "356938035643801", "206010000000001", "8932000000000000025", now - timedelta(minutes=7))


def _day(now: datetime) -> None:
    """A month, then evening peaks, two hours of 2G, a quarter of an hour without network, a night with the box off."""
    month = [
        {
            "host": HOST,
            "modem": "a",
            "at": now - timedelta(minutes=minutes),
            "registered": minutes % 9000 > 300,
            "operator": "Proximus",
            "technology": "4G",
            "signal_dbm": -80 - (minutes * 7919 % 13),
        }
        for minutes in range(30 * 1440, 1440, -30)
    ]
    ModemSample.insert_many(month).execute()
    for minutes in range(24 * 60, 0, -5):
        at = now - timedelta(minutes=minutes)
        if 900 < minutes < 1080:
            continue
        registered = not 420 <= minutes < 435
        technology = "2G" if 300 <= minutes < 420 else "4G"
        dbm = -78 - (minutes * 7919 % 11) - (12 if technology == "2G" else 0)
        seen = {"operator": "Proximus", "technology": technology if registered else None, "signal_dbm": dbm}
        signal_history.apply_sample(ModemSample(host=HOST, modem="a", at=at, registered=registered, **seen))


def _texts(now: datetime) -> None:
    person(1, now)
    person(2, now, first_name="Marie-Françoise", last_name="Van den Broeck-Delhaye")
    long_ago, halves = now - timedelta(days=2), ("Première partie, ", "et la fin.")
    seen = (
        "J'ai vu une camionnette blanche rue de la Station, plaque cachée, deux hommes qui regardaient les maisons. "
        "Partis vers le bois il y a cinq minutes."
    )
    for at, sender, text, place in (
        (long_ago, "+32470000009", halves[0], Concatenated(7, 1, 3)),
        (long_ago, "+32470000009", halves[1], Concatenated(7, 3, 3)),
        (now - timedelta(hours=3), "Proximus", "Votre crédit est de 4,20 EUR. Rechargez sur www.example.org.", None),
        (now - timedelta(hours=2), "+32470000002", seen, None),
        (now - timedelta(minutes=4), "+32470000001", "Merci, bien reçu", None),
    ):
        apply_inbound("206010000000000", Delivered(sender, text, at, place), False, at)
    photo_at = now - timedelta(minutes=9)
    apply_inbound("206010000000000", decode_incoming(notice_from("+32470000002", photo_at)), False, photo_at)
    give_up_incomplete(now)

"""Each thing that can be wrong, and what the doctor says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.engine.health import DAMAGED
from db.operations.monitoring import LastRefusal, StandingRefusal
from modem.daemon.records.status import trouble
from modem.discovery.verdicts import UsbDevice, UsbInterface, judge
from modem.doctor.checks.facts import Box, Facts, Modem, Standing
from modem.doctor.report import LOOKS, diagnose, is_healthy, report_lines, report_shape
from modem.driver.base.interface import StorageUse
from modem.driver.models.models import by_usb_id
from modem.errors import (
    CommandError,
    ModemError,
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
    ProtocolError,
    PukRequired,
    SimError,
    SimMissing,
)
from rules import readiness
from rules.sentences import coded, stored_sentence

TTY = "/dev/ttyUSB2"
AT = datetime(2026, 11, 24, 19, 13, tzinfo=UTC)
REFUSED = LastRefusal("CMS 38", AT, over=False)
GOOD = Modem("a", TTY, TTY, signal_dbm=-71)
READY = Modem("a", TTY, standing=Standing("ready"), signal_dbm=-71)


def broken(error: ModemError, **more: object) -> Modem:
    """A modem that the doctor opened, and that gave this error instead of an answer."""
    standing = Standing(*trouble(error), getattr(error, "tries_left", None))
    return replace(GOOD, error=error, standing=standing, **more)


def stick(usb_id: str, *numbers: str):
    """Plugged in, with a tty for each interface number."""
    interfaces = tuple(
        UsbInterface(number, "ff", "00", "00", (f"/dev/ttyUSB{place}",)) for place, number in enumerate(numbers)
    )
    return judge(UsbDevice("/sys/devices/usb1/1-1", usb_id, "/dev/bus/usb/001/002", interfaces))


EC25 = stick("2c7c:0125", "00", "01", "02", "03")


def only(facts: Facts, severity: str | None = None):
    found = [finding for finding in diagnose(facts) if severity in (None, finding.severity)]
    assert len(found) == 1, found
    return found[0]


def of(modem: Modem, box: Box | None = None) -> Facts:
    return Facts(box or Box(), modems=(modem,))


@pytest.mark.parametrize("modem", [GOOD, READY, replace(READY, usb=EC25, technology="4G", imei="356938035643809")])
def test_nothing_is_wrong(modem):
    facts = Facts(usb=(EC25,), modems=(modem,))
    assert diagnose(facts) == []
    assert is_healthy(facts, diagnose(facts))


BOX = [
    (Facts(Box(database="missing"), modems=(GOOD,)), "Aucune base de données", "plp run"),
    (Facts(Box(database="older"), modems=(GOOD,)), "version plus ancienne", "plp migrate"),
    (Facts(Box(database="newer"), modems=(GOOD,)), "version plus récente", "Mettez plp-alerte à jour"),
    (Facts(Box(database="away"), modems=(GOOD,)), "ne répond pas", "url"),
    (
        Facts(Box(database="away", fault=DAMAGED.fault.refusal.sentence), modems=(GOOD,)),
        "ne peut pas être utilisée",
        "restaurez la dernière sauvegarde",
    ),
    (
        Facts(Box(database="away", fault=coded("database_silent", why="disk I/O error")), modems=(GOOD,)),
        "ne répond pas",
        "corrigez cela",
    ),
    (Facts(Box(daemon=False), modems=(GOOD,)), "service des modems ne fonctionne pas", "plp run"),
    (Facts(), "Aucun modem n'est branché", "Branchez un modem USB"),
    (Facts(usb=(stick("1a86:7523", "00"),)), "adaptateur série est branché", "device = /dev/ttyUSB0"),
    (Facts(usb=(stick("12d1:14dc"),)), "carte réseau (HiLink)", "autre modem"),
    (Facts(usb=(stick("12d1:14fe"),)), "comme un CD-ROM", "installez usb-modeswitch"),
    (Facts(usb=(stick("12d1:1f01"),)), "comme un CD-ROM", "Prenez un autre modem"),
    (Facts(usb=(stick("05c6:9008"),)), "mode de secours", "défectueux"),
    (Facts(usb=(stick("2c7c:0125"),)), "son port AT manque", "modprobe option"),
]


@pytest.mark.parametrize(("facts", "title", "advice"), BOX, ids=[title for _, title, _ in BOX])
def test_the_box_and_what_is_plugged_in(facts, title, advice):
    found = only(facts)
    assert found.severity == "fault"
    assert title in str(found.title)
    assert advice in str(found.advice)


PORT = [
    (broken(PortGone("gone")), f"{TTY} n'existe pas", "corrigez « device »"),
    (broken(PortGone("gone")), f"{TTY} n'existe pas", "Branchez-le"),
    (
        broken(PortBusy(TTY, "ModemManager (pid 812)")),
        "utilisé par ModemManager (pid 812)",
        "disable --now",
    ),
    (broken(PortBusy(TTY, "brltty (pid 9)")), "utilisé par brltty (pid 9)", "apt remove brltty"),
    (broken(PortBusy(TTY, "minicom (pid 4)")), "utilisé par minicom (pid 4)", "Arrêtez ce programme"),
    (broken(PortBusy(TTY, "plp-modem (pid 5)")), "utilisé par plp-modem (pid 5)", "Attendez une minute"),
    (broken(PortBusy(TTY)), "utilisé par un autre programme", "Arrêtez ce programme"),
    (broken(PortForbidden("no permission")), "n'est pas accessible", "groupes plp et dialout"),
    (broken(PortError("not a usable tty")), "n'est pas un port", "Corrigez « device »"),
    (broken(ModemTimeout("AT")), "Le modem ne répond pas", "Débranchez-le"),
    (
        broken(ModemTimeout("AT"), path="/dev/ttyUSB0", usb=EC25),
        "n'est pas le bon port",
        "Essayez device = /dev/ttyUSB2.",
    ),
    (broken(ModemTimeout("AT"), usb=EC25), "Le modem ne répond pas", "device = /dev/ttyUSB3"),
    (broken(ProtocolError("AT+CGSN gave no IMEI")), "n'est pas un modem GSM", "envoyez ce diagnostic"),
    (broken(CommandError("AT+CMGF")), "n'est pas un modem GSM", "envoyez ce diagnostic"),
    (
        replace(GOOD, path=None, standing=Standing("faulty", coded("port_kept", holder="ModemManager (pid 8)"))),
        "est utilisé par ModemManager (pid 8)",
        "packaging/polkit/70-plp-alerte.rules",
    ),
    (replace(GOOD, path=None, standing=Standing("absent", coded("port_gone"))), "Modem absent", "Branch"),
    (replace(READY, standing=Standing("starting", coded("starting"))), "démarre encore", "Attendez une minute"),
    (replace(GOOD, path=None, standing=Standing("out_of_service")), "hors service", "rebranchez"),
]


@pytest.mark.parametrize(("modem", "title", "advice"), PORT)
def test_the_port(modem, title, advice):
    found = only(of(modem))
    assert (found.severity, found.modem) == ("fault", "a")
    assert title in str(found.title)
    assert advice in str(found.advice)


def test_without_rules_they_are_the_first_thing_to_do():
    assert "70-plp-alerte.rules" in str(only(of(broken(PortForbidden("no permission")), Box(rules=False))).advice)


CARD = [
    (broken(SimMissing("none")), "Pas de carte SIM", "Insérez"),
    (
        replace(READY, standing=Standing("no_sim", coded("sim_missing"))),
        "Pas de carte",
        "Ins",
    ),
    (broken(PukRequired("puk")), "bloquée (PUK)", "téléphone"),
    (replace(READY, standing=Standing("pin", coded("puk_asked"))), "bloquée (PUK)", "téléphone"),
    (broken(PinRequired("pin", 3)), "demande son code PIN", "pin_file"),
    (
        replace(READY, standing=Standing("pin", coded("pin_asked"))),
        "demande son code PIN",
        "Introduisez-le sur la page du modem",
    ),
    (broken(PinRequired("pin"), pin_file="missing"), "demande son code PIN", "Créez-le"),
    (broken(PinRequired("pin"), pin_file="unreadable"), "demande son code PIN", "chown"),
    (broken(PinRequired("pin"), pin_file="malformed"), "demande son code PIN", "uniquement le code"),
    (broken(PinRequired("pin", 3), pin_file="good"), "demande son code PIN", "dans un téléphone"),
    (broken(PinRequired("pin", 2), pin_file="good"), "essais restants : 2", "dans un téléphone"),
    (broken(PinRequired("pin", 1)), "essais restants : 1", "dans un téléphone"),
    (broken(SimError("no")), "ne fonctionne pas", "essuyez"),
    (replace(READY, standing=Standing("no_sim", coded("sim_silent"))), "ne fonctionne pas", "essuyez"),
    (replace(READY, standing=Standing("quarantined", coded("sim_new"))), "à autoriser", "page « Modems »"),
]


@pytest.mark.parametrize(("modem", "title", "advice"), CARD)
def test_the_card(modem, title, advice):
    found = only(of(modem))
    assert (found.severity, found.modem) == ("fault", "a")
    assert title in str(found.title)
    assert advice in str(found.advice)


def test_a_pin_that_all_may_read():
    assert only(of(replace(GOOD, pin_file="exposed"))).severity == "warning"


def refused(*codes: int, times: int = 1) -> Modem:
    return replace(READY, refusals=tuple(StandingRefusal(code, times, AT) for code in codes))


def model(usb_id: str) -> Modem:
    return replace(READY, row=by_usb_id(usb_id)[0])


NETWORK = [
    ("fault", replace(READY, unregistered="denied"), "Le réseau refuse cette carte", "opérateur"),
    ("fault", replace(READY, unregistered="searching"), "ne trouve aucun réseau", "antenne"),
    ("fault", replace(READY, unregistered="none"), "à aucun réseau", "rebranchez le modem"),
    ("warning", replace(READY, signal_dbm=-105), "Réception faible (-105 dBm)", "antenne"),
    ("warning", model("12d1:1436"), "n'est pas compatible 4G (3G)", "docs/hardware.md"),
    ("warning", model("1a86:7523"), "n'est pas compatible 4G (2G)", "docs/hardware.md"),
    ("note", replace(model("2c7c:0125"), technology="2G"), "fonctionne en 2G", "autre carte SIM"),
    ("note", replace(GOOD, ims="none"), "pas inscrite aux SMS par la 4G", "VoLTE"),
    ("fault", replace(READY, lacks=("smsc",)), "Centre de SMS", "smsc ="),
    ("fault", refused(330), "Centre de SMS", "smsc ="),
    ("fault", refused(350, times=2), "Pas de SMS sur ce réseau", "2G"),
    ("warning", refused(21, 28, 38), "a refusé des SMS", "Appelez"),
    (
        "fault",
        replace(READY, standing=Standing("suspended", coded("sim_refused", reason="CMS 21"))),
        "a refusé des SMS",
        "Appelez",
    ),
    ("warning", replace(READY, lacks=("reports",)), "accusés de réception", "micrologiciel"),
    (
        "warning",
        replace(READY, storages=(StorageUse("SM", 16, 20), StorageUse("ME", 0, 50))),
        "mémoire SM",
        "supprimez",
    ),
    ("warning", refused(322), "était pleine", "Supprimez"),
    ("warning", replace(READY, ahead=timedelta(minutes=-7)), "retarde de 7 min", "set-ntp"),
    ("warning", replace(READY, ahead=timedelta(hours=1)), "avance de 60 min", "set-ntp"),
]
CONDUCT = [
    (
        "warning",
        replace(READY, standing=Standing("paused", coded("refused_in_a_row"))),
        "en pause",
        "Le modem attend",
    ),
]


@pytest.mark.parametrize(("severity", "modem", "title", "advice"), NETWORK + CONDUCT)
def test_the_network_and_the_conduct(severity, modem, title, advice):
    found = only(of(modem))
    assert (found.severity, found.modem) == (severity, "a")
    assert title in str(found.title)
    assert advice in str(found.advice)


@pytest.mark.parametrize(
    "modem",
    [
        replace(READY, signal_dbm=-103, ahead=timedelta(minutes=5)),
        refused(38, 41),
        replace(READY, storages=(StorageUse("SM", 15, 20), StorageUse("ME", 0, 0))),
        replace(model("2c7c:0125"), technology="4G"),
    ],
)
def test_what_is_nothing_to_worry_about(modem):
    assert diagnose(of(modem)) == []


def test_rules_are_missed_where_there_is_a_stick_for_them():
    found = only(Facts(Box(rules=False), usb=(EC25,), modems=(READY,)))
    assert (found.severity, str(found.title)) == ("warning", "Les règles udev ne sont pas installées")
    assert diagnose(Facts(Box(rules=False), modems=(READY,))) == []


def test_a_modem_without_a_number_and_a_box_without_a_duty_phone():
    modem = replace(READY, has_number=False)
    assert "selftest" in str(only(of(modem, Box(duty_phone=False))).advice)
    assert diagnose(of(modem)) == []


def test_what_does_not_answer_is_not_judged_further():
    modem = broken(ModemTimeout("AT"), unregistered="searching", signal_dbm=-110)
    assert "ne répond pas" in str(only(of(modem)).title)


def test_the_worst_comes_first_and_only_faults_make_it_ill():
    warned = replace(READY, name="b", signal_dbm=-110)
    ill = replace(READY, name="c", standing=Standing("quarantined"))
    found = diagnose(Facts(modems=(warned, ill)))
    assert [finding.severity for finding in found] == ["fault", "warning"]
    assert not is_healthy(Facts(), found)
    assert is_healthy(Facts(), diagnose(Facts(modems=(warned,))))


def test_a_clock_is_told_once():
    slow = replace(READY, ahead=timedelta(minutes=-7))
    assert only(Facts(modems=(slow, replace(slow, name="b")))).modem == "a"


def test_every_finding_is_whole_sentences():
    every = [
        *(facts for facts, _, _ in BOX),
        *(of(row[0]) for row in [*PORT, *CARD]),
        *(of(row[1]) for row in NETWORK + CONDUCT),
    ]
    titles = set()
    for facts in every:
        for finding in diagnose(facts):
            title, meaning, advice, page = map(str, (finding.title, finding.meaning, finding.advice, finding.page))
            titles.add(title)
            assert title
            assert not title.endswith(".")
            assert meaning.endswith(".")
            assert advice.rstrip("…)").endswith((".", "/dev/", "+32"))
            assert advice[0].isupper() or advice.startswith(("brltty", "usb"))
            assert "plp modem" not in page
            for sentence in (finding.title, finding.meaning, finding.advice, finding.page):
                assert sentence.stored.startswith("{") or not sentence.code
                assert str(stored_sentence(sentence.stored)) == str(sentence)
    print(f"{len(titles)} different findings by {len(LOOKS)} looks")
    assert len(titles) >= 40


def test_nobody_is_well_while_nothing_can_be_sent():
    paused = replace(READY, standing=Standing("paused", coded("refused_in_a_row")), refusal=REFUSED)
    facts = Facts(
        modems=(paused,),
        judgement=readiness.judge((readiness.SeenModem("box", "a", "paused"),), alive=True, urgent_waits=True),
    )
    found = diagnose(facts)
    assert [finding.severity for finding in found] == ["warning"]
    assert str(found[0].meaning) == "Plusieurs envois refusés de suite. Dernier code : CMS 38 le 24/11 à 20:13."
    assert not is_healthy(facts, found)
    first = next(report_lines(facts, found))
    assert first == "Problèmes détectés : 1 avertissement. Pas prêt (modem a) : paused. Une alerte est en attente."
    shape = report_shape(facts, found)
    assert (shape["healthy"], shape["state"], shape["urgent_waits"]) == (False, "paused", True)


def test_a_code_after_which_others_were_taken_is_not_told_as_if_it_were_of_now():
    paused = replace(READY, standing=Standing("paused", coded("refused_in_a_row")), refusal=replace(REFUSED, over=True))
    assert str(only(of(paused)).meaning) == "Plusieurs envois refusés de suite."
    assert "CMS 21 le 24/11 à 20:13" in str(only(of(refused(21))).meaning)

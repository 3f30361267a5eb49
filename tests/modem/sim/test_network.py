"""Messages are logged whole, once, when their last missing part has come."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from modem.sim.identity import Identity
from tests.modem.sim.desk import ANNA, BERT, NOW, tpdus, with_reference
from tests.simulator.base.network import Network
from tests.simulator.base.tpdu import read_submit

LONG = "Rue fermée jusqu'à 18h. " * 18


def take(network: Network, parts: list[bytes], mr: int = 0) -> None:
    for offset, tpdu in enumerate(parts):
        network.take(read_submit(tpdu), mr + offset, NOW, NOW - 0.5)


def test_a_message_of_one_part_is_logged_at_once(tmp_path: Path) -> None:
    log, tpdu_log = tmp_path / "log.jsonl", tmp_path / "tpdu.jsonl"
    with closing(Network(log, tpdu_log)) as network:
        take(network, tpdus("Bonjour é€"), mr=41)
        (line,) = map(json.loads, log.read_text().splitlines())  # flushed, not closed
        (tpdu_line,) = map(json.loads, tpdu_log.read_text().splitlines())
    tpdu = tpdus("Bonjour é€")[0].hex().upper()
    assert line == {
        "at": "2026-11-24T06:00:00.000+00:00",
        "to": ANNA,
        "text": "Bonjour é€",
        "encoding": "gsm7",
        "parts": 1,
        "references": [41],
        "tpdus": [tpdu],
    }
    assert tpdu_line == {
        "at": line["at"],
        "to": ANNA,
        "part": 1,
        "parts": 1,
        "reference": None,
        "mr": 41,
        "text": "Bonjour é€",
        "tpdu": tpdu,
        "t_cmgs": NOW - 0.5,
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_parts_are_joined_in_their_order_whatever_order_they_came_in(order: tuple[int, ...]) -> None:
    network, parts = Network(), tpdus(LONG)
    for position in order[:-1]:
        take(network, [parts[position]], mr=position)
        assert network.messages.lines == []
        assert network.incomplete == 1
    take(network, [parts[order[-1]]], mr=order[-1])
    (line,) = network.messages.lines
    assert (line["text"], line["parts"], line["references"]) == (LONG, 3, [0, 1, 2])
    assert network.incomplete == 0


def test_an_incomplete_message_has_no_line_but_its_tpdus_have() -> None:
    network, parts = Network(), tpdus(LONG)
    take(network, parts[:2])
    assert network.messages.lines == []
    assert [line["part"] for line in network.tpdus.lines] == [1, 2]
    assert {line["parts"] for line in network.tpdus.lines} == {3}


def test_a_part_seen_twice_shows_in_the_tpdu_log_and_not_as_a_second_message() -> None:
    network, parts = Network(), tpdus(LONG)
    take(network, [parts[0], parts[0], parts[1], parts[2]])
    (line,) = network.messages.lines
    assert line["references"] == [0, 2, 3]  # the first of twins is kept
    assert len(network.tpdus.lines) == 4
    assert network.counts["repeated"] == 1


def test_the_same_text_twice_to_one_person_is_two_lines() -> None:
    network = Network()
    take(network, tpdus("x"))
    take(network, tpdus("x"))
    take(network, tpdus(LONG))
    take(network, tpdus(LONG))
    assert [line["text"] for line in network.messages.lines] == ["x", "x", LONG, LONG]


def test_two_people_with_the_same_reference_are_kept_apart() -> None:
    network = Network()
    anna, bert = ([with_reference(part, 7) for part in tpdus(LONG, to)] for to in (ANNA, BERT))
    take(network, [anna[0], bert[0], bert[1], anna[1], anna[2]])
    assert [line["to"] for line in network.messages.lines] == [ANNA]
    take(network, [bert[2]])
    assert [line["to"] for line in network.messages.lines] == [ANNA, BERT]


def test_a_surrogate_pair_cut_in_two_is_whole_again_in_the_message() -> None:
    network = Network()
    halves = "🚨".encode("utf-16-be")
    for number in (1, 2):
        header = bytes.fromhex("0500030902") + bytes([number])
        body = header + halves[2 * number - 2 : 2 * number]
        take(network, [bytes.fromhex("41000b912374000000f10008") + bytes([len(body)]) + body])
    assert network.messages.lines[0]["text"] == "🚨"
    assert network.tpdus.lines[0]["text"] == "\ufffd"


def test_identities_differ_and_stay() -> None:
    first, again, other = Identity.derive(0, "/a"), Identity.derive(0, "/a"), Identity.derive(0, "/b")
    assert first == again
    for name in ("imei", "imsi", "iccid"):
        assert getattr(first, name) != getattr(other, name)
    assert first.imsi.startswith("001019")
    assert (len(first.imei), len(first.imsi), len(first.iccid)) == (15, 15, 19)


@pytest.mark.parametrize("digits", [Identity.derive(seed).imei for seed in range(20)])
def test_imei_passes_luhn(digits: str) -> None:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    assert sum(value // 10 + value % 10 for value in doubled) % 10 == 0

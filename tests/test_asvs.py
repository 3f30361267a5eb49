"""`docs/asvs.md`: each requirement of the standard once, what it names is there, and its counts are right."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
# Number and level of each requirement of levels 1 and 2, from the published text.
PUBLISHED = [
    tuple(line.split())
    for line in (ROOT / "tests" / "data" / "asvs-5.0.0.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
VERDICTS = ("met", "not applicable", "not met")
ACCEPTS = "Accepts: the zone's security officer, before use"


def test_each_requirement_stands_once_with_its_level_in_the_order_of_the_standard():
    assert len(PUBLISHED) == 253
    assert [(number, level) for number, level, *_ in ROWS] == PUBLISHED


def test_each_has_a_verdict_and_says_where_why_or_who_accepts_it():
    for number, _level, _words, verdict, where in ROWS:
        assert verdict in VERDICTS, number
        assert verdict != "met" or "`" in where or "below, " in where, f"{number} names nothing that does it"
        assert (verdict == "not met") == (ACCEPTS in where), f"{number} says who accepts it, or needs nobody"


def test_what_is_named_exists():
    named = {path for path in re.findall(r"`([a-z][\w./-]*)`", PAGE) if "/" in path or path.endswith((".toml", ".ini"))}
    assert len(named) > 50
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]
    sections = set(re.findall(r'below, "([^"]+)"', PAGE))
    assert sections <= set(re.findall(r"^### (.+)$", PAGE, re.MULTILINE))


def test_the_counts_are_those_of_the_rows():
    counted = {
        (v, one): n for one in (True, False) for v, n in Counter(r[3] for r in ROWS if not one or r[1] == "1").items()
    }
    for verdict in VERDICTS:
        assert f"| {verdict} | {counted[verdict, True]} | {counted[verdict, False]} |" in PAGE
    assert f"| together | {sum(r[1] == '1' for r in ROWS)} | {len(ROWS)} |" in PAGE


def test_nothing_that_asks_over_the_network_is_denied():
    """A webhook came, and the page went on to say that there is no HTTP client."""
    assert "no HTTP client" not in PAGE
    talks = PAGE.partition("### What it talks to")[2].partition("### ")[0]
    for channel in (ROOT / "plp/jobs/alarms/channels").glob("[a-z]*.py"):
        if "http.client" in channel.read_text(encoding="utf-8"):
            assert f"| a {channel.stem} " in talks

"""The bench's own arithmetic."""

import os

import pytest

from tools.bench import page
from tools.bench.parts.overtaking import _TEXT, _before, _too_late
from tools.bench.process import cost
from tools.bench.radio import Taken, best_second, gap_ms, per_second
from tools.bench.section import Section, figure, percentile


def normal(began, ended):
    return Taken(began, ended, "", "")


def urgent(began, ended):
    return Taken(began, ended, "", _TEXT)


def test_rate_and_gap_of_two_modems():
    taken = [[normal(0.0, 0.4), normal(0.5, 0.9), normal(1.0, 1.4)], [normal(0.25, 0.5), normal(0.75, 1.0)]]
    assert per_second(taken) == pytest.approx(4.0)
    assert gap_ms(taken) == pytest.approx(100)
    assert per_second([[normal(0, 1)]]) == 0.0
    assert gap_ms([[]]) is None


def test_the_best_second_is_the_fullest():
    taken = [[normal(at, at) for at in (0.0, 0.5, 3.0, 3.2, 3.9)], [normal(3.1, 3.1), normal(4.0, 4.0)]]
    assert best_second(taken) == 4
    assert best_second([[]]) == 0


def test_what_precedes_an_urgent_one_and_what_comes_too_late():
    # committed at 1.0; the second modem takes a normal one at 1.3, while the last urgent one waits until 1.4
    first = [normal(0.5, 1.0), normal(1.05, 1.2), urgent(1.2, 1.4), urgent(1.4, 1.6), normal(1.6, 1.8)]
    second = [normal(0.9, 1.1), urgent(1.1, 1.3), normal(1.3, 1.5)]
    assert (_before(first, 1.0), _before(second, 1.0)) == (1, 0)
    assert _too_late([first, second], 1.0) == 1
    assert _too_late([first], 1.0) == 0
    assert _too_late([[normal(0, 1)]], 1.0) == 0


def test_the_percentile_is_one_of_the_values():
    values = [float(value) for value in range(200, 0, -1)]
    assert percentile(values, 0.5) == 101
    assert percentile(values, 0.99) == 199
    assert percentile([7.0], 0.99) == 7


def test_a_section_is_a_table_and_what_it_means():
    section = Section("Modems", "It means this.", ("who", "how many"))
    section.add("plp", figure(1234.56))
    section.add("nobody")
    assert section.markdown() == (
        "## Modems\n\n| who | how many |\n| --- | --- |\n| plp | 1,234.6 |\n| nobody |  |\n\nIt means this.\n"
    )


def test_a_process_costs_something_and_a_missing_one_nothing():
    assert cost([os.getpid()]).peak_mb > 1
    assert cost([2**22 + 1]) == cost([])


def test_the_page_keeps_what_was_not_measured_again(tmp_path):
    file, order = tmp_path / "page.md", ["one", "two"]
    for name, text in (("two", "first"), ("one", "first"), ("two", "second")):
        page.write(name, Section(f"{name} {text}", "", ("a",)), "a machine", "now", order, file)
    written = file.read_text()
    assert [line for line in written.splitlines() if line.startswith("##")] == ["## one first", "## two second"]
    assert written.count("a machine") == 1

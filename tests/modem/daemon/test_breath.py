"""The modems are woken soon after an order's last commit, and seldom while commits follow each other without end."""

import pytest

from modem.daemon.daemon import BREATH_S, next_breath_s


def wakings(commits_s):
    """When the daemon would see each of these commits and wake its modems: at once, or after its pause."""
    found = []
    free_s, breath_s = -1.0, 0.0
    for commit_s in commits_s:
        if found and commit_s <= found[-1]:
            continue  # seen with the one before
        seen_s = max(commit_s, free_s)
        breath_s = next_breath_s(breath_s, seen_s - free_s)
        free_s = seen_s + breath_s
        found.append(seen_s)
    return found


@pytest.mark.parametrize("commits_ms", [(0,), (0, 7), (0, 4, 9), (0, 1, 2), (0, 8, 16)])
def test_the_last_commit_of_an_order_is_seen_soon(commits_ms):
    last_s = commits_ms[-1] / 1000
    assert last_s <= wakings([at / 1000 for at in commits_ms])[-1] < last_s + 0.005


def test_without_end_they_are_woken_once_a_breath():
    second = [number / 1000 for number in range(1000)]
    assert len(wakings(second)) < 1 / BREATH_S + 5


def test_after_a_pause_the_next_order_is_seen_as_soon():
    flood = [number / 1000 for number in range(500)]
    assert wakings([*flood, 0.6, 0.605])[-1] == pytest.approx(0.605)

"""Who soaks, and for how long."""

import time

import pytest

from tests.soak.budget import TOTAL_S, Budget

_GRACE_S = 300
_shares_left = {}
_ends_s = None


def _share(item):
    return item.get_closest_marker("soak").args[0]


def pytest_collection_modifyitems(config, items):
    """Soaks run when they are asked for by their mark, and at no other time."""
    soaks = [item for item in items if item.get_closest_marker("soak")]
    if "soak" not in config.option.markexpr:
        items[:] = [item for item in items if item not in soaks]
        config.hook.pytest_deselected(items=soaks)
        return
    for item in soaks:
        _shares_left[item.nodeid] = _share(item)
        item.add_marker(pytest.mark.timeout(TOTAL_S + _GRACE_S))


@pytest.fixture
def budget(request):
    """This soak's share of the time that is left; what it does not need goes to the others."""
    global _ends_s
    now_s = time.monotonic()
    if _ends_s is None:
        _ends_s = now_s + TOTAL_S
    share = _share(request.node)
    left = sum(_shares_left.values())
    _shares_left.pop(request.node.nodeid)
    return Budget(max(1.0, (_ends_s - now_s) * share / left), request.node.name)
